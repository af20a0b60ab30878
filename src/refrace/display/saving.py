"""Write a result to a file whose suffix selects the format."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from refrace.display.export.chrome_trace import SUFFIX as PERFETTO
from refrace.display.pictures.files import png
from refrace.errors import InvalidArgument

__all__ = ["SUFFIXES", "write_result"]


class Result(Protocol):
    """What a result offers to be saved."""

    def html(self) -> str:
        """Return a complete page."""

    def svg(self, theme: Any = "auto") -> str:
        """Return the picture."""

    def to_json(self) -> str:
        """Return the result as JSON text."""

    def markdown(self) -> str:
        """Return the result as Markdown."""

    def sarif(self) -> str:
        """Return the findings as SARIF."""

    def junit(self) -> str:
        """Return the result as JUnit XML."""


_TEXTS: dict[str, Callable[[Result], str]] = {
    ".html": lambda result: result.html(),
    ".svg": lambda result: result.svg(),
    ".json": lambda result: f"{result.to_json()}\n",
    ".txt": lambda result: f"{result}\n",
    ".md": lambda result: result.markdown(),
    ".sarif": lambda result: result.sarif(),
    ".xml": lambda result: result.junit(),
}


def _traced(result: Result) -> str:
    if not hasattr(result, "chrome_trace"):
        raise InvalidArgument(
            f"{PERFETTO} is for a Timeline or a Trace, not for {type(result).__name__}"
            "; use another suffix, or refrace.timeline for a race"
        )
    traced: str = result.chrome_trace()
    return traced


SUFFIXES = (*_TEXTS, ".png")
"""The suffixes of the files that a result can be written to."""


def write_result(result: Result, path: Path) -> None:
    """Write a result to a path that `check_file` returned."""
    suffix = path.suffix.lower()
    if path.name.lower().endswith(PERFETTO):
        path.write_text(f"{_traced(result)}\n", encoding="utf-8")
    elif suffix == ".png":
        path.write_bytes(png(result.svg("light")))
    else:
        path.write_text(_TEXTS[suffix](result), encoding="utf-8")

"""Charts to files: HTML, SVG, PNG, or the Vega-Lite specification as JSON."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from refrace.display.charts.style import PNG_SCALE, altair
from refrace.errors import InvalidArgument, MissingPackage

__all__ = ["check_chart_file", "save_chart"]

# Suffix: whether it is drawn here, or holds what draws it, which takes another package.
SUFFIXES = {".html": True, ".json": False, ".png": True, ".svg": True}


def check_chart_file(name: str | Path) -> Path:
    """Return the path of a chart to be written, before anything is measured for it.

    Raises
    ------
    InvalidArgument
        If its suffix is none of those there are, or its folder is not there.
    MissingPackage
        If a package is missing for that kind of file.
    """
    path = Path(name)
    if path.suffix.lower() not in SUFFIXES:
        raise InvalidArgument(
            f"plot={str(name)!r} is no kind of chart; end the name in "
            f"{', '.join(SUFFIXES)}"
        )
    if not path.parent.is_dir():
        raise InvalidArgument(
            f"plot={str(name)!r}: there is no folder {str(path.parent)!r}; make it "
            "first, or name another"
        )
    altair()
    if SUFFIXES[path.suffix.lower()] and find_spec("vl_convert") is None:
        raise MissingPackage(
            f"plot={str(name)!r} needs the package vl-convert-python; install it: "
            "pip install 'refrace[plot]', or write .json"
        )
    return path


def save_chart(chart: Any, path: Path) -> None:
    """Write a chart to a path that :func:`check_chart_file` gave."""
    kind = path.suffix.lower().lstrip(".")
    options = {"scale_factor": PNG_SCALE} if kind == "png" else {}
    chart.save(str(path), format=kind, **options)

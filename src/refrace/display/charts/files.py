"""Save charts as HTML, SVG, PNG, or as a Vega-Lite specification in JSON."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from refrace.display.charts.standing import PNG_SCALE
from refrace.display.charts.style import altair
from refrace.errors import InvalidArgument, MissingPackage

__all__ = ["check_chart_file", "save_chart"]

# For each suffix, whether the file needs vl-convert-python.
SUFFIXES = {".html": True, ".json": False, ".png": True, ".svg": True}


def check_chart_file(name: str | Path) -> Path:
    """Return the path of a chart; check it before the measurement starts.

    Raises
    ------
    InvalidArgument
        If the suffix is not supported, or the folder does not exist.
    MissingPackage
        If a package for this kind of file is not installed.
    """
    path = Path(name)
    if path.suffix.lower() not in SUFFIXES:
        raise InvalidArgument(
            f"plot={str(name)!r} has no chart suffix; use one of {', '.join(SUFFIXES)}"
        )
    if not path.parent.is_dir():
        raise InvalidArgument(
            f"plot={str(name)!r}: there is no folder {str(path.parent)!r}; create it "
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
    """Write a chart to a path that :func:`check_chart_file` returned."""
    kind = path.suffix.lower().lstrip(".")
    options = {"scale_factor": PNG_SCALE} if kind == "png" else {}
    chart.save(str(path), format=kind, **options)

"""Check and write the files of pictures; PNG uses vl-convert, imported at first use."""

from __future__ import annotations

from collections.abc import Collection
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from refrace._base.arguments import a_kind
from refrace._base.safe_repr import shown
from refrace.errors import InvalidArgument, InvalidArgumentType, MissingPackage

__all__ = ["PICTURE_SUFFIXES", "check_file", "png"]

PICTURE_SUFFIXES = (".svg", ".png", ".html")
PNG_SCALE = 2
"""Pixels per unit, for high-resolution screens."""


def check_file(path: Any, suffixes: Collection[str]) -> Path:
    """Return the path of a file to write; check it before any work starts.

    Raises
    ------
    InvalidArgumentType, InvalidArgument
        If it is no path, the suffix is none of `suffixes`, or the folder does not
        exist.
    MissingPackage
        If the suffix is ``.png`` and the package for it is not installed.
    """
    if not isinstance(path, str | Path):
        raise InvalidArgumentType(
            f"path={shown(path)} is {a_kind(path)}; pass the name of a file"
        )
    checked = Path(path)
    suffix = checked.suffix.lower()
    if suffix not in suffixes:
        had = f"the suffix {suffix!r}" if suffix else "no suffix"
        raise InvalidArgument(
            f"path={str(path)!r} has {had}; use one of {', '.join(suffixes)}"
        )
    if not checked.parent.is_dir():
        raise InvalidArgument(
            f"path={str(path)!r}: there is no folder {str(checked.parent)!r}; create "
            "it first, or name another"
        )
    if suffix == ".png" and find_spec("vl_convert") is None:
        raise MissingPackage(
            f"path={str(path)!r} needs the package vl-convert-python; install it: "
            "pip install 'refrace[plot]', or write .svg"
        )
    return checked


def png(svg: str) -> bytes:
    """Return an SVG document as PNG."""
    import vl_convert

    image: bytes = vl_convert.svg_to_png(svg, scale=PNG_SCALE)
    return image

"""How programs and stored results are read: never more than one of them can be."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from refrace.errors import InvalidArgument

__all__ = ["MOST_BYTES", "read_file", "read_stream"]

MOST_BYTES = 2**26
"""Bytes that are read of one file: a program of some three million lines."""


def read_file(path: Path) -> bytes:
    """Return what a file has.

    Raises
    ------
    OSError
        If it cannot be read.
    InvalidArgument
        If it has more than `MOST_BYTES`, or has no end, as a device may.
    """
    with path.open("rb") as stream:
        return read_stream(stream, repr(str(path)))


def read_stream(stream: BinaryIO, name: str) -> bytes:
    """Return what a stream has; errors as those of :func:`read_file`."""
    content = stream.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise InvalidArgument(
            f"{name} has more than {MOST_BYTES:,} bytes, the most that is read; pass a "
            "file with one program or one result"
        )
    return content

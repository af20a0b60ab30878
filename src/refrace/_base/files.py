"""Read programs and stored results, up to a maximum size."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from refrace.errors import InvalidArgument

__all__ = ["MOST_BYTES", "read_file", "read_stream"]

MOST_BYTES = 2**26
"""The largest file that is read: a program of about three million lines."""


def read_file(path: Path) -> bytes:
    """Return the content of a file.

    Raises
    ------
    OSError
        If the file cannot be read.
    InvalidArgument
        If the file has more than `MOST_BYTES`, or no end, like some devices.
    """
    with path.open("rb") as stream:
        return read_stream(stream, repr(str(path)))


def read_stream(stream: BinaryIO, name: str) -> bytes:
    """Return the content of a stream; errors as in :func:`read_file`."""
    content = stream.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise InvalidArgument(
            f"{name} has more than {MOST_BYTES:,} bytes, the maximum; pass a file with "
            "one program or one result"
        )
    return content

"""What was read from a file, until the file changes."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import wraps
from typing import TypeVar

__all__ = ["cached_by_file"]

Read = TypeVar("Read")


def cached_by_file(read: Callable[[str], Read]) -> Callable[[str], Read]:
    """Keep what a function reads from a file as long as the file is the same.

    An extension that is built again in the same folder has other lines and other
    variables at the same places, so its name alone does not say what was read.

    Parameters
    ----------
    read : callable
        Of the path of a file.
    """
    kept: dict[str, tuple[tuple[int, ...], Read]] = {}

    @wraps(read)
    def cached(path: str) -> Read:
        try:
            status = os.stat(path)
        except OSError:
            return read(path)
        stamp = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
        known = kept.get(path)
        if known is None or known[0] != stamp:
            known = kept[path] = (stamp, read(path))
        return known[1]

    return cached

"""What was read from a file, until the file changes."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import update_wrapper
from typing import Generic, TypeVar

__all__ = ["cached_by_file"]

Read = TypeVar("Read")


class cached_by_file(Generic[Read]):
    """Keep what a function reads from a file as long as the file is the same.

    An extension that is built again in the same folder has other lines and other
    variables at the same places, so its name alone does not say what was read.

    Parameters
    ----------
    read : callable
        Of the path of a file.
    """

    def __init__(self, read: Callable[[str], Read]) -> None:
        self._read = read
        self._kept: dict[str, tuple[tuple[int, ...], Read]] = {}
        update_wrapper(self, read)

    def __call__(self, path: str) -> Read:
        """Return what the file has now."""
        try:
            status = os.stat(path)
        except OSError:
            return self._read(path)
        stamp = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
        known = self._kept.get(path)
        if known is None or known[0] != stamp:
            known = self._kept[path] = (stamp, self._read(path))
        return known[1]

    def cache_clear(self) -> None:
        """Forget all files, as a cache of functools does."""
        self._kept.clear()

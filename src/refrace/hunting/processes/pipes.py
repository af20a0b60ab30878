"""A pipe from a child; the parent keeps its last bytes, up to a bound."""

from __future__ import annotations

import os
from contextlib import suppress

from refrace.hunting.limits import MOST_OUTPUT

__all__ = ["Pipe"]

_PART = 65_536


class Pipe:
    """A pipe that the parent reads without waiting; it keeps the last `most` bytes.

    Attributes
    ----------
    reader, writer : int
        The file descriptors of its ends.
    is_open : bool
        Whether another process can still write to it.
    """

    def __init__(self, most: int = MOST_OUTPUT) -> None:
        self.reader, self.writer = os.pipe()
        os.set_blocking(self.reader, False)
        self.is_open = True
        self._most = most
        self._kept = b""

    def close_writer(self) -> None:
        """Close the end that another process has got."""
        if self.writer >= 0:
            os.close(self.writer)
            self.writer = -1

    def drain(self) -> bytes:
        """Read what has arrived, and keep the end of it."""
        new = b""
        while self.is_open:
            try:
                part = os.read(self.reader, _PART)
            except BlockingIOError:
                break
            except OSError:
                part = b""
            if not part:
                self.is_open = False
                break
            new += part
            if len(new) > 16 * _PART:  # a flood; look after the child in between
                break
        if self._most:
            self._kept = (self._kept + new)[-self._most :]
        return new

    def text(self) -> str:
        """Return the end of what was read."""
        return self._kept.decode(errors="backslashreplace")

    def close(self) -> None:
        """Close both ends."""
        self.close_writer()
        with suppress(OSError):
            os.close(self.reader)
        self.is_open = False

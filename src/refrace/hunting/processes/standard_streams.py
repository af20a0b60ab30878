"""Keep new file descriptors apart from those of the standard streams."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["apart_from_standard_streams"]

_ERROR_STREAM = 2


@contextmanager
def apart_from_standard_streams() -> Iterator[None]:
    """Give descriptors that are opened inside numbers above 2.

    In a process that was started with a closed standard stream, the next descriptor has
    its number.  A child process would get it replaced by its own stream.
    """
    taken = []
    try:
        while True:
            descriptor = os.open(os.devnull, os.O_RDWR)
            taken.append(descriptor)
            if descriptor > _ERROR_STREAM:
                break
        yield
    finally:
        for descriptor in taken:
            os.close(descriptor)

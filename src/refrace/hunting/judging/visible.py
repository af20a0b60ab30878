"""References that the garbage collector can see.

A reference that no visible object has may be a lost one.  An object to which a visible
container refers is kept, by a cache for example, and not leaked.
"""

from __future__ import annotations

import gc
import types
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

__all__ = [
    "container_sizes",
    "everything_visible",
    "freeze_once",
    "largest_growth",
    "references_to",
]


_is_frozen = False


def freeze_once() -> None:
    """Leave out what exists already of all later collections; they take less time."""
    global _is_frozen
    if not _is_frozen:
        gc.collect()
        gc.freeze()
        _is_frozen = True


@contextmanager
def everything_visible() -> Iterator[None]:
    """Let the collector see what was frozen, inside of this block."""
    gc.unfreeze()
    try:
        yield
    finally:
        gc.freeze()


def references_to(value: Any) -> int:
    """Return how many references to `value` visible objects have."""
    count = 0
    for holder in gc.get_referrers(value):
        if isinstance(holder, types.FrameType):
            continue
        # No generator: the cell of its closure would refer to the value.
        for one in gc.get_referents(holder):
            count += one is value
    return count


def container_sizes() -> dict[int, int]:
    """Return the sizes of all visible containers by address."""
    kinds = (list, dict, set, deque)
    return {id(one): len(one) for one in gc.get_objects() if type(one) in kinds}


def largest_growth(before: dict[int, int], after: dict[int, int]) -> int:
    """Return the largest growth of one container that was there before."""
    return max(
        (size - before[key] for key, size in after.items() if key in before), default=0
    )

"""References that the garbage collector can see.

A reference that no visible object has may be a leak.  An object to which a visible
container refers is not leaked but kept, by a cache for example.
"""

from __future__ import annotations

import gc
import types
from collections import deque
from collections.abc import Container, Iterator
from contextlib import contextmanager
from itertools import chain
from typing import Any

from refrace._native import refcount as native

__all__ = [
    "container_sizes",
    "entries_that_may_refer",
    "everything_visible",
    "freeze_once",
    "growing",
    "left_out",
    "references_to",
    "sizes_of_all",
]


_GROWING = (list, dict, set, deque)
# Objects of these types, and of no subclass, refer to no others.
_REFER_TO_NOTHING = frozenset({bool, bytes, complex, float, int, str, type(None)})

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
    """Let the collector see what was frozen, inside this block."""
    gc.unfreeze()
    try:
        yield
    finally:
        gc.freeze()


def references_to(value: Any, besides: list[Any] | None = None) -> int:
    """Return how many references to `value` visible objects have.

    Parameters
    ----------
    value : object
    besides : list of object, optional
        Visible objects that the collector leaves out.  Default: none.
    """
    holders = [
        holder
        for holder in gc.get_referrers(value)
        if not isinstance(holder, types.FrameType)
    ]
    count = native.count_references(holders, value)
    return count + native.count_references(besides or [], value)


def left_out() -> list[Any]:
    """Return the dictionaries and tuples that the collector leaves out of its work.

    They hold nothing that can be in a cycle, as far as it knows, so `gc.get_referrers`
    does not find them.  Neither does it find classes that are immortal: on CPython 3.13
    without a GIL all are, as soon as there has been a second thread.
    """
    return native.left_out([*gc.get_objects(), *_classes()])


def _classes() -> list[type]:
    found: list[type] = [object]
    seen = {id(object)}
    for one in found:  # which grows
        below: type
        for below in type.__subclasses__(one):
            if id(below) not in seen:
                seen.add(id(below))
                found.append(below)
    return found


def container_sizes() -> dict[int, int]:
    """Return the sizes of all visible containers by address."""
    return {id(one): len(one) for one in gc.get_objects() if type(one) in _GROWING}


def sizes_of_all() -> dict[int, int]:
    """Return the sizes of containers by address, with those that are left out."""
    gc.collect()  # garbage that is frozen at the end of the block would stay for ever
    with everything_visible():
        return {
            id(one): len(one)
            for one in chain(gc.get_objects(), left_out())
            if type(one) in _GROWING
        }


def entries_that_may_refer(
    among: Container[int], but_for: Container[int] = ()
) -> dict[int, int]:
    """Return how many entries of each container may refer to others, by its address.

    A log of numbers and texts has no such entries, so it explains no reference, however
    much it grows.

    Parameters
    ----------
    among : container of int
        The addresses of the containers to look at.
    but_for : container of int
        The addresses of entries that do not count.  Default: none.
    """
    with everything_visible():
        return {
            id(one): sum(
                type(entry) not in _REFER_TO_NOTHING and id(entry) not in but_for
                for entry in gc.get_referents(one)
            )
            for one in chain(gc.get_objects(), left_out())
            if id(one) in among and type(one) in _GROWING
        }


def growing(before: dict[int, int], after: dict[int, int], least: float) -> set[int]:
    """Return the addresses of containers that have grown by so much."""
    return {
        key
        for key, size in after.items()
        if key in before and size - before[key] >= least
    }

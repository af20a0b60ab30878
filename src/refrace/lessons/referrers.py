"""Find the referrers of an object without touching it.

Nothing here compares, hashes or prints the object or runs code of its type.  Everything
works by identity, through the garbage collector and frames.
"""

from __future__ import annotations

import gc
import sys
from _thread import get_ident
from collections.abc import Iterator, Sequence
from types import (
    AsyncGeneratorType,
    CodeType,
    CoroutineType,
    FrameType,
    GeneratorType,
)
from typing import Any

from refrace._native.refcount import count_identical, locals_that_are
from refrace.environment import gil_is_enabled

__all__ = [
    "frame_of_generator",
    "frames_to_search",
    "holders_of",
    "is_generator",
    "untracked_holders_of",
    "variables_in",
]

_FRAMES = (
    (GeneratorType, GeneratorType.__dict__["gi_frame"]),
    (CoroutineType, CoroutineType.__dict__["cr_frame"]),
    (AsyncGeneratorType, AsyncGeneratorType.__dict__["ag_frame"]),
)

OBJECTS_AT_ONCE = 10_000


def is_generator(obj: Any) -> bool:
    """Return whether the type of `obj` keeps a suspended frame."""
    return any(type(obj) is kind for kind, _ in _FRAMES)


def frame_of_generator(obj: Any) -> FrameType | None:
    """Return the frame of a generator; None if it has ended or is not a generator.

    Types are always compared by identity, because a metaclass may define how its
    classes hash and compare.
    """
    for kind, descriptor in _FRAMES:
        if type(obj) is kind:
            frame: FrameType | None = descriptor.__get__(obj)
            return frame
    return None


def frames_to_search(caller: FrameType | None) -> tuple[list[FrameType], int]:
    """Return the frames whose locals can be read, and the number of threads skipped.

    These are the frames of the calling thread from `caller` outwards, and those of the
    other threads if a GIL keeps them from running meanwhile.
    """
    # No variable of this call may refer to its own frame: that would be a cycle, which
    # keeps the variables of its callers alive until the next garbage collection.
    others = sys._current_frames()
    others.pop(get_ident(), None)
    innermost: list[FrameType | None] = [caller]
    unseen = len(others)
    if gil_is_enabled():
        innermost += others.values()
        unseen = 0
    frames: list[FrameType] = []
    for frame in innermost:
        while frame is not None:
            frames.append(frame)
            frame = frame.f_back
    return frames, unseen


def holders_of(keep: list[Any]) -> list[tuple[Any, int]]:
    """Return each tracked object that refers to ``keep[0]``, and how often it does.

    `keep` itself is excluded.  The number is what the garbage collector relies on: the
    references that the traversal of the holder visits.
    """
    referrers = gc.get_referrers(keep[0])
    found = []
    for holder in referrers:
        if holder is not keep:
            n = count_identical(gc.get_referents(holder), keep[0])
            if n:
                found.append((holder, n))
    return found


def variables_in(
    keep: list[Any], frames: Sequence[FrameType], holders: Sequence[tuple[Any, int]]
) -> Iterator[tuple[FrameType, list[str]]]:
    """Yield the frames in which plain locals are ``keep[0]``, with their names.

    Frames of generators that are among the `holders` are skipped: the traversal of the
    generator has already shown their locals.
    """
    shown = {id(frame_of_generator(holder)) for holder, _ in holders}
    for frame in frames:
        if id(frame) not in shown:
            names = locals_that_are(frame, keep[0])
            if names:
                yield frame, names


def untracked_holders_of(keep: list[Any]) -> list[tuple[Any, int]]:
    """Return untracked tuples, dictionaries and code objects that hold ``keep[0]``.

    They are found through tracked objects.  Only an untracked object can be held by
    untracked containers alone.
    """
    seen: set[int] = set()
    found: list[tuple[Any, int]] = []
    objects = gc.get_objects()
    waiting: list[Any] = []
    for start in range(0, len(objects), OBJECTS_AT_ONCE):
        reached = gc.get_referents(*objects[start : start + OBJECTS_AT_ONCE])
        _add_untracked(reached, waiting, seen)
    del objects
    while waiting:
        container = waiting.pop()
        values = _values_of(container)
        n = count_identical(values, keep[0])
        if n:
            found.append((container, n))
        _add_untracked(values, waiting, seen)
    return found


def _add_untracked(values: list[Any], waiting: list[Any], seen: set[int]) -> None:
    for value in values:
        kind = type(value)
        if (
            (kind is tuple or kind is dict or kind is CodeType)
            and id(value) not in seen
            and not gc.is_tracked(value)
        ):
            seen.add(id(value))
            waiting.append(value)


def _values_of(container: Any) -> list[Any]:
    if type(container) is CodeType:
        tables = (container.co_consts, container.co_names)
        # Tracked tables have been visited already.
        return [value for t in tables if not gc.is_tracked(t) for value in t]
    return gc.get_referents(container)

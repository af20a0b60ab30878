"""How many objects of each type exist, and what holds one of them."""

from __future__ import annotations

import gc
from array import array
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from refrace._base.safe_repr import shown
from refrace.lessons.explain_refcount import explain_refcount

__all__ = ["LeakedType", "TypeLevels", "explain_leaked", "newest_of", "qualified"]

MOST_NEW_TYPES = 200
MOST_HOLDERS = 3


@dataclass(frozen=True, slots=True)
class LeakedType:
    """A type with more and more objects, and one of these.

    Attributes
    ----------
    type_name : str
        Module and qualified name.
    example : str
        The representation of one of its newest objects, truncated.
    references : int
        The reference count of that object.
    unattributed : int
        References that no holder known to the collector has: C code took them.
    held_by : tuple of str
        What holds the others, up to three places.
    """

    type_name: str
    example: str
    references: int
    unattributed: int
    held_by: tuple[str, ...]


def qualified(kind: type) -> str:
    """Return module and name of a type without running code of its metaclass."""
    name = type.__dict__["__qualname__"].__get__(kind)
    try:
        module = type.__dict__["__module__"].__get__(kind)
    except AttributeError:
        module = None
    known = isinstance(module, str) and module != "builtins"
    return f"{module}.{name}" if known else str(name)


class TypeLevels:
    """Numbers of tracked objects by type, at each of some points."""

    def __init__(self, points: int) -> None:
        self.points = points
        self.levels: dict[str, array[int]] = {}
        self.start = 0

    def read(self, point: int) -> None:
        """Count all objects that the collector tracks; store it as that point.

        Read a point once before anything is measured: the first time makes the rows.
        """
        for row in self.levels.values():
            row[point] = 0
        objects = gc.get_objects()
        # By identity, because a metaclass may define how its classes hash and compare.
        numbers = Counter(map(id, map(type, objects)))
        kinds = dict(zip(map(id, map(type, objects)), map(type, objects), strict=True))
        del objects
        if not self.levels:
            self.start = len(kinds)
        for key, number in numbers.items():
            name = qualified(kinds[key])
            if name not in self.levels:
                if len(self.levels) > self.start + MOST_NEW_TYPES:
                    continue
                self.levels[name] = array("q", bytes(8 * self.points))
            self.levels[name][point] += number


def newest_of(names: Collection[str]) -> dict[str, Any]:
    """Return one of the newest tracked objects of each type of these names."""
    found: dict[str, Any] = {}
    objects = gc.get_objects()
    for obj in reversed(objects):
        if len(found) == len(names):
            break
        name = qualified(type(obj))
        if name in names and name not in found and obj is not objects:
            found[name] = obj
    return found


def explain_leaked(name: str, found: dict[str, Any]) -> LeakedType:
    """Return what holds the object ``found[name]``."""
    # The object is in no variable here, which would be one more reference.
    explained = explain_refcount(found[name])
    places = [part for part in explained.parts if part.seen]
    own = [part for part in places if part.kind == "argument" or _is_ours(part.place)]
    others = [part.place for part in places if part not in own]
    return LeakedType(
        type_name=name,
        example=shown(found[name], 60),
        references=max(0, explained.shown - sum(part.count for part in own)),
        unattributed=explained.unattributed,
        held_by=tuple(others[:MOST_HOLDERS]),
    )


def _is_ours(place: str) -> bool:
    """Return whether a place is the dictionary of found objects, a local of ours."""
    return "found" in place and "()" in place

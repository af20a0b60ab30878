"""Levels that must not grow over rounds: memory, and counts of shared objects."""

from __future__ import annotations

import builtins
import ctypes
import gc
import sys
import types
from array import array
from collections.abc import Iterable
from contextlib import suppress
from itertools import pairwise
from typing import Any, NamedTuple

from refrace._base.attributes import attribute_or_none
from refrace.hunting.caches import clear_caches
from refrace.hunting.judging.visible import (
    container_sizes,
    everything_visible,
    growing,
    references_to,
)
from refrace.hunting.slopes import FEWEST_POINTS, Slope, slope_of

__all__ = [
    "Levels",
    "Suspicion",
    "is_enough_growth",
    "note_modules",
    "shared_objects",
]

LEAST_BLOCKS = 0.2
"""Allocated blocks a round that count as growth."""

LEAST_BYTES = 400.0
"""Allocated bytes a round that count as growth, outside of the small blocks."""

LEAST_REFERENCES = 0.2
"""References a round to a shared object that count as a change."""

MOST_SHARED = 6_000

MOST_READINGS = 15


class _MallocInfo(ctypes.Structure):
    _fields_ = [
        (name, ctypes.c_size_t)
        for name in (
            *("arena", "ordblks", "smblks", "hblks", "hblkhd"),
            *("usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"),
        )
    ]


def _malloc_bytes() -> Any:
    """Return a function that reads the bytes that malloc has given out, or None."""
    try:
        read = ctypes.CDLL(None).mallinfo2
    except (OSError, AttributeError):
        return None
    read.restype = _MallocInfo

    def level() -> int:
        info = read()
        return int(info.uordblks + info.hblkhd)

    return level


def _numbers(count: int) -> array[int]:
    return array("q", bytes(8 * count))


class Suspicion(NamedTuple):
    """A level that seems to grow or to fall."""

    what: str  # "blocks", "bytes" or "references"
    name: str
    slope: Slope
    position: int = -1


_OUTLIERS = 1
"""Slopes on one side that the interval of 12 leaves out."""

_LEAST = {
    "blocks": LEAST_BLOCKS,
    "bytes": LEAST_BYTES,
    "references": LEAST_REFERENCES,
}


def is_enough_growth(found: Suspicion, rounds: int, expected: int) -> bool:
    """Return whether a level changed as much as the least growth in `expected` rounds.

    In few rounds, one more cached object would look like a leak in each of them.
    """
    return abs(found.slope.per_call) * rounds >= _LEAST[found.what] * expected


class Levels:
    """Reads levels at quiet moments.

    Parameters
    ----------
    shared : iterable of (str, object)
        Shared objects whose reference counts are read, with their names.
    """

    _bytes = staticmethod(_malloc_bytes() or (lambda: 0))

    def __init__(self, shared: Iterable[tuple[str, Any]]) -> None:
        listed = list(shared)
        self._names = [name for name, _ in listed]
        self._objects = [value for _, value in listed]
        # Made in advance: what the readings need must not count as growth.
        self._used = 0
        self._rounds = _numbers(MOST_READINGS)
        self._blocks = _numbers(MOST_READINGS)
        self._sizes = _numbers(MOST_READINGS)
        self._counts = [_numbers(len(listed)) for _ in range(MOST_READINGS)]

    def read(self, rounds: int, *, is_collected: bool = False) -> None:
        """Read all levels after so many rounds, and after a collection."""
        at = self._used
        if self.is_full:
            return
        if not is_collected:
            gc.collect()
        clear_caches()
        counts = self._counts[at]
        for position, one in enumerate(self._objects):
            counts[position] = sys.getrefcount(one)
        self._rounds[at] = rounds
        self._blocks[at] = sys.getallocatedblocks()
        self._sizes[at] = self._bytes()
        self._used += 1

    @property
    def is_full(self) -> bool:
        """Whether no reading more can be stored."""
        return self._used == MOST_READINGS

    @property
    def is_enough(self) -> bool:
        """Whether there are enough points for an interval."""
        return self._used >= FEWEST_POINTS

    def hints(self) -> list[Suspicion]:
        """Return the levels that change between all readings, of which few are enough.

        On a free-threaded build a collection takes milliseconds, and most programs leak
        nothing.  :meth:`suspicions` of more readings settles it.
        """
        found = []
        levels = [
            ("blocks", "", -1, LEAST_BLOCKS, self._blocks[: self._used]),
            ("bytes", "", -1, LEAST_BYTES, self._sizes[: self._used]),
        ]
        counts = self._counts[: self._used]
        for at, name in enumerate(self._names):
            if counts and counts[0][at] != counts[-1][at]:
                one = array("q", [each[at] for each in counts])
                levels.append(("references", name, at, LEAST_REFERENCES, one))
        for what, name, position, least, values in levels:
            rates = self._rates(values)
            falls = position >= 0 and all(rate <= -least for rate in rates)
            if rates and (falls or all(rate >= least for rate in rates)):
                middle = sorted(rates)[len(rates) // 2]
                slope = Slope(
                    middle, min(rates), max(rates), rates[0], rates[-1], self._used
                )
                found.append(Suspicion(what, name, slope, position))
        return found

    def _rates(self, values: array[int]) -> list[float]:
        points = list(zip(self._rounds[: self._used], values, strict=True))
        return [
            (later - level) / (end - begin)
            for (begin, level), (end, later) in pairwise(points)
        ]

    def may_confirm(self, suspects: Iterable[Suspicion]) -> bool:
        """Return whether more readings may show that one of these changes for ever.

        The interval of 12 slopes leaves out the lowest and the highest one, so two
        without growth settle that there is none.
        """
        return any(self._may_change(one) for one in suspects)

    def _may_change(self, suspect: Suspicion) -> bool:
        if suspect.what == "references":
            if suspect.name not in self._names:
                return False
            at = self._names.index(suspect.name)
            values = array("q", [each[at] for each in self._counts[: self._used]])
        else:
            source = self._blocks if suspect.what == "blocks" else self._sizes
            values = source[: self._used]
        rates, least = self._rates(values), _LEAST[suspect.what]
        not_rising = sum(rate < least for rate in rates)
        not_falling = sum(rate > -least for rate in rates)
        can_fall = suspect.what == "references" and not_falling <= _OUTLIERS
        return not_rising <= _OUTLIERS or can_fall

    def suspicions(self) -> list[Suspicion]:
        """Return the levels that change in all parts of the run."""
        if not self.is_enough:
            return []
        found = []
        rounds, counts = self._rounds[: self._used], self._counts[: self._used]
        blocks = slope_of(rounds, self._blocks[: self._used])
        if blocks.grows and blocks.low >= LEAST_BLOCKS:
            found.append(Suspicion("blocks", "", blocks))
        sizes = slope_of(rounds, self._sizes[: self._used])
        if sizes.grows and sizes.low >= LEAST_BYTES:
            found.append(Suspicion("bytes", "", sizes))
        for index, name in enumerate(self._names):
            if counts[0][index] == counts[-1][index]:
                continue
            slope = slope_of(rounds, [one[index] for one in counts])
            rises = slope.low >= LEAST_REFERENCES and not slope.falls_off
            if rises or slope.high <= -LEAST_REFERENCES:
                found.append(Suspicion("references", name, slope, index))
        return found

    def snapshot(self, suspects: Iterable[Suspicion]) -> Snapshot:
        """Note what visible objects hold now, for :meth:`is_explained`."""
        with everything_visible():
            gc.collect()
            return Snapshot(
                container_sizes(),
                {
                    one.position: references_to(self._objects[one.position])
                    for one in suspects
                    if one.position >= 0
                },
            )

    def is_explained(
        self, suspect: Suspicion, before: Snapshot, after: Snapshot, rounds: int
    ) -> bool:
        """Return whether visible containers account for a change over `rounds`."""
        if suspect.position >= 0:
            where = suspect.position
            change = after.references[where] - before.references[where]
            return abs(change) >= abs(suspect.slope.per_call) * rounds / 2
        return bool(growing(before.sizes, after.sizes, rounds / 4))


class Snapshot(NamedTuple):
    """What visible objects hold at a moment."""

    sizes: dict[int, int]
    references: dict[int, int]


_modules_at_first: frozenset[str] | None = None


def note_modules() -> None:
    """Note which modules this process has, before operations import more of them."""
    global _modules_at_first
    if _modules_at_first is None:
        _modules_at_first = frozenset(sys.modules)


def shared_objects(target: Any) -> list[tuple[str, Any]]:
    """Return the objects that code of a subject shares with everyone, with their names.

    These are the builtins, small constants, and what the modules of the package under
    test define; also those of packages that an operation has imported.
    """
    found: dict[int, tuple[str, Any]] = {}

    def add(name: str, value: Any) -> None:
        if len(found) < MOST_SHARED:
            found.setdefault(id(value), (name, value))

    for name, value in vars(builtins).items():
        add(f"builtins.{name}", value)
    # Numbers are left out: the hunt itself keeps some from round to round.
    for value in ((), "", b""):
        add(repr(value), value)
    for module in _modules_of(target):
        for name, value in list(vars(module).items()):
            if not name.startswith("__"):
                add(f"{module.__name__}.{name}", value)
    return [(name, value) for name, value in found.values() if name != "builtins._"]


def _names_in_reach(target: Any) -> list[Any]:
    """Return the values of the names that the code of a subject can use."""
    found: list[Any] = []
    if not isinstance(target, types.FunctionType):
        module = sys.modules.get(getattr(target, "__module__", None) or "")
        found += [] if module is None else vars(module).values()
    members = vars(target).values() if isinstance(target, type) else (target,)
    for one in list(members):
        if isinstance(one, types.FunctionType):
            found += one.__globals__.values()
            for cell in one.__closure__ or ():
                with suppress(ValueError):  # it is still empty
                    found.append(cell.cell_contents)
    return found


def _modules_of(target: Any) -> list[Any]:
    """Return the modules of the packages that the module of a subject uses."""
    owners = set()
    for value in _names_in_reach(target):
        is_module = isinstance(value, type(sys))
        name = attribute_or_none(value, "__name__" if is_module else "__module__")
        if isinstance(name, str):
            owners.add(name.split(".")[0])
    if _modules_at_first is not None:
        owners |= {name.split(".")[0] for name in {*sys.modules} - _modules_at_first}
    owners -= {*sys.stdlib_module_names, "refrace", "hypothesis", "__main__"}
    return [
        module
        for name, module in list(sys.modules.items())
        if name.split(".")[0] in owners and isinstance(module, type(sys))
    ]

"""Programs of drawn calls: which thread makes which, and what the canaries do.

Drawing arguments is slow, and a bug may need certain arguments together with a certain
hook.  So the same calls are arranged several times.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from refrace.canaries.hook import Hook
from refrace.canaries.protocols import PROTOCOLS
from refrace.canaries.spec import CanarySpec, Owner
from refrace.strategies.draw_operations import draw_arguments
from refrace.strategies.drawing import Drawing, pick
from refrace.subjects import (
    Call,
    HuntProgram,
    Noise,
    Operation,
    Subject,
    dump,
    is_plain,
)
from refrace.subjects.text import arguments_text

__all__ = ["Material", "arranged", "draw_material"]

CALLS_ALONE = (8, 8, 20)
CALLS_TOGETHER = 8
CALLS_OF_A_THREAD = 4
MOST_PREFIX = 3
MOST_SUFFIX = 2
MOST_REENTRIES = 3

# How often threads make their calls in a round: many times, so that they overlap.
TIMES = (3, 10, 30, 60)
MOST_BYTES = 3_000_000
"""Pickled arguments that a round may load."""
MOST_CANARIES = 500
"""Canaries that a round may make."""

# What hooks do in a program: slot and action.  A program has one or two of these, so
# that its canaries aim at the same weakness.  One thread has nobody to yield to.
_ALONE = (
    *(("death", "reenter"), ("any", "reenter"), ("call", "mutate"), ("any", "mutate")),
    *(("any", "raise"), ("one", "raise"), ("one", "reenter"), ("any", "drop")),
    *(("death", "reenter"), ("one", "mutate"), ("death", "mutate")),
)
_TOGETHER = (("any", "yield"), ("death", "yield"), ("one", "yield"), *_ALONE)

# Making one of a worker starts a thread.
_OWNERS: tuple[Owner, ...] = (
    *("main", "main", "main", "main", "main"),
    *("merged", "merged", "worker"),
)


@dataclass(frozen=True)
class _Entry:
    """A drawn call."""

    operation: str
    positional: tuple[Any, ...]
    named: dict[str, Any]


@dataclass(frozen=True)
class Material:
    """The drawn calls of which programs are made.

    Attributes
    ----------
    n_threads : int
        Threads of the programs.
    calls : list
        Calls, of few operations.
    observers : list
        A call of each operation without arguments.
    reentries : list
        Calls of any operation.
    opening : bool
        Whether the first call is one of the first operation.
    """

    n_threads: int
    calls: list[_Entry]
    observers: list[_Entry]
    reentries: list[_Entry]
    opening: bool


def draw_material(
    draw: Any, drawn: Drawing, subject: Subject, counts: Sequence[int]
) -> Material:
    """Draw the calls of programs with one of the numbers of threads."""
    every = list(subject.operations.values())
    n_threads = pick(draw, counts)
    chosen = _choose_operations(draw, every)
    most = pick(draw, CALLS_ALONE) if n_threads == 1 else CALLS_TOGETHER
    number = pick(draw, range(1, most + 1)) if n_threads == 1 else most
    # What opens or makes something usually stands first in a class.
    opening = pick(draw, (False, True))
    operations = [
        every[0] if opening and not at else pick(draw, chosen) for at in range(number)
    ]
    calls = [_drawn_call(draw, one) for one in operations]
    more = pick(draw, range(1, MOST_REENTRIES + 1))
    reentries = [_drawn_call(draw, pick(draw, every)) for _ in range(more)]
    observers = [_Entry(one.name, (), {}) for one in every if one.parameters == ()]
    return Material(n_threads, calls, observers, reentries, opening)


def _choose_operations(draw: Any, every: list[Operation]) -> list[Operation]:
    """Choose which operations a program has: few of them interact more often."""
    if len(every) <= 2 or pick(draw, (False, True)):
        return every
    return [pick(draw, every) for _ in range(pick(draw, (1, 2, 2, 3)))]


def _drawn_call(draw: Any, operation: Operation) -> _Entry:
    return _Entry(operation.name, *draw_arguments(draw, operation))


def arranged(draw: Any, drawn: Drawing, material: Material) -> HuntProgram:
    """Return a program of the drawn calls; another one each time."""
    prefix: list[_Entry] = []
    suffix: list[_Entry] = []
    times = 1
    if material.n_threads == 1:
        threads = [_some(draw, material)]
    else:
        prefix = _some(draw, material)[: pick(draw, range(MOST_PREFIX + 1))]
        threads, times = _threads(draw, material)
        ends = material.observers or material.calls
        least = min(len(material.observers), 1)
        suffix = [
            pick(draw, ends) for _ in range(pick(draw, range(least, MOST_SUFFIX + 1)))
        ]
    kinds = _kinds(draw, material.n_threads)
    may_act = drawn.needs_reentries or (
        drawn.canaries and any(action == "reenter" for _, action in kinds)
    )
    reentries = _reentries(draw, material) if may_act else []
    sections = [prefix, *threads, suffix, reentries]
    entries = [entry for section in sections for entry in section]
    numbers: dict[int, int] = {}
    values = dump([(one.positional, one.named) for one in entries], numbers)
    used = [drawn.canaries[number] for number in numbers]
    with drawn.renumbered(numbers):
        calls = [
            Call(one.operation, arguments_text(one.positional, one.named))
            for one in entries
        ]
    remaining = iter(calls)

    def take(section: list[_Entry]) -> tuple[Call, ...]:
        return tuple(next(remaining) for _ in section)

    is_one_call = len({id(one) for thread in threads for one in thread}) == 1
    own = material.n_threads if is_one_call else 1
    shared = all(is_plain((*e.positional, *e.named.values())) for e in entries)
    size = 0 if shared else len(values)  # what cannot change is loaded once
    return HuntProgram(
        prefix=take(prefix),
        threads=tuple(take(thread) for thread in threads),
        suffix=take(suffix),
        reentries=take(reentries),
        canaries=tuple(
            _spec(draw, number, one.supports, kinds) for number, one in enumerate(used)
        ),
        values=values,
        noise=_noise(draw, material.n_threads),
        times=_affordable(times, own, size, len(used)),
    )


def _some(draw: Any, material: Material) -> list[_Entry]:
    """Return some of the calls, in some order."""
    calls = list(material.calls)
    number = pick(draw, range(1, len(calls) + 1))
    if pick(draw, (False, True)):
        return calls[:number]
    first = [calls.pop(0)] if material.opening else []
    mixed = [calls.pop(pick(draw, range(len(calls)))) for _ in range(len(calls))]
    return [*first, *mixed][:number]


def _threads(draw: Any, material: Material) -> tuple[list[list[_Entry]], int]:
    """Return the calls of each thread, and how often it makes them."""
    n_threads, calls = material.n_threads, material.calls
    shape = pick(draw, ("few calls", "same call", "one each", "few each"))
    if shape == "same call":
        one = pick(draw, calls)
        return [[one] for _ in range(n_threads)], pick(draw, TIMES)
    most = CALLS_OF_A_THREAD if n_threads == 2 else 2
    if shape != "few calls":
        most = 1 if shape == "one each" else 2
    times = 1 if shape == "few calls" else pick(draw, TIMES)
    ends = [*calls, *(material.observers if times > 1 else [])]
    return [
        [pick(draw, ends) for _ in range(pick(draw, range(1, most + 1)))]
        for _ in range(n_threads)
    ], times


def _affordable(times: int, own: int, size: int, canaries: int) -> int:
    """Return how often calls can be made, each time with new arguments."""
    most = min(MOST_BYTES // max(1, size), MOST_CANARIES // max(1, canaries)) // own
    return max(1, min(times, most))


def _reentries(draw: Any, material: Material) -> list[_Entry]:
    possible = [*material.reentries, *material.observers]
    return [
        pick(draw, possible) for _ in range(pick(draw, range(1, MOST_REENTRIES + 1)))
    ]


def _kinds(draw: Any, n_threads: int) -> list[tuple[str, str]]:
    """Draw what hooks do.

    Half of the programs with threads have none, and comparable answers.
    """
    without = (True, False) if n_threads > 1 else (True, False, False, False)
    if pick(draw, without):
        return []
    possible = _ALONE if n_threads == 1 else _TOGETHER
    return [pick(draw, possible) for _ in range(pick(draw, (1, 1, 2)))]


def _spec(
    draw: Any, number: int, supports: frozenset[str], kinds: list[tuple[str, str]]
) -> CanarySpec:
    hooks: list[Hook] = []
    for slot, action in kinds:
        if pick(draw, (True, True, False)):
            hooks += _hook(draw, supports, slot, action)
    return CanarySpec(
        supports=supports,
        tracked=pick(draw, (False, False, False, True)),
        owner=pick(draw, _OWNERS),
        held=pick(draw, (False, False, True)),
        hooks=tuple(hooks),
        # Equal hashes make a table compare; -1 is the hash that means an error in C.
        value=pick(draw, (number, number, 0, -1)),
    )


def _hook(draw: Any, supports: frozenset[str], slot: str, action: Any) -> list[Hook]:
    """Draw when a hook acts; there is none if the canary lacks the slot."""
    if slot == "death":
        return [Hook(slot, action)]
    slots = sorted({one for name in supports for one in PROTOCOLS[name]})
    if slot == "one" and slots:
        slot = pick(draw, slots)
    elif slot == "call" and "call" in slots:
        pass
    else:
        slot = "any"
    return [Hook(slot, action, pick(draw, (1, 0, 2, 3)))]


def _noise(draw: Any, n_threads: int) -> Noise:
    if n_threads == 1:
        return Noise(collect=pick(draw, (False, False, True)))
    return Noise(
        collect=pick(draw, (False, False, True)),
        allocate=pick(draw, (False, True)),
        switch_us=pick(draw, (5, 5, 1, 50, 0)),
        preempt=pick(draw, (False, False, True)),
        late_calls=pick(draw, (False, True, True)),
    )

"""Programs of drawn calls: which thread makes which, and what the canaries do.

Drawing arguments is slow, and a bug may need certain arguments together with a certain
hook.  So the same calls are arranged several times.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from refrace.environment import gil_can_be_disabled
from refrace.strategies.draw_hooks import (
    draw_kinds,
    draw_noise,
    draw_spec,
    draw_values,
)
from refrace.strategies.draw_operations import draw_arguments
from refrace.strategies.drawing import Drawing, pick
from refrace.subjects import (
    Call,
    Callback,
    HostileValue,
    HuntProgram,
    Operation,
    OrderedSet,
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
MOST_FILLERS = 4
MOST_SUFFIX = 2
MOST_REENTRIES = 3
MOST_OPERATIONS_REENTERED = 6

# How often threads make their calls in a round: many times, so that they overlap.
TIMES = (3, 10, 30, 60)
"""Answers are compared where they make different calls once, or the same one."""
MOST_TIMES_WITH_PAUSES = 10
"""Threads with pauses between their calls overlap anyway, and take long."""
MOST_BYTES = 3_000_000
"""Pickled arguments that a round may load."""
MOST_CANARIES = 500
"""Canaries that a round may make."""


_SHAPES: tuple[str, ...] = ("few calls", "same call", "one each", "few each")
if gil_can_be_disabled():
    # Threads meet everywhere, and the race is between two of many pairs of operations.
    _SHAPES += ("each operation", "each operation")


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
    fillers : list
        Calls of one operation, often the first, with threads: many bugs need some items
        in a container.
    opening : bool
        Whether the first call is one of the first operation.
    changeable : bool
        Whether an argument is, or has inside, a container that can be changed.
    """

    n_threads: int
    calls: list[_Entry]
    observers: list[_Entry]
    reentries: list[_Entry]
    fillers: list[_Entry]
    opening: bool
    changeable: bool


def draw_material(
    draw: Any, drawn: Drawing, subject: Subject, counts: Sequence[int]
) -> Material:
    """Draw the calls of programs with one of the numbers of threads."""
    every = list(subject.operations.values())
    n_threads = pick(draw, counts)
    chosen = _choose_operations(draw, every, n_threads)
    most = pick(draw, CALLS_ALONE) if n_threads == 1 else CALLS_TOGETHER
    number = pick(draw, range(1, most + 1)) if n_threads == 1 else most
    # What opens or makes something usually stands first in a class.
    opening = pick(draw, (False, True))
    operations = [
        every[0] if opening and not at else pick(draw, chosen) for at in range(number)
    ]
    calls = [_drawn_call(draw, one) for one in operations]
    reentries = [_drawn_call(draw, one) for one in _choose_reentered(draw, every)]
    fillers = _draw_fillers(draw, every) if n_threads > 1 else []
    observers = [_Entry(one.name, (), {}) for one in every if one.parameters == ()]
    changeable = any(
        _is_changeable(value)
        for entry in (*calls, *reentries, *fillers)
        for value in (*entry.positional, *entry.named.values())
    )
    return Material(
        n_threads, calls, observers, reentries, fillers, opening, changeable
    )


def _draw_fillers(draw: Any, every: list[Operation]) -> list[_Entry]:
    first = pick(draw, (True, False))
    filling = every[0] if first else pick(draw, every)
    return [_drawn_call(draw, filling) for _ in range(MOST_FILLERS)]


def _choose_operations(
    draw: Any, every: list[Operation], n_threads: int
) -> list[Operation]:
    """Choose which operations a program has: few of them interact more often."""
    if len(every) <= 2 or pick(draw, (False, True)):
        return every
    numbers = (1, 2, 2, 3) if n_threads == 1 else (2, 2, 2, 3)
    return [pick(draw, every) for _ in range(pick(draw, numbers))]


def _choose_reentered(draw: Any, every: list[Operation]) -> list[Operation]:
    """Choose what hooks call: some operations, or each: one removes or replaces."""
    if len(every) <= MOST_OPERATIONS_REENTERED and pick(draw, (False, True)):
        return every
    return [pick(draw, every) for _ in range(pick(draw, range(1, MOST_REENTRIES + 1)))]


def _is_changeable(value: Any) -> bool:
    """Return whether hooks can change a value, or something inside it."""
    if isinstance(value, list | dict | set | bytearray | OrderedSet):
        return True
    if isinstance(value, tuple):
        return any(map(_is_changeable, value))
    return isinstance(value, Callback | HostileValue)


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
        prefix = _prefix(draw, material)
        threads, times = _threads(draw, material)
        ends = material.observers or material.calls
        least = min(len(material.observers), 1)
        suffix = [
            pick(draw, ends) for _ in range(pick(draw, range(least, MOST_SUFFIX + 1)))
        ]
    noise = draw_noise(draw, material.n_threads)
    if noise.preempt:
        times = min(times, MOST_TIMES_WITH_PAUSES)
    kinds = draw_kinds(draw, material.n_threads, material.changeable)
    equal = draw_values(draw)
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
            draw_spec(draw, number, one.supports, kinds, equal, material.n_threads)
            for number, one in enumerate(used)
        ),
        values=values,
        noise=noise,
        times=_affordable(times, own, size, len(used)),
    )


def _some(draw: Any, material: Material) -> list[_Entry]:
    """Return some of the calls, in some order."""
    calls = list(material.calls)
    number = pick(draw, range(1, len(calls) + 1))
    if pick(draw, (False, True)):
        return calls[:number]
    first = [calls.pop(0)] if material.opening else []
    return [*first, *_shuffled(draw, calls)][:number]


def _shuffled(draw: Any, entries: list[_Entry]) -> list[_Entry]:
    left = list(entries)
    return [left.pop(pick(draw, range(len(left)))) for _ in entries]


def _prefix(draw: Any, material: Material) -> list[_Entry]:
    """Return what is done before there are threads: several times the same, or nothing.

    What the first call of an object makes, two threads make at once without a prefix.
    """
    form = pick(draw, ("some", "nothing", "fillers", "fillers"))
    if form == "nothing":
        return []
    if form == "fillers":
        return material.fillers[: pick(draw, range(1, len(material.fillers) + 1))]
    return _some(draw, material)[: pick(draw, range(MOST_PREFIX + 1))]


def _threads(draw: Any, material: Material) -> tuple[list[list[_Entry]], int]:
    """Return the calls of each thread, and how often it makes them."""
    n_threads, calls = material.n_threads, material.calls
    shape = pick(draw, _SHAPES)
    if shape == "same call":
        one = pick(draw, calls)
        return [[one] for _ in range(n_threads)], pick(draw, TIMES)
    if shape == "each operation":
        return _with_each_operation(draw, material), pick(draw, TIMES)
    most = CALLS_OF_A_THREAD if n_threads == 2 else 2
    if shape != "few calls":
        most = 1 if shape == "one each" else 2
    times = 1 if shape == "few calls" else pick(draw, (1, 1, *TIMES))
    ends = [*calls, *(material.observers if times > 1 else [])]
    threads: list[list[_Entry]] = []
    for _ in range(n_threads):
        numbers = range(pick(draw, range(1, most + 1)))
        threads.append([pick(draw, _others(draw, ends, threads)) for _ in numbers])
    return threads, times


def _with_each_operation(draw: Any, material: Material) -> list[list[_Entry]]:
    """Return a thread with a call of each operation, and others with a call or two.

    One that only removes has nothing left to remove after some calls, and one that only
    reads meets what is being removed seldom.
    """
    each: dict[str, _Entry] = {}
    for one in _shuffled(draw, [*material.calls, *material.observers]):
        each.setdefault(one.operation, one)
    first = list(each.values())[:CALLS_OF_A_THREAD]
    threads = [first]
    for _ in range(material.n_threads - 1):
        threads.append([pick(draw, first) for _ in range(pick(draw, (1, 1, 2)))])
    return threads


def _others(
    draw: Any, entries: list[_Entry], threads: list[list[_Entry]]
) -> list[_Entry]:
    """Return calls of operations that no thread makes yet, or often enough all calls.

    Most races are between two operations, and threads with the same one are a shape of
    their own.
    """
    if pick(draw, (False, True, True)):
        made = {one.operation for thread in threads for one in thread}
        return [one for one in entries if one.operation not in made] or entries
    return entries


def _affordable(times: int, own: int, size: int, canaries: int) -> int:
    """Return how often calls can be made, each time with new arguments."""
    most = min(MOST_BYTES // max(1, size), MOST_CANARIES // max(1, canaries)) // own
    return max(1, min(times, most))


def _reentries(draw: Any, material: Material) -> list[_Entry]:
    if pick(draw, (False, True)):
        return _shuffled(draw, material.reentries)
    possible = [*material.reentries, *material.observers]
    return [
        pick(draw, possible) for _ in range(pick(draw, range(1, MOST_REENTRIES + 1)))
    ]

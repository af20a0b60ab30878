"""What the canaries of a hunt's program do, who owns them, and the noise around it."""

from __future__ import annotations

from typing import Any

from refrace.canaries.hook import Hook
from refrace.canaries.protocols import PROTOCOLS
from refrace.canaries.spec import CanarySpec, Owner
from refrace.environment import gil_can_be_disabled
from refrace.strategies.drawing import pick
from refrace.subjects import Noise

__all__ = ["draw_kinds", "draw_noise", "draw_spec", "draw_values"]

# What hooks do in a program: slot and action.  A program has one or two of these, so
# that its canaries aim at the same weakness.  One thread has nobody to yield to.
_ALONE = (
    *(("death", "reenter"), ("any", "reenter"), ("call", "mutate"), ("any", "mutate")),
    *(("any", "raise"), ("one", "raise"), ("one", "reenter"), ("any", "drop")),
    *(("death", "reenter"), ("one", "mutate"), ("death", "mutate")),
    *(("any", "reenter"), ("any", "reenter")),
)
# Those that can do something if no argument is a container that can be changed.
_WITHOUT_CONTAINERS = tuple(kind for kind in _ALONE if kind[1] != "mutate")
_YIELD = (("any", "yield"), ("death", "yield"), ("one", "yield"))

# Making one of a worker starts a thread.
_OWNERS: tuple[Owner, ...] = (
    *("main", "main", "main", "main", "main"),
    *("merged", "merged", "worker"),
)
# What the main thread owns dies after the threads of a round only, when it runs again.
_OWNERS_WITH_THREADS: tuple[Owner, ...] = (
    *("merged", "merged", "merged", "merged", "merged", "merged"),
    *("main", "worker"),
)

# With a GIL, threads of short calls do not meet without pauses.
_PREEMPT = (False, False, True) if gil_can_be_disabled() else (False, True, True)

# A collection stops all threads of a free-threaded build, and takes as long as tens of
# rounds there.
_COLLECT = (False,) * (7 if gil_can_be_disabled() else 2) + (True,)

# What the canaries of a program are equal to; None is nothing else.  Equal hashes make
# a table compare, and -1 is the hash that means an error in C.
_VALUES: tuple[tuple[int | None, ...], ...] = (
    *((None, None, 0, -1), (None, None, 0, -1)),
    *((None,), (0,)),
)

# In which call of a slot a hook acts; 0 is in every one.  Many are called only once.
_NTH = (1, 1, 0, 0, 2, 3)


def draw_kinds(draw: Any, n_threads: int, changeable: bool) -> list[tuple[str, str]]:
    """Draw what hooks do.

    Half of the programs with threads have none, and comparable answers.
    """
    without = (True, False) if n_threads > 1 else (True, False, False, False)
    if pick(draw, without):
        return []
    possible = _ALONE if changeable else _WITHOUT_CONTAINERS
    if n_threads > 1 and pick(draw, (False, True)):
        possible = _YIELD
    return [pick(draw, possible) for _ in range(pick(draw, (1, 1, 2)))]


def draw_values(draw: Any) -> tuple[int | None, ...]:
    """Draw which values the canaries of a program have; one without has its own."""
    return pick(draw, _VALUES)


def draw_spec(
    draw: Any,
    number: int,
    supports: frozenset[str],
    kinds: list[tuple[str, str]],
    values: tuple[int | None, ...],
    n_threads: int,
) -> CanarySpec:
    """Draw what a canary is and does; `number` is its number in the program."""
    many = n_threads > 1 and gil_can_be_disabled()
    value = pick(draw, values)
    hooks: list[Hook] = []
    for slot, action in kinds:
        if pick(draw, (True, True, False)):
            hooks += _hook(draw, supports, slot, action)
    return CanarySpec(
        supports=supports,
        tracked=pick(draw, (False, False, False, True)),
        owner=pick(draw, _OWNERS_WITH_THREADS if many else _OWNERS),
        held=pick(draw, (False, False, True)),
        hooks=tuple(hooks),
        value=number if value is None else value,
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
    return [Hook(slot, action, pick(draw, _NTH))]


def draw_noise(draw: Any, n_threads: int) -> Noise:
    """Draw what else happens while the calls are made."""
    if n_threads == 1:
        return Noise(collect=pick(draw, (False, False, True)))
    return Noise(
        collect=pick(draw, _COLLECT),
        allocate=pick(draw, (False, True)),
        switch_us=pick(draw, (5, 5, 1, 50, 0)),
        preempt=pick(draw, _PREEMPT),
        late_calls=pick(draw, (False, True, True)),
        late_counts=gil_can_be_disabled() and pick(draw, (False, True)),
        late_steps=gil_can_be_disabled() and pick(draw, (False, True)),
    )

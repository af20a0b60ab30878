"""What the records of canaries say at a quiet moment."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from refrace._native import canary as native
from refrace.environment import gil_can_be_disabled

__all__ = ["Name", "Sighting", "judge_held", "judge_over", "record_of"]


class Sighting(NamedTuple):
    """One thing that is wrong with one canary."""

    kind: str
    message: str
    addresses: tuple[int, ...] = ()
    stacks: tuple[str, ...] = ()


Name = Callable[[int], str]


record_of = native.read
"""The record of a canary that is known to exist."""


def judge_held(numbers: Iterable[int], name: Name) -> list[Sighting]:
    """Judge canaries that the harness still holds: their count cannot be too small.

    Parameters
    ----------
    numbers : iterable of int
    name : callable
        The name of a canary for messages.
    """
    seen = []
    for number in numbers:
        record = record_of(number)
        if record.died_while_held:
            seen.append(
                Sighting(
                    "over-decref",
                    f"{name(number)} died although a reference to it was held",
                    (),
                    _stacks(record.death_stack),
                )
            )
        elif record.state == "live" and record.drift < 0:
            seen.append(
                Sighting(
                    "over-decref",
                    f"{name(number)} lost {_references(-record.drift)} that it must "
                    "still have",
                )
            )
    return seen


def judge_over(numbers: Iterable[int], name: Name) -> list[Sighting]:
    """Judge canaries of a round that is over, whatever became of them."""
    seen = []
    for number in numbers:
        record = record_of(number)
        if not _is_suspicious(record):
            continue
        stacks = _stacks(record.touch_stack, record.death_stack)
        if record.died_detached:
            seen.append(
                Sighting(
                    "decref-without-gil",
                    f"{name(number)} died in a thread that must not use reference "
                    "counts: it had released the GIL",
                    (),
                    stacks,
                )
            )
        if record.dead_touches:
            seen.append(
                Sighting(
                    "use-after-free",
                    f"{name(number)} was used after its death, first by "
                    f"{record.first_dead_slot}",
                    record.traps,
                    stacks,
                )
            )
        elif record.died_in_slot:
            seen.append(
                Sighting(
                    "use-after-free",
                    f"{name(number)} died while one of its own slots was running: the "
                    "caller had no reference to it",
                    record.traps,
                    stacks,
                )
            )
        elif record.traps:
            seen.append(
                Sighting(
                    "use-after-free",
                    f"the memory of {name(number)} was used after its death",
                    record.traps,
                    stacks,
                )
            )
        if record.state == "dead" and record.drift:
            seen.append(_moved_when_dead(name(number), record.drift, stacks))
        elif record.deaths > 1:
            seen.append(_died_again(name(number), record.deaths, stacks))
    return seen


def _is_suspicious(record: native.Reading) -> bool:
    return bool(
        record.dead_touches
        or record.died_in_slot
        or record.died_detached
        or record.traps
        or record.deaths > 1
        or (record.drift and record.state == "dead")
    )


def _died_again(name: str, deaths: int, stacks: tuple[str, ...]) -> Sighting:
    if gil_can_be_disabled():  # the count of a dead canary is 0 there
        message = f"references to {name} were counted up and down after its death"
        return Sighting("use-after-free", message, (), stacks)
    return Sighting("over-decref", f"{name} died {deaths} times", (), stacks)


def _moved_when_dead(name: str, drift: int, stacks: tuple[str, ...]) -> Sighting:
    if drift < 0:
        message = f"{name} lost {_references(-drift)} more than it had"
        return Sighting("over-decref", message, (), stacks)
    message = f"{name} got {_references(drift)} after its death"
    return Sighting("use-after-free", message, (), stacks)


def _references(count: int) -> str:
    return "a reference" if count == 1 else f"{count} references"


def _stacks(*texts: str) -> tuple[str, ...]:
    return tuple(text for text in texts if text)

"""Which operations of a program return: one that only raises does not do its work."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from refrace.hunting.judging.answers import Answer
from refrace.strategies.focus import group_of
from refrace.subjects import CanaryArgument, HuntProgram, Operation, Subject, load

__all__ = ["what_ran", "what_was_taken"]

# How an API refuses an argument of a wrong kind.
_REFUSALS = {"AttributeError", "TypeError"}


def what_ran(
    program: HuntProgram, answers: Sequence[Answer]
) -> tuple[frozenset[str], dict[str, str]]:
    """Return the operations that returned, and those that raised with an exception."""
    returned: set[str] = set()
    raised: dict[str, str] = {}
    for call, answer in zip(program.calls(), answers, strict=False):
        if answer[0] == "returned":
            returned.add(call.operation)
        elif answer[0] == "raised":
            raised.setdefault(call.operation, answer[1])
    return frozenset(returned), raised


def what_was_taken(
    subject: Subject, program: HuntProgram, answers: Sequence[Answer]
) -> frozenset[str]:
    """Return the groups of arguments that calls have taken, such as ``"key:text"``.

    A call that raises anything but an exception about types has taken its arguments.
    ``"key:not text"`` is what an operation took at first and refused later: a container
    may take any first item, and then only those that it can compare with it.
    """
    taken: set[str] = set()
    before: set[tuple[str, frozenset[str]]] = set()

    def placeholder(number: int) -> CanaryArgument:
        return CanaryArgument(number, program.canaries[number].supports)

    arguments = load(program.values, placeholder)
    for call, entry, answer in zip(program.calls(), arguments, answers, strict=False):
        is_refusal = answer[0] == "raised" and answer[1] in _REFUSALS
        if answer[0] not in ("returned", "raised"):
            continue
        groups = frozenset(_groups(subject.operations[call.operation], entry))
        these = (call.operation, groups)
        if not is_refusal:
            taken |= groups
            before.add(these)
        elif these in before:
            taken.update(one.replace(":", ":not ") for one in groups)
    return frozenset(taken)


def _groups(operation: Operation, entry: Any) -> Iterator[str]:
    for name, value in _named(operation, *entry):
        group = group_of(value)
        if group is not None:
            yield f"{name}:{group}"


def _named(
    operation: Operation, positional: Sequence[Any], named: dict[str, Any]
) -> Iterator[tuple[str, Any]]:
    """Yield the arguments of a call with the names of their parameters."""
    if operation.parameters is None:
        yield from ((str(place), value) for place, value in enumerate(positional))
        return
    places = [name for name, kind in operation.parameters if kind == "positional"]
    yield from zip(places, positional, strict=False)
    yield from named.items()

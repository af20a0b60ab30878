"""Checks that no finaliser is ended inside a `masked` block, which would not end."""

from __future__ import annotations

from collections.abc import Iterator

from refrace.programs.checks.calls import calls_in
from refrace.programs.checks.names import Names
from refrace.programs.checks.sections import Section
from refrace.programs.faults import Fault
from refrace.programs.syntax import Local, Region, Statement, Step, walk

__all__ = ["check_masks"]


def check_masks(sections: tuple[Section, ...], names: Names) -> None:
    """Check where `resurrect_end` stands without a result, which skips what follows.

    Only blocks that a finaliser enters matter: it may call what has them, and be
    interrupted by it.

    Raises
    ------
    Fault
        It stands in such a `masked` block, or in a sub-program called from one.
    """
    calls = {
        section.key: {name for name, _ in calls_in(section)} for section in sections
    }
    made = (*names.objects.values(), *names.types.values())
    first = {node.finaliser for node in made if node.finaliser is not None}
    if first:
        first |= {node.function for node in names.interrupts}
    entered = _reached(first, calls)
    inside = [section for section in sections if section.key in entered]
    masked = _reached({n for section in inside for n in _called_masked(section)}, calls)
    for section in inside:
        places = section.distinct if section.key in masked else _masked(section)
        for statement in places:
            if isinstance(statement, Step) and _skips(statement):
                raise _fault(statement, section)


def _reached(first: set[str], calls: dict[str, set[str]]) -> set[str]:
    found: set[str] = set()
    while first:
        found |= first
        first = {inner for name in first for inner in calls[name]} - found
    return found


def _masked(section: Section) -> Iterator[Statement]:
    for statement in walk(section.body):
        if isinstance(statement, Region) and statement.word == "masked":
            yield from walk(statement.body)


def _called_masked(section: Section) -> Iterator[str]:
    within = set(_masked(section))
    return (name for name, step in calls_in(section) if step in within)


def _skips(step: Step) -> bool:
    return step.op == "resurrect_end" and step.result is None


def _fault(step: Step, section: Section) -> Fault:
    operand = step.operands[0]
    name = operand.name if isinstance(operand, Local) else "self"
    return Fault(
        "without a result, `resurrect_end` leaves the finaliser, and the `masked` "
        "block around it would never end",
        step,
        text="resurrect_end",
        cure=f"let the finaliser go on: `kept = resurrect_end {name}`",
        section=section.label,
    )

"""Checks that no finaliser is ended inside of a `masked` block, which would not end."""

from __future__ import annotations

from collections.abc import Iterator

from refrace.programs.checks.calls import calls_in
from refrace.programs.checks.sections import Section
from refrace.programs.faults import Fault
from refrace.programs.syntax import Region, Statement, Step, walk

__all__ = ["check_masks"]


def check_masks(sections: tuple[Section, ...]) -> None:
    """Check where `resurrect_end` stands without a result, which skips what follows.

    Raises
    ------
    Fault
        It stands in a `masked` block, or in a sub-program that is called from one.
    """
    calls = {
        section.key: {name for name, _ in calls_in(section)} for section in sections
    }
    called = {name for section in sections for name in _called_masked(section)}
    masked: set[str] = set()
    while called:
        masked |= called
        called = {inner for name in called for inner in calls[name]} - masked
    for section in sections:
        places = section.distinct if section.key in masked else _masked(section)
        for statement in places:
            if _skips(statement):
                raise _fault(statement, section)


def _masked(section: Section) -> Iterator[Statement]:
    for statement in walk(section.body):
        if isinstance(statement, Region) and statement.word == "masked":
            yield from walk(statement.body)


def _called_masked(section: Section) -> Iterator[str]:
    within = set(_masked(section))
    return (name for name, step in calls_in(section) if step in within)


def _skips(statement: Statement) -> bool:
    return (
        isinstance(statement, Step)
        and statement.op == "resurrect_end"
        and statement.result is None
    )


def _fault(statement: Statement, section: Section) -> Fault:
    return Fault(
        "`resurrect_end` ends the finaliser inside of a `masked` block, "
        "so the block would not end",
        statement,
        text="resurrect_end",
        cure="let the finaliser go on: `kept = resurrect_end self`",
        section=section.label,
    )

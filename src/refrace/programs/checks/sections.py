"""The bodies of a program: threads, sub-programs and the `end` block."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from refrace.programs.syntax import (
    Arithmetic,
    Assert,
    Block,
    Condition,
    Critical,
    Field,
    Function,
    If,
    Local,
    ObjectLock,
    Operand,
    Region,
    Repeat,
    Statement,
    Step,
    Thread,
    While,
    walk,
)

__all__ = ["Section", "condition_of", "locals_read", "sections_of"]


@dataclass(frozen=True, slots=True)
class Section:
    """One body.

    `key` is its name; the `end` block's is "end", which nothing else can be called.
    `label` names it in a message.  `kind` is "thread", "function" or "end".
    `distinct` are the first of all statements that say the same, in textual order.
    `parameters` are those that a sub-program declares.
    """

    key: str
    label: str
    kind: str
    body: Block
    distinct: tuple[Statement, ...]
    parameters: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        key: str,
        label: str,
        kind: str,
        body: Block,
        parameters: tuple[str, ...] = (),
    ) -> Section:
        """Return the section of a body."""
        return cls(key, label, kind, body, _distinct(body), parameters)


def sections_of(
    threads: Iterable[Thread], functions: Iterable[Function], end: Block
) -> tuple[Section, ...]:
    """Return the threads, then the sub-programs, then the `end` block if any."""
    sections = [
        Section.of(t.name, f"thread {t.name}", "thread", t.body) for t in threads
    ]
    for node in functions:
        label = f"sub-program {node.name}"
        sections.append(
            Section.of(node.name, label, "function", node.body, node.parameters)
        )
    if end:
        sections.append(Section.of("end", "the end block", "end", end))
    return tuple(sections)


def _distinct(body: Block) -> tuple[Statement, ...]:
    """Return one of each group of equal statements.

    The parser lets equal texts share their operands, so identity finds nearly all equal
    statements at a fraction of the cost of a comparison.
    """
    found: dict[tuple[object, ...], Statement] = {}
    for statement in walk(body):
        if isinstance(statement, Step):
            found.setdefault(
                (statement.op, id(statement.operands), statement.result), statement
            )
        elif isinstance(statement, Critical):
            found.setdefault((statement.objects,), statement)
        elif not isinstance(statement, (Repeat, Region)):
            found.setdefault((id(statement.condition),), statement)
    return tuple(found.values())


def condition_of(statement: Statement) -> Condition | None:
    """Return the condition of an `if`, `while` or `assert`, else None."""
    if isinstance(statement, (Assert, If, While)):
        return statement.condition
    return None


def locals_read(statement: Statement) -> list[str]:
    """Return the locals that a statement reads (of a block: in its first line)."""
    if isinstance(statement, Step):
        operands: Iterable[Operand] = statement.operands
    elif isinstance(statement, Critical):
        operands = statement.objects
    else:
        condition = condition_of(statement)
        predicates = () if condition is None else condition.mentioned
        operands = [
            operand
            for predicate in predicates
            for operand in (predicate.left, predicate.right)
            if operand is not None
        ]
    names = []
    for operand in operands:
        if isinstance(operand, Local):
            names.append(operand.name)
        elif isinstance(operand, (Field, ObjectLock)):
            names.append(operand.local)
        elif isinstance(operand, Arithmetic):
            for part in (operand.left, operand.right):
                if isinstance(part, Local):
                    names.append(part.name)
    return names

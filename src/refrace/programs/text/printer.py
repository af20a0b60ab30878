"""The canonical text of a program and of its parts; the parser reads it back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from refrace.programs.parts import Parts
from refrace.programs.steps import OPERATIONS
from refrace.programs.syntax import (
    Arithmetic,
    Assert,
    BarrierDeclaration,
    Block,
    CellDeclaration,
    Condition,
    Constant,
    ContainerDeclaration,
    Critical,
    Field,
    Function,
    HoldDeclaration,
    If,
    InterruptDeclaration,
    LockDeclaration,
    ObjectDeclaration,
    ObjectLock,
    Predicate,
    Region,
    Repeat,
    Statement,
    Step,
    Thread,
    While,
)
from refrace.programs.vocabulary import NEGATED

__all__ = [
    "PrintedStatement",
    "condition_text",
    "node_text",
    "operand_text",
    "printed_statements",
    "program_text",
]

_INDENT = "  "
_POSITIVE = {negated: op for op, negated in NEGATED.items()}


class _Line(NamedTuple):
    """A line of the text, the statement that begins in it, and its section."""

    text: str
    section: str = ""
    statement: Statement | None = None


class PrintedStatement(NamedTuple):
    """A statement, its line in the text of its program, and its section.

    Attributes
    ----------
    line : int
        The number of the line in which it begins, from 1.
    section : str
        The thread or sub-program it is a part of; "end" for the end block.
    statement : Statement
    """

    line: int
    section: str
    statement: Statement


def program_text(parts: Parts) -> str:
    """Return the text of a program: one statement per line, blocks indented by two."""
    return "\n".join(line.text for line in _lines_of(parts))


def printed_statements(parts: Parts) -> list[PrintedStatement]:
    """Return every statement with its place in the text, in text order."""
    return [
        PrintedStatement(number, line.section, line.statement)
        for number, line in enumerate(_lines_of(parts), 1)
        if line.statement is not None
    ]


def _lines_of(parts: Parts) -> Iterator[_Line]:
    for declaration in parts.declarations:
        yield _Line(node_text(declaration))
    for thread in parts.threads:
        yield _Line(f"{thread.name}:")
        yield from _block_lines(thread.body, thread.name, _INDENT)
    for function in parts.functions:
        yield _Line(node_text(function))
        yield from _block_lines(function.body, function.name, _INDENT)
    if parts.end:
        yield _Line("end:")
        yield from _block_lines(parts.end, "end", _INDENT)


def _block_lines(body: Block, section: str, indent: str) -> Iterator[_Line]:
    # Recursion is bounded: blocks nest at most MAX_NESTING deep.
    deeper = indent + _INDENT
    for statement in body:
        yield _Line(indent + node_text(statement), section, statement)
        if isinstance(statement, If):
            yield from _block_lines(statement.then, section, deeper)
            if statement.otherwise:
                yield _Line(indent + "} else {")
                yield from _block_lines(statement.otherwise, section, deeper)
            yield _Line(indent + "}")
        elif isinstance(statement, (While, Repeat, Region, Critical)):
            yield from _block_lines(statement.body, section, deeper)
            yield _Line(indent + "}")


def node_text(node: Any) -> str:
    """Return the line of a statement or declaration; for a block, its first line."""
    if isinstance(node, Step):
        return _step_text(node)
    if isinstance(node, Assert):
        return f"assert {condition_text(node.condition)}"
    if isinstance(node, If):
        return f"if {condition_text(node.condition)} {{"
    if isinstance(node, While):
        return f"while {condition_text(node.condition)} {{"
    if isinstance(node, Repeat):
        return f"repeat {node.count} {{"
    if isinstance(node, Region):
        return f"{node.word} {{"
    if isinstance(node, Critical):
        return f"critical {' '.join(one.name for one in node.objects)} {{"
    if isinstance(node, Thread):
        return f"{node.name}:"
    if isinstance(node, Function):
        return f"fn {' '.join((node.name, *node.parameters))}:"
    return _declaration_text(node)


def _step_text(step: Step) -> str:
    words = [operand_text(operand) for operand in step.operands]
    orders = [order for order in (step.order, step.failure) if order is not None]
    if step.op == "store":
        return " ".join([words[0], "=", words[1], *orders])
    if step.op == "await_equal":
        return " ".join(["await", words[0], "==", words[1], *orders])
    if step.op == "at_set":
        block, index, value = words
        return " ".join([f"at {block} {_after_operand(index)} = {value}", *orders])
    if step.op in _POSITIVE:
        words = [_POSITIVE[step.op], "not", *words]
    elif OPERATIONS[step.op].is_word:
        words = [step.op, *map(_after_operand, words)]
    text = " ".join([*words, *orders])
    return text if step.result is None else f"{step.result} = {text}"


def _after_operand(text: str) -> str:
    """A negative number after another operand would read as a subtraction."""
    return f"({text})" if text.startswith("-") else text


def operand_text(operand: Any) -> str:
    """Return the text of an operand."""
    if isinstance(operand, Constant):
        return "null" if operand.value is None else str(operand.value)
    if isinstance(operand, Arithmetic):
        left, right = operand_text(operand.left), operand_text(operand.right)
        return f"{left} {operand.operator} {right}"
    if isinstance(operand, Field):
        return f"{operand.local}.{operand.name}"
    if isinstance(operand, ObjectLock):
        return f"{operand.local}.m"
    return str(operand.name)


def condition_text(condition: Condition) -> str:
    """Return the text of a condition."""
    return " or ".join(
        " and ".join(map(_predicate_text, predicates))
        for predicates in condition.alternatives
    )


def _predicate_text(predicate: Predicate) -> str:
    text = operand_text(predicate.left)
    if predicate.right is not None:
        text = f"{text} {predicate.operator} {operand_text(predicate.right)}"
    return f"not {text}" if predicate.negated else text


def _declaration_text(node: Any) -> str:
    if isinstance(node, CellDeclaration):
        calls = "" if node.callback is None else f" calls {node.callback}"
        return f"{node.kind} {node.name} = {_initial_text(node.initial)}{calls}"
    if isinstance(node, ContainerDeclaration):
        items = ", ".join(map(_initial_text, node.items))
        room = "" if node.room is None else f" room {node.room}"
        delayed = " delayed" if node.delayed else ""
        return f"{node.kind} {node.name} = [{items}]{room}{delayed}"
    if isinstance(node, LockDeclaration):
        return f"{node.kind} {node.name}"
    if isinstance(node, BarrierDeclaration):
        return f"barrier {node.name} {node.threads}"
    if isinstance(node, ObjectDeclaration):
        return " ".join([node.kind, node.name, *_options(node)])
    if isinstance(node, InterruptDeclaration):
        return f"interrupt {node.thread} {node.function} {node.times}"
    assert isinstance(node, HoldDeclaration)
    return f"{node.kind} {node.thread}.{node.local} = {node.object}"


def _initial_text(initial: str | int | None) -> str:
    return "null" if initial is None else str(initial)


def _options(node: ObjectDeclaration) -> list[str]:
    options = []
    if node.count is not None:
        options.append(f"rc {node.count}")
    if node.max_count is not None:
        options.append(f"max {node.max_count}")
    if node.finaliser is not None:
        options.append(f"final {node.finaliser}")
    for part in node.fields:
        options.append(f"{part.kind} {part.name}={_initial_text(part.initial)}")
    if node.stable:
        options.append("stable")
    if node.uncounted:
        options.append("uncounted")
    if node.gc:
        options.append("gc")
    options += [f"visits {field} {times}" for field, times in node.visits]
    if node.untracks_late:
        options.append("untracks_late")
    return options

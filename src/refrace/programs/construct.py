"""Turns the arguments of `Program(…)` into well-formed nodes, or rejects them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeAlias, TypeVar

from refrace._base.safe_repr import shown
from refrace.errors import InvalidProgram
from refrace.programs.checks.shape import (
    check_declaration,
    check_name,
    check_parameters,
    check_statement,
)
from refrace.programs.faults import invalid
from refrace.programs.parts import Parts
from refrace.programs.syntax import (
    Block,
    CellDeclaration,
    Declaration,
    Function,
    Statement,
    Thread,
)
from refrace.programs.text.parser import parse_body, parse_declarations

__all__ = ["BodySource", "DeclarationSource", "SectionSource", "construct_parts"]

BodySource: TypeAlias = str | Iterable[str | Statement]
"""A body: its text, or its statements, each as a node or as text."""
DeclarationSource: TypeAlias = str | Iterable[str | Declaration]
_Node = TypeVar("_Node", Thread, Function)
SectionSource: TypeAlias = Mapping[str, BodySource] | Iterable[_Node]


def construct_parts(
    declarations: DeclarationSource,
    threads: SectionSource[Thread],
    functions: SectionSource[Function],
    end: BodySource,
) -> Parts:
    """Return the parts of a program, with every node well-formed.

    Raises
    ------
    InvalidProgram
        A text cannot be read, or a node is not well-formed.
    """
    nodes = _declarations(declarations)
    cells = {node.name for node in nodes if isinstance(node, CellDeclaration)}
    return Parts(
        nodes,
        _sections(threads, Thread, "thread", cells),
        _sections(functions, Function, "sub-program", cells),
        _body(end, cells, "the end block"),
    )


def _declarations(source: DeclarationSource) -> tuple[Declaration, ...]:
    nodes: list[Declaration] = []
    for item in _items(source, "declarations"):
        if isinstance(item, str):
            nodes.extend(parse_declarations(_lines(item)))
        else:
            check_declaration(item)
            nodes.append(item)
    return tuple(nodes)


def _sections(
    source: Any, node: type[_Node], what: str, cells: set[str]
) -> tuple[_Node, ...]:
    if isinstance(source, Mapping):
        return tuple(
            _section(name, body, node, what, cells) for name, body in source.items()
        )
    sections = []
    for item in _items(source, f"{what}s"):
        if type(item) is not node:
            raise invalid(
                f"this is not a {what}",
                text=shown(item),
                cure=f"pass names with their bodies, or {node.__name__} nodes",
            )
        check_name(item.name, f"the name of a {what}")
        if isinstance(item, Function):
            check_parameters(item.parameters)
        body = _body(item.body, cells, f"{what} {item.name}")
        sections.append(replace(item, body=body))
    return tuple(sections)


def _section(
    name: Any, body: Any, node: type[_Node], what: str, cells: set[str]
) -> _Node:
    """Return a section by its name, which the parameters of a sub-program follow."""
    parameters: list[str] = []
    if node is Function and isinstance(name, str) and name.split():
        name, *parameters = name.split()
    check_name(name, f"the name of a {what}")
    made = node(name, _body(body, cells, f"{what} {name}"))
    if parameters:
        check_parameters(tuple(parameters))
        assert isinstance(made, Function)
        made = replace(made, parameters=tuple(parameters))
    return made


def _body(source: Any, cells: set[str], section: str) -> Block:
    statements: list[Statement] = []
    texts: list[str] = []  # adjacent texts are read together: a block may span them
    for item in (*_items(source, section), None):
        if isinstance(item, str):
            texts.append(_lines(item))
            continue
        if texts:
            statements.extend(_located(parse_body, "\n".join(texts), cells, section))
            texts.clear()
        if item is not None:
            check_statement(item, section)
            statements.append(item)
    return tuple(statements)


def _located(
    parse: Callable[[str, set[str]], Block], text: str, cells: set[str], section: str
) -> Block:
    try:
        return parse(text, cells)
    except InvalidProgram as problem:
        raise InvalidProgram(
            f"in {section}, {problem}",
            line=problem.line,
            column=problem.column,
            text=problem.text,
        ) from None


def _items(source: Any, what: str) -> Iterable[Any]:
    if isinstance(source, str):
        return (source,)
    if isinstance(source, (bytes, Mapping)) or not isinstance(source, Iterable):
        raise invalid(
            f"{what} cannot be made from {type(source).__name__}",
            text=shown(source),
            cure="pass text, or a sequence of nodes",
        )
    items = tuple(source)
    if any(item is None for item in items):
        raise invalid(f"{what} cannot contain None", text="None", cure="remove it")
    return items


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")

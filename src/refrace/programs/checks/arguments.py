"""Checks what sub-programs are given and give: parameters, arguments and results."""

from __future__ import annotations

from refrace.programs.checks.names import Names
from refrace.programs.checks.sections import Section
from refrace.programs.faults import Fault
from refrace.programs.syntax import (
    MAX_PARAMETERS,
    Declaration,
    Function,
    FunctionName,
    ObjectDeclaration,
    Step,
)
from refrace.programs.vocabulary import ARGUMENT, SELF

__all__ = [
    "check_calls_of",
    "check_parameters",
    "check_results",
    "check_work",
    "gives_result",
]


def gives_result(section: Section) -> bool:
    """Return whether a body has a `return` with a value."""
    return any(_gives(statement) for statement in section.distinct)


def _gives(statement: object) -> bool:
    return (
        isinstance(statement, Step)
        and statement.op == "return"
        and bool(statement.operands)
    )


def check_parameters(names: Names) -> None:
    """Check the parameters that sub-programs declare.

    Raises
    ------
    Fault
        A name has another meaning or stands twice, or there are too many.
    """
    for node in names.functions.values():
        for index, name in enumerate(node.parameters):
            if index >= MAX_PARAMETERS:
                raise Fault(
                    f"a sub-program has at most {MAX_PARAMETERS} parameters",
                    node,
                    text=name,
                    cure="pass a pointer to an object with fields",
                )
            if name in (SELF, ARGUMENT):
                what = "the object of a finaliser"
                if name == ARGUMENT:
                    what = "the argument of a sub-program without parameters"
                raise Fault(
                    f"`{name}` is {what}, and no name of a parameter",
                    node,
                    text=name,
                    cure="choose another name",
                )
            if names.is_shared(name):
                raise Fault(
                    f"`{name}` is {names.kind_of(name)}, not a local",
                    node,
                    text=name,
                    cure="choose another name for the parameter",
                )
            if name in node.parameters[:index]:
                raise Fault(
                    f"`{node.name}` has two parameters `{name}`",
                    node,
                    text=name,
                    cure="choose another name for one of them",
                )


def check_results(sections: tuple[Section, ...], ends: dict[str, bool]) -> None:
    """Check every `return`; `ends` says which bodies have a reachable end.

    Raises
    ------
    Fault
        A thread gives a value, or a sub-program gives one on some ways only.
    """
    for section in sections:
        if not gives_result(section):
            continue
        returns = [
            statement
            for statement in section.distinct
            if isinstance(statement, Step) and statement.op == "return"
        ]
        if section.kind != "function":
            raise Fault(
                "only a sub-program gives a result",
                next(filter(_gives, returns)),
                cure="write `return`, or store the value into a cell",
                section=section.label,
            )
        for statement in returns:
            if not statement.operands:
                raise Fault(
                    f"`{section.key}` gives a result elsewhere, but none here",
                    statement,
                    cure="write `return v` in every place, or in none",
                    section=section.label,
                )
        if ends[section.key]:
            raise Fault(
                f"`{section.key}` gives a result, but not on every way to its end",
                next(filter(_gives, returns)),
                cure="end it with a `return v` too",
                section=section.label,
            )


def _check_call(step: Step, function: Function, gives: bool, section: Section) -> None:
    """Check the number of arguments, and the result, of a `call` or a `maybe`."""
    name, parameters = function.name, function.parameters
    form = " ".join(("call", name, *parameters))
    if step.op == "maybe":
        if parameters or gives:
            raise Fault(
                f"`{name}` {_what(function)}, which `maybe` does not use",
                step,
                text=name,
                cure=f"let `maybe` run another sub-program, which does the `{form}`",
                section=section.label,
            )
        return
    n = len(step.operands) - 1
    if parameters and n != len(parameters):
        raise Fault(
            f"`{name}` takes {_arguments(len(parameters))}, not {n}",
            step,
            text=name,
            cure=f"write `{'r = ' if gives else ''}{form}`",
            section=section.label,
        )
    if not parameters and n > 1:
        raise Fault(
            f"`{name}` declares no parameters, so it takes one argument or none, not "
            f"{n}",
            step,
            text=name,
            cure=f"declare them: `fn {name} {' '.join('abc'[:n])}:`",
            section=section.label,
        )
    if gives and step.result is None:
        raise Fault(
            f"`{name}` gives a result, which must be kept",
            step,
            text=name,
            cure=f"write `r = {form}`",
            section=section.label,
        )
    if step.result is not None and not gives:
        raise Fault(
            f"`{name}` gives no result",
            step,
            text=name,
            cure=f"end it with `return v`, or write `{form}` without `{step.result} =`",
            section=section.label,
        )


def check_calls_of(
    sections: tuple[Section, ...], names: Names, calls: dict[str, list[Step]]
) -> None:
    """Check each `call` and `maybe` of each section.

    Raises
    ------
    Fault
        A sub-program takes other arguments, or its result is missing or dropped.
    """
    giving = {section.key for section in sections if gives_result(section)}
    for section in sections:
        for step in calls[section.key]:
            function = step.operands[0]
            assert isinstance(function, FunctionName)
            name = function.name
            _check_call(step, names.functions[name], name in giving, section)


def check_work(
    node: Declaration, function: Function, what: str, *, gives: bool
) -> None:
    """Check a sub-program that is not called: a finaliser, an interrupt, a callback.

    Raises
    ------
    Fault
        It has parameters or gives a result.
    """
    if not function.parameters and not gives:
        return
    cure = "load what it needs from a cell, and store what it finds there"
    if isinstance(node, ObjectDeclaration):
        cure = "the object of a finaliser is its local `self`"
    raise Fault(
        f"`{function.name}` {_what(function)}, which {what} does not have",
        node,
        text=function.name,
        cure=cure,
    )


def _what(function: Function) -> str:
    return "has parameters" if function.parameters else "gives a result"


def _arguments(n: int) -> str:
    return "one argument" if n == 1 else f"{n} arguments"

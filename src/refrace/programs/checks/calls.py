"""Checks the use of sub-programs: no recursion, `arg` and `self` only if given."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter

from refrace.programs.checks.arguments import (
    check_calls_of,
    check_results,
    check_work,
    gives_result,
)
from refrace.programs.checks.flow import FlowResult
from refrace.programs.checks.names import Names
from refrace.programs.checks.sections import Section
from refrace.programs.faults import Fault
from refrace.programs.syntax import Declaration, FunctionName, Step

__all__ = ["MAX_CALL_DEPTH", "call_depths", "calls_in", "check_calls"]

MAX_CALL_DEPTH = 64
"""Sub-programs call each other at most this deep."""


def calls_in(section: Section) -> list[tuple[str, Step]]:
    """Return each `call` and `maybe` of a section, with the name of its sub-program."""
    found = []
    for statement in section.distinct:
        if isinstance(statement, Step) and statement.op in ("call", "maybe"):
            function = statement.operands[0]
            assert isinstance(function, FunctionName)
            found.append((function.name, statement))
    return found


def call_depths(calls: dict[str, list[str]]) -> dict[str, int]:
    """Return for each section how deep its calls nest; 0 without calls.

    Raises
    ------
    graphlib.CycleError
        A sub-program calls itself, directly or through others.
    """
    depths: dict[str, int] = {}
    for name in TopologicalSorter(calls).static_order():
        depths[name] = max((depths[f] + 1 for f in calls.get(name, ())), default=0)
    return depths


def check_calls(
    sections: tuple[Section, ...], names: Names, flows: dict[str, FlowResult]
) -> None:
    """Check the calls of every section and the finalisers of every object.

    Raises
    ------
    Fault
        Sub-programs call themselves, nest too deep, or miss `arg` or `self`.
    """
    calls = {section.key: calls_in(section) for section in sections}
    graph = {key: [name for name, _ in found] for key, found in calls.items()}
    try:
        depths = call_depths(graph)
    except CycleError as cycle:
        raise _recursion(cycle.args[1], calls, sections) from None
    steps = {key: [step for _, step in found] for key, found in calls.items()}
    check_calls_of(sections, names, steps)
    check_results(sections, {key: flow.ends for key, flow in flows.items()})
    for section in sections:
        for name, step in calls[section.key]:
            _check_call(step, name, flows[name], section)
            if depths[name] + 1 > MAX_CALL_DEPTH:
                raise Fault(
                    f"sub-programs call each other more than {MAX_CALL_DEPTH} deep",
                    step,
                    cure="inline some of them",
                    section=section.label,
                )
    giving = {section.key for section in sections if gives_result(section)}
    _check_interrupts(names, flows, giving)
    for node in (*names.objects.values(), *names.types.values()):
        if node.finaliser is None:
            continue
        function = names.functions[node.finaliser]
        check_work(node, function, "a finaliser", gives=function.name in giving)
        if flows[node.finaliser].reads_argument:
            raise Fault(
                f"`{node.finaliser}` reads `arg`, which a finaliser does not have",
                node,
                text=node.finaliser,
                cure="the object of a finaliser is its local `self`",
            )


def _check_interrupts(
    names: Names, flows: dict[str, FlowResult], giving: set[str]
) -> None:
    called: list[tuple[Declaration, str, str]] = [
        (node, node.function, "an interrupt") for node in names.interrupts
    ]
    called += [
        (node, node.callback, "a callback")
        for node in names.cells.values()
        if node.callback is not None
    ]
    for node, function, what in called:
        made = names.functions[function]
        check_work(node, made, what, gives=function in giving)
        flow = flows[function]
        local = "arg" if flow.reads_argument else "self"
        if flow.reads_argument or flow.reads_self:
            raise Fault(
                f"`{function}` reads `{local}`, which {what} does not have",
                node,
                text=function,
                cure="load what it needs from a cell",
            )


def _recursion(
    cycle: list[str],
    calls: dict[str, list[tuple[str, Step]]],
    sections: tuple[Section, ...],
) -> Fault:
    # The cycle lists callees before callers, and repeats its first name at the end.
    callee, caller = cycle[0], cycle[1]
    step = next(step for name, step in calls[caller] if name == callee)
    label = next(section.label for section in sections if section.key == caller)
    names = list(reversed(cycle))
    if len(names) > 6:
        names = [*names[:3], "…", *names[-2:]]
    return Fault(
        f"a sub-program cannot call itself ({' → '.join(names)})",
        step,
        text=callee,
        cure="use `while` or `repeat`",
        section=label,
    )


def _check_call(step: Step, name: str, flow: FlowResult, section: Section) -> None:
    has_argument = len(step.operands) > 1
    if flow.reads_argument and not has_argument:
        raise Fault(
            f"`{name}` reads `arg`, but gets no argument here",
            step,
            text=name,
            cure=f"write `call {name} x`",
            section=section.label,
        )
    if flow.reads_self:
        raise Fault(
            f"`{name}` reads `self`, which has a value only in a finaliser",
            step,
            text=name,
            cure=f"pass the object: `call {name} x`, and read `arg`",
            section=section.label,
        )

"""Explain findings about values: null, out of bounds, uninitialised, wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from refrace.programs.steps import OPERATIONS
from refrace.programs.syntax import (
    Arithmetic,
    Assert,
    Critical,
    Field,
    If,
    Local,
    ObjectLock,
    Region,
    Repeat,
    Statement,
    Step,
    While,
)
from refrace.programs.text.printer import node_text
from refrace.traces.explain.counts import act, after_a_cause
from refrace.traces.explain.history import History, shown
from refrace.traces.schedule import END
from refrace.traces.state import Found
from refrace.traces.steps import TraceStep, Value

__all__ = ["null_dereference", "out_of_bounds", "uninitialised_use", "wrong_value"]


def null_dereference(history: History, found: Found) -> str:
    """A step dereferences a null pointer."""
    last = history.last
    through = f"{act(history)} dereferences null"
    if last is None:
        return through
    for name in _locals_of(history, last):
        source = _last_result(history, last.thread, name)
        if source is not None and source.result is None:
            given = f"{name} became null in step {source.number}, `{source.statement}`"
            emptied = _emptied(history, source)
            if emptied is not None:
                given += (
                    f", after {emptied.thread} stored null in {source.place} in step "
                    f"{emptied.number}"
                )
            holder = (source.place or "").rpartition(".")[0]
            cleared = history.cleared_step(holder) if holder else None
            if emptied is None and cleared and cleared.number < source.number:
                given += (
                    f", after {cleared.thread}'s collector took {holder} for garbage "
                    f"and cleared it in step {cleared.number}"
                )
            return f"{through}: {given}"
    return through


def out_of_bounds(history: History, found: Found) -> str:
    """A step reads or writes past the end of a container or of its block."""
    last = history.last
    if last is None or not isinstance(last.before, tuple):
        of = "" if found.object is None else f" of the block {found.object}"
        is_write = last is not None and last.operation == "at_set"
        verb = "writes" if is_write else "reads"
        return f"{act(history)} {verb} past the end{of}"
    n = len(last.before)
    items = "no item" if n == 0 else "1 item" if n == 1 else f"{n} items"
    past = f"{act(history)} reads past the end of {last.place}, which has {items}"
    for step in reversed(history.steps[:-1]):
        took = _n_items(step.after) < _n_items(step.before)
        if took and step.place == last.place and step.thread != last.thread:
            return f"{past} since {step.thread} removed one in step {step.number}"
    return past


def _n_items(value: Value) -> int:
    return len(value) if isinstance(value, tuple) else 0


def uninitialised_use(history: History, found: Found) -> str:
    """A step uses an allocated object before its initialisation."""
    name = found.object
    for step in history.steps:
        if step.operation == "raw_new" and step.result == name:
            return (
                f"{step.thread} allocated {name} in step {step.number} but did not "
                f"initialise it, and {act(history)} {_meets(history)} it"
            )
    return f"{act(history)} uses {name}, which is not initialised"


def _meets(history: History) -> str:
    last = history.last
    collects = last is not None and last.operation in ("collect", "look-again")
    return "visits" if collects else "uses"


def wrong_value(history: History, found: Found) -> str:
    """An assertion of the program fails."""
    failed = _failed_assert(history)
    if failed is None:
        claim = f"an assert after {act(history)} fails"
    else:
        values = " and ".join(_values(history, failed))
        claim = f"`{node_text(failed)}` fails" + (
            f", because {values}" if values else ""
        )
    lost = next(history.lost_updates(), None)
    if lost is None:
        return claim
    return after_a_cause(lost, claim)


# ------------------------------------------------------------------ the statements


def _locals_of(history: History, step: TraceStep) -> list[str]:
    """Return the locals that a step dereferences, its operands first."""
    node = history.statement(step)
    names = []
    for operand in getattr(node, "operands", ()):
        if isinstance(operand, Local):
            names.append(operand.name)
        elif isinstance(operand, Field | ObjectLock):
            names.append(operand.local)
    return names


def _last_result(history: History, thread: str, local: str) -> TraceStep | None:
    for step in reversed(history.steps[:-1]):
        if step.thread == thread and step.has_result:
            node = history.statement(step)
            if getattr(node, "result", None) == local:
                return step
    return None


def _emptied(history: History, source: TraceStep) -> TraceStep | None:
    for step in reversed(history.steps[: source.number - 1]):
        if step.place == source.place and step.before is not None:
            return step if step.after is None and step.thread != source.thread else None
    return None


def _failed_assert(history: History) -> Assert | None:
    """Return the assert that follows the last step, if it is unambiguous.

    It follows the statement of that step without another step in between, or is the
    first assert of an `end` block that has not started.
    """
    last = history.last
    statements = history.statements
    for place, one in enumerate(statements):
        if last is not None and one.line == last.program_line:
            following = _first_assert(
                next_one.statement
                for next_one in statements[place + 1 :]
                if next_one.section == one.section
            )
            if following is not None:
                return following
    return _first_assert(one.statement for one in statements if one.section == END)


def _first_assert(nodes: Iterable[Statement]) -> Assert | None:
    for node in nodes:
        if isinstance(node, Assert):
            return node
        if isinstance(node, If | While | Repeat | Region | Critical):
            return None
        if isinstance(node, Step) and OPERATIONS[node.op].is_step:
            return None
    return None


def _values(history: History, claim: Assert) -> Iterator[str]:
    """Yield ``"k is 1"`` for each local of an assert that a step set last."""
    last = history.last
    if last is None:
        return
    names = []
    for predicate in claim.condition.mentioned:
        for side in (predicate.left, predicate.right):
            if isinstance(side, Local) and side.name not in names:
                names.append(side.name)
    for name in names:
        if _is_computed(history, name):
            continue
        for step in reversed(history.steps):
            if step.thread == last.thread and step.has_result:
                node = history.statement(step)
                if getattr(node, "result", None) == name:
                    yield f"{name} is {shown(step.result)}"
                    break


def _is_computed(history: History, local: str) -> bool:
    """Whether a local is also set without a step, and so outside the trace."""
    return any(
        isinstance(node, Step)
        and node.result == local
        and (
            node.op == "assign" or any(isinstance(o, Arithmetic) for o in node.operands)
        )
        for node in (one.statement for one in history.statements)
    )

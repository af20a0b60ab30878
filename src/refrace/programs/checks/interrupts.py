"""Checks interrupts: their threads, their sub-programs, and how often they come."""

from __future__ import annotations

from refrace.programs.checks.names import Names
from refrace.programs.faults import Fault
from refrace.programs.syntax import InterruptDeclaration
from refrace.programs.vocabulary import did_you_mean

__all__ = ["check_interrupt"]

MOST_OF_A_THREAD = 8
MOST_TIMES = 1000


def check_interrupt(node: InterruptDeclaration, names: Names) -> None:
    """Check one `interrupt`.

    Raises
    ------
    Fault
        It names no thread or no sub-program, comes too often, or is one too many.
    """
    _check_thread(node, names)
    if node.function not in names.functions:
        known = names.kind_of(node.function)
        raise Fault(
            f"`{node.function}` is {known}, not a sub-program"
            if known
            else f"there is no sub-program `{node.function}`",
            node,
            text=node.function,
            cure=did_you_mean(node.function, names.functions)
            or f"define it: `fn {node.function}: …`",
        )
    if not 1 <= node.times <= MOST_TIMES:
        raise Fault(
            "an interrupt comes at least once, and not endlessly often",
            node,
            text=str(node.times),
            cure=f"write a number from 1 to {MOST_TIMES:,}",
        )
    same = [one for one in names.interrupts if one.thread == node.thread]
    first = next(one for one in same if one.function == node.function)
    if first is not node:
        raise Fault(
            f"`{node.function}` already interrupts {node.thread}",
            node,
            text=node.function,
            cure=f"write how often: `interrupt {node.thread} {node.function} 2`",
        )
    if len(same) > MOST_OF_A_THREAD:
        raise Fault(
            f"{node.thread} has more than {MOST_OF_A_THREAD} interrupts",
            node,
            text=node.thread,
            cure="use `maybe` in one sub-program",
        )


def _check_thread(node: InterruptDeclaration, names: Names) -> None:
    if node.thread in names.threads:
        return
    known = names.kind_of(node.thread)
    raise Fault(
        f"`{node.thread}` is {known}, not a thread"
        if known
        else f"there is no thread `{node.thread}`",
        node,
        text=node.thread,
        cure=did_you_mean(node.thread, names.threads)
        or "an interrupt comes on a thread: `interrupt T1 f 1`",
    )

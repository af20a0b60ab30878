"""Draws a memory order for each step that may state one, and numbers of payloads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from typing import Any

from hypothesis import strategies as st

from refrace.programs import Program
from refrace.programs.steps import OPERATIONS
from refrace.programs.syntax import Constant, Step

__all__ = ["with_orders"]

# From the simplest to the strongest but the default, which has no word.
_WEAKEST_FIRST = ("relaxed", "acquire", "release", "acq_rel")
_NO_WORD = None
_OF_PAYLOADS = ("use", "put")


def with_orders(
    draw: Callable[[Any], Any], program: Program, is_clean: bool
) -> Program:
    """Return a program in which some steps state a memory order.

    Some accesses of payloads read or write the payload's number.

    A clean program gets no relaxed access, so that what it publishes stays ordered.
    """

    def drawn(node: Any) -> Any:
        if isinstance(node, Step):
            return _with_order(draw, node, is_clean)
        if isinstance(node, tuple):
            return tuple(drawn(each) for each in node)
        if is_dataclass(node) and not isinstance(node, type):
            parts = {
                each.name: drawn(value)
                for each in fields(node)
                if isinstance(value := getattr(node, each.name), tuple)
            }
            return replace(node, **parts)
        return node

    return Program(
        program.declarations,
        drawn(program.threads),
        drawn(program.functions),
        program.end,
    )


def _with_order(draw: Callable[[Any], Any], step: Step, is_clean: bool) -> Step:
    if step.op in _OF_PAYLOADS and draw(st.booleans()):
        if step.op == "use":
            return replace(step, op="peek", result="peeked")
        return replace(step, op="poke", operands=(*step.operands, Constant(1)))
    orders = [order for order in _WEAKEST_FIRST if order in OPERATIONS[step.op].orders]
    if not orders:
        return step
    chosen = orders[-1:] if is_clean else orders
    return replace(step, order=draw(st.sampled_from([_NO_WORD, *chosen])))

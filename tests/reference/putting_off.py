"""The modes that put work off: which there are, and how their accesses are done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import biased, detached, lanes
from .access import PINS, Done, Row, Run
from .state import END, Departure

if TYPE_CHECKING:
    from .program import Program
    from .state import Object, State

TABLE: dict[str, dict[str, Row]] = {
    mode: rows | detached.HOOKS.get(mode, {})
    for mode, rows in (lanes.TABLE | biased.TABLE | detached.TABLE).items()
}
HOOKS = ("quiesce", "detach", "attach", "leave", "collapse")


def begin_count(known: Object, mode: str, maker: str | None, program: Program) -> None:
    """Make of a new object's count the words that the mode has for it."""
    if mode == "deferred":
        known.count *= PINS + 1
    elif mode in biased.TABLE or mode in detached.TABLE:
        biased.begin_count(known, maker, program)


def has(mode: str, hook: str) -> bool:
    """Say whether a mode has something to do there."""
    return hook in TABLE.get(mode, {})


def needs_attached(mode: str) -> bool:
    """Say whether a mode has words of a thread, which a detached one must not touch."""
    return any(has(mode, hook) for hook in HOOKS)


def access(state: State, mode: str, name: str) -> Done | None:
    """Do the next access of the operation that a thread is in; None: there are more."""
    operation = state.threads[name].operation
    kind = "try_incref" if operation.kind == "upgrade" else operation.kind
    if operation.ends and "resurrect_end" in TABLE[mode]:
        kind = "resurrect_end"
    came = TABLE[mode][kind][operation.accesses[0]](Run(state, mode, name, operation))
    if isinstance(came, Done):
        return came
    operation.accesses = (came,)
    return None


def departure(mode: str, name: str) -> list[Departure]:
    """Return what the mode has to do once a thread's own work is done."""
    if has(mode, "leave"):
        return [Departure("leave")]
    if name == END and has(mode, "collapse"):
        return [Departure("collapse")]
    return []

"""A finaliser that makes its object live again, for a while or for good."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import putting_off, sections
from .program import InvalidProgram, Program
from .state import ALIVE, Callbacks, Collection, Destruction, State

if TYPE_CHECKING:
    from .program import Step
    from .state import Operation


def running(state: State, name: str) -> Destruction | None:
    """Return the destruction in whose finaliser a thread is."""
    for frame in reversed(state.threads[name].stack):
        if isinstance(frame, Collection | Callbacks):
            return None  # the collector calls finalisers of what is alive
        if isinstance(frame, Destruction) and frame.identity is not None:
            return frame
    return None


def is_in_collection(state: State, name: str) -> bool:
    """Say whether a thread is in a finaliser that the collector runs."""
    for frame in reversed(state.threads[name].stack):
        if isinstance(frame, Destruction) and frame.identity is None:
            continue  # it is over, and only its finaliser goes on
        if isinstance(frame, Collection | Callbacks | Destruction):
            return isinstance(frame, Collection)
    return False


def check_own_garbage(state: State, identity: str) -> None:
    """Refuse an object whose own finaliser has not run, in such a finaliser."""
    if not state.objects[identity].finalised:
        raise InvalidProgram(f"a resurrection of {identity}, which is not finalised")


def end_of_garbage(state: State, name: str, step: Step) -> None:
    """Go on with the finaliser, or leave it; its object is alive in any case."""
    stack = state.threads[name].stack
    if step.target is not None:
        stack[-1].values[step.target] = 1
        return
    while not isinstance(stack[-1], Collection):
        stack.pop()
    sections.check_resurrection(state, name, len(stack))


def check_in_finaliser(state: State, name: str, identity: str) -> None:
    """Refuse what is not inside the object's own finaliser."""
    now = running(state, name)
    if now is None or now.identity != identity:
        raise InvalidProgram(f"a resurrection outside of the finaliser of {identity}")


def begin(state: State, program: Program, mode: str, name: str, identity: str) -> None:
    """Let the finaliser hold the only count of its object."""
    if is_in_collection(state, name):
        check_own_garbage(state, identity)
        return
    check_in_finaliser(state, name, identity)
    known = state.objects[identity]
    known.count = known.ledger = 1
    known.shared, known.immortalised = True, False
    putting_off.begin_count(known, mode, name, program)


def end(state: State, name: str, operation: Operation, *, is_kept: bool) -> None:
    """End the destruction of an object that others hold."""
    if not is_kept:
        return
    known = state.objects[operation.identity]
    known.status = ALIVE
    known.tracked |= known.options.gc
    if operation.target is not None:
        running(state, name).identity = None  # and the finaliser goes on
        return
    stack = state.threads[name].stack
    while True:
        frame = stack.pop()
        if isinstance(frame, Destruction) and frame.identity is not None:
            break
    sections.check_resurrection(state, name, len(stack))

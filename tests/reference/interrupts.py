"""Interrupts: where one may come, and what happens when it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import sections, steps, stops
from .state import ATTACHED, Call, Collection, Departure

if TYPE_CHECKING:
    from .program import Program
    from .state import State, Thread


def coming(program: Program, state: State, name: str) -> list[steps.Branch]:
    """List the interrupts of a thread that may come before its next step."""
    thread = state.threads[name]
    if thread.ended or thread.operation or thread.attachment != ATTACHED:
        return []
    if not stops.may_be_interrupted(state, name):
        return []
    is_leaving = isinstance(thread.stack[0], Departure)
    if isinstance(thread.stack[-1], Collection):
        return []
    if is_leaving or is_shielded(program, thread) or sections.is_between_locks(thread):
        return []
    left = enumerate(thread.coming)
    return [steps.Branch(name, interrupt=nth) for nth, times in left if times > 0]


def is_shielded(program: Program, thread: Thread) -> bool:
    """Say whether a thread is inside of `masked`, or of another interrupt."""
    calls = [frame for frame in thread.stack if isinstance(frame, Call)]
    if any(frame.is_interrupt for frame in calls):
        return True
    for frame in calls:
        # Where it called, the place is behind the call already.
        is_top = frame is thread.stack[-1]
        place = frame.place if is_top else frame.place - 1
        if place in program.masked[frame.label]:
            return True
    return False


def come(program: Program, state: State, name: str, nth: int) -> None:
    thread = state.threads[name]
    times = list(thread.coming)
    times[nth] -= 1
    thread.coming = tuple(times)
    sections.is_over(thread)  # it attaches, and so resumes the topmost section
    labels = [label for of, label, _ in program.interrupts if of == name]
    thread.stack.append(Call(labels[nth], is_interrupt=True))

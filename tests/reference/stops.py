"""Stop-the-world: who has asked, who gives way, and who has stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from . import counting, storage
from .program import Step
from .state import ATTACHED, Call, Collection

if TYPE_CHECKING:
    from .program import Program
    from .state import State, Thread
    from .steps import Machine

BEGINNING, ENDING = "stop", "start"
ARE_STOPS = {BEGINNING, ENDING}
COLLECT = "collect"
SAFE = set(counting.COUNTING_KINDS) | {"gil", "quiesce"}


class Stop(NamedTuple):
    """A thread that has asked all others to stop."""

    thread: str
    frames: int  # how deep its stack was
    is_complete: bool = False  # all others have stopped


def is_another(state: State, name: str) -> bool:
    return state.stop is not None and state.stop.thread != name


def is_unsafe(program: Program, thread: Thread) -> bool:
    """Say whether a thread is in a `nosafe` block, itself or below in its stack."""
    calls = [frame for frame in thread.stack if isinstance(frame, Call)]
    return any(frame.place in program.nosafe[frame.label] for frame in calls)


def is_collecting(machine: Machine, state: State, name: str) -> bool:
    """Say whether a thread that came to `collect` would find it under way."""
    frames = [frame for thread in state.threads.values() for frame in thread.stack]
    if any(isinstance(frame, Collection) for frame in frames):
        return True
    if not is_another(state, name) or state.stop.is_complete:
        return False
    step = machine.next_step(state, state.stop.thread)
    return isinstance(step, Step) and step.operation == COLLECT


def stops_the_world(step: object) -> bool:
    if isinstance(step, Collection):
        return not step.clears
    return isinstance(step, Step) and step.operation in (BEGINNING, COLLECT)


def is_safe_place(machine: Machine, state: State, name: str) -> bool:
    """Say whether a thread is where it gives way, or has given way."""
    thread = state.threads[name]
    if thread.ended or thread.operation:
        return False
    step = machine.next_step(state, name)
    if stops_the_world(step):
        return True
    if not isinstance(step, Step) or step.operation not in SAFE:
        return False
    return not is_unsafe(machine.program, thread)


def is_at_safe_point(machine: Machine, state: State, name: str) -> bool:
    if not is_safe_place(machine, state, name):
        return False
    step = machine.next_step(state, name)
    is_collect = isinstance(step, Step) and step.operation == COLLECT
    return not (is_collect and is_collecting(machine, state, name))


def is_frozen(state: State, name: str) -> bool:
    """Say whether an attached thread stands still in a world that is stopped."""
    attached = state.threads[name].attachment == ATTACHED
    return attached and is_another(state, name) and state.stop.is_complete


def gives_way(machine: Machine, state: State, name: str) -> bool:
    """Say whether a thread does not take its next step because another has asked."""
    thread = state.threads[name]
    if thread.ended or not is_another(state, name):
        return False
    if thread.attachment == ATTACHED:
        return is_frozen(state, name) or is_at_safe_point(machine, state, name)
    if thread.operation:
        return thread.operation.kind == "attach"
    step = machine.next_step(state, name)
    return isinstance(step, Step) and step.operation == "attach"


def has_stopped(machine: Machine, state: State, name: str) -> bool:
    thread = state.threads[name]
    if thread.attachment != ATTACHED:
        return True
    if thread.buffer or thread.operation:
        return False
    if thread.ended:
        return True
    turn = machine.section_turn(state, name)
    if turn == "suspend":
        return False
    if turn == "resume":
        return not machine.is_enabled(state, name)
    if gives_way(machine, state, name):
        return True
    step = machine.next_step(state, name)
    return machine.gives_up(step) and not machine.can_do(state, name)


def can_begin(machine: Machine, state: State, name: str) -> bool:
    """Say whether a thread can take a step of the beginning of its `stop_world`."""
    if state.stop is None:
        return True
    others = (other for other in state.threads if other != name)
    return not state.stop.is_complete and all(
        has_stopped(machine, state, other) for other in others
    )


def do(state: State, name: str, operation: str) -> bool:
    """Take a step; say whether the beginning, or the end, is complete."""
    if operation == ENDING:
        state.stop = None
    elif state.stop is None:
        state.stop = Stop(name, len(state.threads[name].stack))
        return False
    else:
        state.stop = state.stop._replace(is_complete=True)
        for other in state.threads:
            if other != name:
                storage.pass_quiescence(state, other)
    return True


def do_for_collector(state: State, name: str, *, held: bool) -> bool:
    """Stop the world for a collector, which starts it again; say whether it is."""
    if held:
        return True
    is_done = do(state, name, BEGINNING)
    if is_done:
        state.stop = None
    return is_done


def may_be_interrupted(state: State, name: str) -> bool:
    stop = state.stop
    return stop is None or (stop.thread == name and stop.is_complete)

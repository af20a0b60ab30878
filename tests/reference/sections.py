"""Critical sections: a thread's stack of them, suspending it and resuming it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .program import InvalidProgram, Step
from .state import ATTACHED, FREED, Finding

if TYPE_CHECKING:
    from .state import State, Thread

ENTERING, HELD, SUSPENDED, NOTHING = "entering", "held", "suspended", "nothing"
ARE_SECTIONS = {"enter", "exit"}
GIVE_UP = {"lock", "await", "await equal", "pass"}


@dataclass
class Section:
    """A section that a thread is in, or is entering."""

    objects: tuple[object, ...]  # in the order in which they are locked
    stage: str
    taken: tuple[int, ...] = ()  # which of their locks it has
    waits: bool = False  # its thread is at the step that made it suspend
    frames: int = 0  # how deep the stack of its thread is


def stack(thread: Thread) -> list[Section]:
    return [section for section in thread.sections if section.stage != NOTHING]


def top(thread: Thread) -> Section | None:
    known = stack(thread)
    return known[-1] if known else None


def to_release(thread: Thread) -> Section | None:
    """Return the topmost section with a lock, without one that is being entered."""
    holding = [s for s in stack(thread) if s.taken and s.stage != ENTERING]
    return holding[-1] if holding else None


# -- locks


def has_memory(state: State, identity: object) -> bool:
    return identity is not None and state.objects[identity].status != FREED


def touch(state: State, identity: object) -> None:
    if identity is None:
        raise Finding("null-dereference")
    if state.objects[identity].status == FREED:
        raise Finding("use-after-free")


def next_to_take(section: Section) -> int:
    return next(i for i in range(len(section.objects)) if i not in section.taken)


def is_free(state: State, section: Section) -> bool:
    """Say whether a step that takes the section's next lock can be done."""
    identity = section.objects[next_to_take(section)]
    return not has_memory(state, identity) or state.objects[identity].lock is None


def take(state: State, name: str, section: Section) -> None:
    number = next_to_take(section)
    touch(state, section.objects[number])
    state.objects[section.objects[number]].lock = name
    section.taken += (number,)
    if len(section.taken) == len(section.objects):
        section.stage = HELD
        section.waits = False


def release(state: State, name: str, section: Section, number: int) -> None:
    known = section.objects[number]
    touch(state, known)
    if state.objects[known].lock != name:
        raise InvalidProgram(f"{name} does not hold the lock of {known}")
    state.objects[known].lock = None
    section.taken = tuple(taken for taken in section.taken if taken != number)


# -- what a thread does before its next instruction


def must_suspend(thread: Thread, step: object, *, waits: bool) -> bool:
    """Say whether the next step of a thread releases a lock before it waits."""
    if thread.operation or to_release(thread) is None:
        return False
    if thread.attachment != ATTACHED:
        return top(thread).waits
    detaches = isinstance(step, Step) and step.operation == "detach"
    return top(thread).waits or detaches or waits


def must_resume(thread: Thread, *, goes_on: bool) -> bool:
    """Say whether a thread resumes a section; a stop it gave way to may be over."""
    found = top(thread)
    return (
        found is not None
        and not thread.operation
        and thread.attachment == ATTACHED
        and found.stage == SUSPENDED
        and (goes_on or not found.waits)
    )


def suspend(state: State, name: str) -> None:
    thread = state.threads[name]
    section = to_release(thread)
    top(thread).waits = True
    release(state, name, section, min(section.taken))
    if not section.taken:
        section.stage = SUSPENDED


def is_between_locks(thread: Thread) -> bool:
    """Say whether a section has part of its locks, or sections are being suspended."""
    found = top(thread)
    if found is None:
        return False
    is_part = 0 < len(found.taken) < len(found.objects)
    return is_part or (found.waits and to_release(thread) is not None)


def is_over(thread: Thread) -> None:
    """Note that the step at which a thread suspended its sections is complete."""
    found = top(thread)
    if found is not None and found.stage == SUSPENDED and thread.attachment == ATTACHED:
        found.waits = False


# -- the beginning and the end


def in_order(state: State, identities: list) -> tuple:
    """Return the objects as they are locked; null has the lowest address of all."""
    places = {identity: place for place, identity in enumerate(state.objects)}
    unique = dict.fromkeys(identities)
    return tuple(sorted(unique, key=lambda one: places.get(one, -1)))


def begun(state: State, name: str, step: Step) -> Section:
    """Return the section that a thread enters, which may be on its way already."""
    thread = state.threads[name]
    found, depth = top(thread), len(thread.stack)
    if found is not None and found.stage == ENTERING and found.frames == depth:
        return found  # an interrupt, which is deeper, enters another one
    values = thread.stack[-1].values
    objects = in_order(state, [values.get(local) for local in step.operands])
    return Section(objects, ENTERING, frames=depth)


def is_inside(thread: Thread, section: Section) -> bool:
    """Say whether the topmost section has the only lock that another one wants."""
    found = top(thread)
    return (
        found is not None
        and found is not section
        and found.stage == HELD
        and len(section.objects) == 1
        and section.objects[0] in found.objects
    )


def can_enter(state: State, name: str, step: Step) -> bool:
    section = begun(state, name, step)
    return is_inside(state.threads[name], section) or is_free(state, section)


def enter(state: State, name: str, step: Step) -> bool:
    """Take the next lock; say whether the section is entered."""
    thread = state.threads[name]
    section = begun(state, name, step)
    is_new = section not in thread.sections or section is not top(thread)
    if is_new and is_inside(thread, section):
        touch(state, section.objects[0])
        section.stage = NOTHING
        thread.sections.append(section)
        return True
    if section is not top(thread):
        thread.sections.append(section)
    take(state, name, section)
    return section.stage == HELD


def leave(state: State, name: str) -> bool:
    """Release the next lock; say whether the section is left."""
    thread = state.threads[name]
    section = thread.sections[-1]
    release(state, name, section, max(section.taken))
    if not section.taken:
        thread.sections.pop()
    return not section.taken


def begin_to_wait(state: State, name: str, step: Step) -> None:
    """Put a section on the stack that has to wait, so that it keeps what it has."""
    thread = state.threads[name]
    section = begun(state, name, step)
    if section is not top(thread):
        thread.sections.append(section)


def is_local(thread: Thread, step: Step, *, held: bool) -> bool:
    """Say whether the beginning or end of a section is no step."""
    if step.operation not in ARE_SECTIONS:
        return False
    if held:
        return True
    return step.operation == "exit" and thread.sections[-1].stage == NOTHING


def check_unlock(thread: Thread, identity: object) -> None:
    for section in stack(thread):
        if any(section.objects[number] == identity for number in section.taken):
            raise InvalidProgram(f"unlock of {identity}, which a section holds")


def check_resurrection(state: State, name: str, depth: int) -> None:
    """Refuse to end a destruction, whose frame is at `depth`, in a section or stop."""
    if any(section.frames > depth for section in state.threads[name].sections):
        raise InvalidProgram("resurrect_end inside of a critical section")
    stop = state.stop
    if stop is not None and stop.thread == name and stop.frames > depth:
        raise InvalidProgram("resurrect_end inside of stop_world")

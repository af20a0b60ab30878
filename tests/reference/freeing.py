"""Releasing memory, and dropping what it owned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import collecting, counting, detached, putting_off
from .state import FREED, IMMORTAL, Destruction, Finding, Operation

if TYPE_CHECKING:
    from .program import Program
    from .state import State


def can_go_on(state: State, program: Program, mode: str, name: str) -> bool:
    """Say whether a thread can go on with a destruction or a collection."""
    thread = state.threads[name]
    frame = thread.stack[-1]
    if isinstance(frame, Destruction):
        is_first = bool(collecting.weak_cells(state, program, frame.identity))
        return is_first or not is_blocked(state, mode, frame.identity)
    left = collecting.garbage(state)
    return not left or not is_blocked(state, mode, left[0])


def is_blocked(state: State, mode: str, identity: str) -> bool:
    """Say whether something that a step drops is another's business now."""
    is_there = state.objects[identity].status != FREED
    if detached.is_anyone_suspended(state) and is_there:
        return bool(owned_objects(state, identity))
    return free_is_blocked(state, mode, identity)


def end(state: State, program: Program, mode: str, name: str) -> None:
    """Do the last step of a destruction, or the one before it."""
    thread = state.threads[name]
    needs = putting_off.needs_attached(mode)
    detached.check_count(thread, needs_attached=needs)
    identity = thread.stack[-1].identity
    if collecting.weak_cells(state, program, identity):
        collecting.clear_weak(state, program, name, [identity])
        return
    thread.stack.pop()
    free(state, identity)
    release_owned(state, mode, name, identity)


def free(state: State, identity: str) -> None:
    """Give an object's memory back."""
    known = state.objects[identity]
    if known.status == FREED:
        raise Finding("double-free")
    if known.ledger > 0:
        state.latent |= {"dangling-free"}
    known.status = FREED
    known.tracked = known.garbage = known.finalised = False
    known.lanes = {}


def owned_objects(state: State, identity: str) -> list[str]:
    """Return what the owning fields of an object point to, in declaration order."""
    known = state.objects[identity]
    fields = [v for f, v in known.fields.items() if known.options.owns(f)]
    return [value for value in fields if isinstance(value, str)]


def free_is_blocked(state: State, mode: str, identity: str) -> bool:
    """Say whether the counts that a free step drops are locked by another thread."""
    if state.objects[identity].status == FREED:
        return False
    owned = [state.objects[target] for target in owned_objects(state, identity)]
    if mode == "global_lock":
        return bool(owned) and state.global_lock is not None
    return any(o.status != FREED and o.counting_lock is not None for o in owned)


def release_owned(state: State, mode: str, name: str, identity: str) -> None:
    """Decrement what the owning fields of a freed object point to."""
    drop_all(state, mode, name, owned_objects(state, identity))


def drop_all(state: State, mode: str, name: str, targets: list[str]) -> None:
    for target in targets:
        known = state.objects[target]
        if known.status == FREED:
            raise Finding("use-after-free")
        known.add_to_ledger(-1)
        if mode in putting_off.TABLE:
            thread = state.threads[name]
            thread.operation = Operation("decref", target, ("",), None)
            while thread.operation:
                counting.advance(state, mode, name)
            continue
        if mode == "immortal" and known.count >= IMMORTAL:
            continue
        if mode == "saturating" and known.count < 0:
            known.count = known.saturated
            continue
        if mode == "sign_split" and known.count > known.most:
            continue
        if known.count <= 0:
            raise Finding("underflow")
        known.count -= 1
        if known.count == 0:
            counting.destroy(state, name, target)

"""Weak references, and the cycle collector."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import counting, detached, freeing, operations, putting_off, stops
from .access import believed
from .program import InvalidProgram
from .state import ATTACHED, FREED, Call, Callbacks, Collection, Finding

if TYPE_CHECKING:
    from .program import Program
    from .state import Object, State
    from .steps import Machine


# -- weak references


def weak_cells(state: State, program: Program, identity: str) -> list[str]:
    """Name the weak references to an object that is not freed."""
    if state.objects[identity].status == FREED:
        return []
    return [cell for cell in program.weak if state.cells[cell] == identity]


def clear_weak(state: State, program: Program, name: str, dead: list[str]) -> None:
    """Set the weak references to some objects to null, and call back next."""
    cleared = [cell for cell in program.weak if state.cells[cell] in dead]
    for cell in cleared:
        state.cells[cell] = None
    labels = tuple(program.weak[cell] for cell in cleared if program.weak[cell])
    if labels:
        state.threads[name].stack.append(Callbacks(labels))


# -- what the collector sees


def can_stop_world(state: State, name: str) -> bool:
    return not any(
        thread.operation and thread.attachment == ATTACHED
        for other, thread in state.threads.items()
        if other != name
    )


def can_look(machine: Machine, state: State, name: str) -> bool:
    """Say whether a thread can stop the world for the collector, or begin to."""
    if state.threads[name].attachment != ATTACHED:
        return True  # which is an error
    if machine.held:
        return can_stop_world(state, name)
    return stops.can_begin(machine, state, name)


def visits(known: Object) -> list[tuple[str, int]]:
    """List what `tp_traverse` visits: what a field points to, and how often."""
    said = dict(known.options.visits)
    return [
        (known.fields[field], said.get(field, int(owning)))
        for field, owning, _ in known.options.fields
        if isinstance(known.fields[field], str) and said.get(field, int(owning))
    ]


def unreachable(state: State, mode: str, among: list[str]) -> list[str]:
    """Search some tracked objects for those that nothing else leads to."""
    rest = {one: believed(mode, state.objects[one]) for one in among}
    for one in among:
        if not state.objects[one].initialised:
            raise Finding("uninitialised-use")
        for target, times in visits(state.objects[one]):
            if state.objects[target].status == FREED:
                raise Finding("use-after-free")
            if state.objects[target].uncounted:
                raise InvalidProgram(f"{one} leads to {target}, which has no count")
            if target in rest:
                rest[target] -= times
    ahead = [one for one in among if rest[one]]
    reached = set(ahead)
    while ahead:
        for target, _ in visits(state.objects[ahead.pop()]):
            if target in rest and target not in reached:
                reached.add(target)
                ahead.append(target)
    return [one for one in among if one not in reached]


def garbage(state: State) -> list[str]:
    return [one for one, known in state.objects.items() if known.garbage]


# -- its steps


def stop_world(state: State, name: str, *, held: bool) -> bool:
    """Take a step to stop all others; say whether the world is stopped."""
    if not stops.do_for_collector(state, name, held=held):
        return False
    for other, thread in state.threads.items():
        if thread.attachment == ATTACHED:
            operations.drain_all(state, other)
    return True


def collect(
    state: State, program: Program, mode: str, name: str, *, held: bool
) -> bool:
    """Take a step of `collect`; say whether it is complete."""
    detached.check(state.threads[name], "collect", takes_attached=True)
    if not stop_world(state, name, held=held):
        return False
    tracked = [one for one, known in state.objects.items() if known.tracked]
    found = unreachable(state, mode, tracked)
    for one in found:
        state.objects[one].garbage = True
        merge(state.objects[one], mode, program)
    if found:
        state.threads[name].stack.append(Collection())
    clear_weak(state, program, name, found)
    return True


def merge(known: Object, mode: str, program: Program) -> None:
    """Put what threads have counted into the count of an object that nobody owns."""
    if mode in putting_off.TABLE and not known.is_immortal(mode):
        known.count = believed(mode, known)
        known.lanes, known.owner = {}, None
        putting_off.begin_count(known, mode, None, program)


def is_at_step(state: State, stack: list) -> bool:
    """Do what needs no step; say whether a step is next."""
    top = stack[-1]
    if isinstance(top, Callbacks):
        if not top.labels:
            stack.pop()
        else:
            label, top.labels = top.labels[0], top.labels[1:]
            stack.append(Call(label))
        return False
    left = garbage(state)
    if top.clears:
        if not left:
            stack.pop()
        return bool(left)
    for one in left:
        known = state.objects[one]
        if known.options.finaliser and not known.finalised:
            known.finalised = True
            own = {"self": one}
            stack.append(Call(f"fn {known.options.finaliser}", values=own))
            return False
    return True


def go_on(state: State, program: Program, mode: str, name: str, *, held: bool) -> None:
    thread = state.threads[name]
    frame = thread.stack[-1]
    if not frame.clears:
        detached.check(thread, "look-again", takes_attached=True)
        if not stop_world(state, name, held=held):
            return
        left = garbage(state)
        found = unreachable(state, mode, left)
        for one in left:
            state.objects[one].garbage = one in found
        for cell in program.weak:
            if state.cells[cell] in found:
                state.cells[cell] = None
        frame.clears = True
        return
    needs = putting_off.needs_attached(mode)
    detached.check_count(thread, needs_attached=needs)
    left = garbage(state)
    if not left:
        return  # another thread has taken the last one away
    one = left[0]
    known = state.objects[one]
    known.garbage = False
    if believed(mode, known) == 0:
        counting.destroy(state, name, one)
        return
    owned = freeing.owned_objects(state, one)
    for field, owning, _ in known.options.fields:
        if owning:
            known.fields[field] = None
    freeing.drop_all(state, mode, name, owned)


def track(known: Object, operation: str) -> None:
    if not known.options.gc or known.uncounted:
        raise InvalidProgram(f"{operation} of what takes no part in collections")
    if operation == "track" and known.tracked:
        raise InvalidProgram("track of what is tracked")
    known.tracked = operation == "track"
    known.garbage &= known.tracked

"""Memory without a count, and containers whose items lie in a block of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .program import InvalidProgram, Options
from .state import ATTACHED, FREED, Finding, evaluate

if TYPE_CHECKING:
    from .program import Program
    from .state import Object, State


def allocate(state: State, name: str, options: Options) -> str:
    """Make memory without a count."""
    identity = state.fresh_object(name, options, 0)
    state.objects[identity].uncounted = True
    return identity


def begin(state: State, program: Program) -> None:
    """Give each container that says `room` its first block."""
    for name, (room, _) in program.rooms.items():
        items = state.containers.pop(name)
        identity = allocate(state, f"{name}.items", Options())
        state.objects[identity].places = (*items, *[None] * (room - len(items)))
        state.blocks[name] = (identity, len(items))


def items_of(state: State, container: str) -> tuple:
    """Return what a container holds, wherever it lies."""
    if container not in state.blocks:
        return tuple(state.containers[container])
    identity, length = state.blocks[container]
    return state.objects[identity].places[:length]


def keep(state: State, container: str, items: list) -> None:
    """Let the items of a block be these, which fit; a place that held one is null."""
    identity, before = state.blocks[container]
    behind = max(before, len(items))
    rest = state.objects[identity].places[behind:]
    state.objects[identity].places = (*items, *[None] * (behind - len(items)), *rest)
    state.blocks[container] = (identity, len(items))


def replace(state: State, program: Program, container: str, room: int) -> None:
    old, length = state.blocks[container]
    kept = state.objects[old].places[: min(length, room)]
    new = allocate(state, f"{container}.items", Options())
    state.objects[new].places = (*kept, *[None] * (room - len(kept)))
    state.blocks[container] = (new, len(kept))
    waits_for = frozenset(
        name
        for name, thread in state.threads.items()
        if name in program.threads
        and not thread.ended
        and thread.attachment == ATTACHED
    )
    if program.rooms[container][1] and waits_for:
        state.objects[old].waits_for = waits_for
    else:
        state.objects[old].status = FREED


def pass_quiescence(state: State, name: str) -> None:
    """Free the old blocks that waited for no thread but this one."""
    for known in state.objects.values():
        if name in known.waits_for:
            known.waits_for -= {name}
            if not known.waits_for:
                known.status = FREED


def append(state: State, program: Program, container: str, value: object) -> None:
    identity, length = state.blocks[container]
    room = len(state.objects[identity].places)
    if length == room:
        replace(state, program, container, room + 1)
    keep(state, container, [*items_of(state, container), value])


def block(state, program, name, values, container) -> str:
    return state.blocks[container][0]


def resize(state, program, name, values, container, expression) -> None:
    room = evaluate(expression, values)
    if not isinstance(room, int):
        raise InvalidProgram(f"resize {container} {room!r}: this is no number")
    if room < 0:
        raise Finding("out-of-bounds")
    replace(state, program, container, room)


def at(known: Object, index: object) -> object:
    check_index(known, index)
    return known.places[index]


def set_at(known: Object, index: object, value: object) -> None:
    check_index(known, index)
    known.places = (*known.places[:index], value, *known.places[index + 1 :])


def check_index(known: Object, index: object) -> None:
    if known.places is None:
        raise InvalidProgram("at: this is no block")
    if not isinstance(index, int):
        raise InvalidProgram(f"at … {index!r}: the index is no number")
    if not 0 <= index < len(known.places):
        raise Finding("out-of-bounds")


def is_pointed_to(state: State, identity: str) -> bool:
    """Say whether anything that is left when a run ends leads to some memory."""
    found = [*state.cells.values(), *(block for block, _ in state.blocks.values())]
    for items in state.containers.values():
        found += items
    for known in state.objects.values():
        if known.status != FREED:
            found += [*known.fields.values(), *(known.places or ())]
    return identity in found

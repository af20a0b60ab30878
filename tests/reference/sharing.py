"""Who shares an object: at the beginning, and once it was put where others look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .program import Program, Step
from .state import FREED, Object, State, evaluate

if TYPE_CHECKING:
    from collections.abc import Iterable

SLACK = 2**20  # shared counts this far beyond the largest one change no more


def shared_at_first(program: Program) -> set[str]:
    """Name the objects that more than one thread can reach when a run begins."""
    steps = [s for body in program.bodies.values() for s in body if isinstance(s, Step)]
    made = {s.operands[0] for s in steps if s.operation in ("new", "raw_new", "malloc")}
    open_to_all = [
        *program.cells.values(),
        *(item for items in program.containers.values() for item in items),
        *(
            value
            for kind in made & set(program.types)
            for _, _, value in program.types[kind].fields
        ),
    ]
    shared = reachable(program, open_to_all)
    seen: set[str] = set()
    for thread in program.threads:
        held = program.holds + program.borrows
        mine = reachable(program, [name for who, _, name in held if who == thread])
        shared |= mine & seen
        seen |= mine
    renewed = [s.operands[0] for s in steps if s.operation == "renew"]
    return shared | reachable(program, renewed)


def reachable(program: Program, first: Iterable[object]) -> set[str]:
    found: set[str] = set()
    ahead = list(first)
    while ahead:
        name = ahead.pop()
        if name in program.objects and name not in found:
            found.add(name)
            ahead += [value for _, _, value in program.objects[name].fields]
    return found


def is_local(known: Object) -> bool:
    return known.count > 0 and not known.shared


def publish_by(state: State, values: dict, step: Step, result: object) -> None:
    """Mark what a step that has just been done has put where others look."""
    if step.operation not in ("store", "swap", "cas", "append", "at set"):
        return
    place, *given = step.operands
    if step.operation == "cas" and result != 1:
        return
    is_field = step.operation not in ("append", "at set") and place[0] == "field"
    if is_field and is_local(state.objects[values[place[1]]]):
        return
    publish(state, evaluate(given[-1], values))


def publish(state: State, value: object) -> None:
    seen: set[object] = set()
    ahead = [value]
    while ahead:
        name = ahead.pop()
        known = state.objects.get(name)
        if known is None or name in seen:
            continue
        seen.add(name)
        if known.status == FREED and not known.options.stable:
            continue
        if is_local(known) or known.count == 0:
            known.shared |= known.count > 0
            ahead += known.fields.values()

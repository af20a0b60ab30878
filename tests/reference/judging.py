"""What a finished run is judged by: the owners and the counts of each object."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .state import FREED

if TYPE_CHECKING:
    from collections.abc import Callable

    from .program import Program
    from .state import Object, State


def end_kinds(
    state: State,
    program: Program,
    mode: str,
    believed: Callable[[Object], int],
    items_of: Callable[[State, str], tuple],
    is_pointed_to: Callable[[State, str], bool],
) -> frozenset[str]:
    """Judge a finished run: what the owners and the counts say of each object."""
    owned = [state.cells[cell] for cell in program.owning_cells]
    for container in program.owning_containers:
        owned += items_of(state, container)
    for known in state.objects.values():
        if known.status != FREED:
            owned += [v for f, v in known.fields.items() if known.options.owns(f)]
    kinds = set()
    for identity, known in state.objects.items():
        owners = owned.count(identity)
        if known.uncounted:
            if known.status != FREED and not is_pointed_to(state, identity):
                kinds.add("leak")
        elif known.status == FREED:
            if owners:
                kinds.add("dangling-reference")
        elif known.is_immortal(mode):
            continue
        elif (
            (mode == "saturating" and known.count < 0)
            or (mode == "sign_split" and known.count > known.most)
            or believed(known) > owners
            or believed(known) == owners == 0
        ):
            kinds.add("leak")
        elif believed(known) < owners:
            kinds.add("count-too-low")
    return frozenset(kinds)

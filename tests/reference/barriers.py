"""Barriers: who waits at one, and who lets all go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .state import Call

if TYPE_CHECKING:
    from .program import Program
    from .state import State


def arrive(program: Program, state: State, frame: Call, barrier: str) -> None:
    """Wait at a barrier; the last one lets all go, and is through itself."""
    frame.barrier = barrier
    stacks = [thread.stack for thread in state.threads.values()]
    frames = [one for stack in stacks for one in stack if isinstance(one, Call)]
    waiting = [one for one in frames if one.barrier == barrier]
    if len(waiting) >= program.barriers[barrier]:
        frame.place += 1
        for one in waiting:
            one.barrier = None

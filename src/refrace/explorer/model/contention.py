"""Whether two threads of a program can ever be in each other's way."""

from __future__ import annotations

from typing import Literal

from refrace._native import explorer as native_explorer
from refrace.explorer.model.lower import Lowered

__all__ = ["CONTENTIONS", "Contention", "contention_of"]

Contention = Literal["none", "steps", "counting"]

CONTENTIONS: tuple[Contention, ...] = ("none", "steps", "counting")
"""As the core numbers them: enum rr_contention."""


def contention_of(
    lowered: Lowered, mode: int, gil_held: bool, max_states: int, max_bytes: int
) -> Contention | None:
    """Look at all states of a program for threads that can go on at the same time.

    Parameters
    ----------
    lowered : Lowered
    mode : int
        Its number: its place in ``objects.mode_cards()``.
    gil_held : bool
    max_states, max_bytes : int
        How far to look.

    Returns
    -------
    {"none", "steps", "counting"} or None
        ``"none"``: in no state can two threads go on.  ``"steps"``: two can, but two
        never count at one object.  ``"counting"``: they can.  None: there are more
        states, or the program does what no program may do.
    """
    search = native_explorer.Search(
        native_explorer.Image(lowered.image),
        mode,
        gil_held,
        -1,
        True,
        max_states,
        max_bytes,
    )
    while search.advance() == "graph":
        pass
    if not search.numbers().is_complete:
        return None
    return CONTENTIONS[search.contention()]

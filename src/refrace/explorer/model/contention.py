"""Whether two threads of a program can ever contend."""

from __future__ import annotations

from typing import Literal

from refrace._native import explorer as native_explorer
from refrace.explorer.model.lower import Lowered

__all__ = ["CONTENTIONS", "Contention", "contention_of"]

Contention = Literal["none", "steps", "counting"]

CONTENTIONS: tuple[Contention, ...] = ("none", "steps", "counting")
"""In the order of the core's enum rr_contention."""


def contention_of(
    lowered: Lowered, mode: int, gil_held: bool, max_states: int, max_bytes: int
) -> Contention | None:
    """Search all states of a program for threads that are enabled at the same time.

    Parameters
    ----------
    lowered : Lowered
    mode : int
        The number of the mode: its index in ``objects.mode_cards()``.
    gil_held : bool
    max_states, max_bytes : int
        The limits of the search.

    Returns
    -------
    {"none", "steps", "counting"} or None
        ``"none"``: no state has two enabled threads.  ``"steps"``: some state has, but
        two threads never count the same object at once.  ``"counting"``: they can.
        None: a limit was reached, or the program makes an error.
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

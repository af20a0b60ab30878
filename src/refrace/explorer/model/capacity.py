"""Shared by walks and samples: capacity for growing states, and names of kinds."""

from __future__ import annotations

from refrace._native import explorer as native_explorer
from refrace.errors import ProgramTooLarge
from refrace.explorer.limits import MAKE_SMALLER, OUTGROWN

__all__ = ["grow", "kinds_of"]


def grow(capacity: list[int], which: int) -> None:
    """Double the capacity that a state has exhausted.

    Nothing has to grow if the mode did what was not known of it under C11: the core
    has noted it, and the caller begins again.

    Raises
    ------
    ProgramTooLarge
        The capacity is at its bound already.
    """
    if which == native_explorer.GROW_WAYS:
        return
    if which == native_explorer.GROW_HISTORY:
        raise ProgramTooLarge(
            f"a run needs more than {OUTGROWN['history']}; raise `history`, which is "
            f"at most {native_explorer.MOST_HISTORY}, or bound the loops of the program"
        )
    if capacity[which] >= native_explorer.BOUNDS["room"]:
        what = OUTGROWN[native_explorer.ROOM[which]]
        raise ProgramTooLarge(f"a run needs more than {what}; {MAKE_SMALLER}")
    least = 2 if which == native_explorer.CAPACITY_READS else 1
    capacity[which] = max(least, 2 * capacity[which])


def kinds_of(bits: int) -> list[str]:
    """Return the names of a set of kinds, latent kinds first."""
    return [kind for i, kind in enumerate(native_explorer.KINDS) if bits >> i & 1]

"""What walks and samples share: room for growing states, and names of kinds."""

from __future__ import annotations

from refrace._native import explorer as native_explorer
from refrace.errors import ProgramTooLarge
from refrace.explorer.limits import MAKE_SMALLER, OUTGROWN

__all__ = ["grow", "kinds_of"]


def grow(capacity: list[int], which: int) -> None:
    """Make room for twice as much of what a state ran out of.

    Raises
    ------
    ProgramTooLarge
        There is as much room already as is allowed.
    """
    if capacity[which] >= native_explorer.BOUNDS["room"]:
        what = OUTGROWN[native_explorer.ROOM[which]]
        raise ProgramTooLarge(f"a run needs room for more than {what}; {MAKE_SMALLER}")
    least = 2 if which == native_explorer.CAPACITY_READS else 1
    capacity[which] = max(least, 2 * capacity[which])


def kinds_of(bits: int) -> list[str]:
    """Return the names of a set of kinds, latent ones first."""
    return [kind for i, kind in enumerate(native_explorer.KINDS) if bits >> i & 1]

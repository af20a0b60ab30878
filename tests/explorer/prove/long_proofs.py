"""Proofs of modes: all small programs for some of them, fewer for the others."""

import pytest

import refrace
from refrace.explorer.corpus import EFFORTS

# The yardstick, and what CPython without a GIL does.  A proof takes five to ten seconds
# and those of all modes two minutes; of a broken mode it is short unless it has no
# witness among the programs.
IN_EACH_RUN = {"atomic", "biased"}
LONG = {mode.name for mode in refrace.modes() if mode.claim == "correct"} - IN_EACH_RUN
LONG |= {"biased_unsuspended", "biased_weak_queue", "epoch_too_soon"}

# As many letters as the smallest witness of any broken mode has, and one more for two
# threads; an eighth of the states, and all scenarios.
FEWER = ((2, 4), (3, 3))


def each(modes, *, long=frozenset(LONG)):
    """Give the modes, or names of modes, as parameters; long proofs are soaks."""
    names = [getattr(mode, "name", mode) for mode in modes]
    return [
        pytest.param(mode, id=name, marks=[pytest.mark.soak] * (name in long))
        for mode, name in zip(modes, names, strict=True)
    ]


def prove_with_fewer_programs(mode):
    """Return a proof over the programs of `FEWER` and all scenarios."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(EFFORTS, "small", FEWER)
        return refrace.prove(mode, max_seconds=3600)

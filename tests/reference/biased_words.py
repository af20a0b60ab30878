"""The words of counts that are biased towards an owner, and accesses to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .access import believed
from .state import OWNERS_IMMORTAL

if TYPE_CHECKING:
    from .access import Run
    from .state import Others


def owner_of(run: Run) -> str | None:
    run.check(writes=False)
    return run.known.owner


def others_of(run: Run) -> Others:
    run.check(writes=False)
    return run.known.others


def set_others(run: Run, others: Others) -> None:
    run.check(writes=True)
    before = believed(run.mode, run.known)
    run.known.others = others
    run.judge(before)


def attempt(run: Run, others: Others) -> bool:
    """Put that in place of what was seen last; to fail is to see something else."""
    seen = others_of(run)
    if seen == run.operation.read:
        set_others(run, others)
        return True
    run.operation.read = seen
    return False


def is_immortal(count: int) -> bool:
    return abs(count - OWNERS_IMMORTAL) <= 1

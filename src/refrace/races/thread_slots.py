"""Errors for threads that cannot count an object."""

from __future__ import annotations

from refrace._native import objects as native_objects
from refrace.errors import LimitReached, RefraceError, ThreadDetached

__all__ = ["thread_slot_error"]

_TOO_MANY = (
    "this mode gives each thread a number, and has "
    f"{native_objects.MAX_THREAD_SLOTS} numbers; "
    "use objects of this mode from fewer threads at a time"
)


def thread_slot_error(
    error: native_objects.ThreadSlotError, operation: str, mode: str
) -> RefraceError:
    """Return the public error for a thread slot error of the core."""
    (reason,) = error.args
    if reason == "crowded":
        return LimitReached(_TOO_MANY)
    if reason == "detached":
        return ThreadDetached(
            f"{operation}: this thread is inside `with thing.detached():` and cannot "
            f"count objects of mode {mode!r} there; do it outside the block"
        )
    return ThreadDetached(
        f"{operation}: this thread did not enter the block `with thing.detached():` of "
        f"mode {mode!r}; leave the block in the thread that entered it"
    )

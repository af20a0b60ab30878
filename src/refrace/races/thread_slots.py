"""What is wrong with a thread that cannot count an object, and what to do about it."""

from __future__ import annotations

from refrace._native import objects as native_objects
from refrace.errors import LimitReached, RefraceError, ThreadDetached

__all__ = ["seat_error"]

_TOO_MANY = (
    "this mode knows each thread by its number, and has "
    f"{native_objects.MAX_THREAD_SLOTS} of them; "
    "touch objects of this mode from fewer threads at a time"
)


def seat_error(
    error: native_objects.ThreadSlotError, operation: str, mode: str
) -> RefraceError:
    """Return the error of the API for what the core says of the calling thread."""
    (reason,) = error.args
    if reason == "crowded":
        return LimitReached(_TOO_MANY)
    if reason == "detached":
        return ThreadDetached(
            f"{operation}: this thread is inside `with thing.detached():`, and counts "
            f"no object of mode {mode!r} until it comes out; do it outside of the block"
        )
    return ThreadDetached(
        f"{operation}: this thread did not enter the block `with thing.detached():` of "
        f"mode {mode!r}; leave it in the thread that has entered it"
    )

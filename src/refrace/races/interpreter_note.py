"""What the figures of a race in mode "cpython" mean."""

from __future__ import annotations

from refrace.environment import Environment

__all__ = ["interpreter_note"]

_WITHOUT_GIL = (
    "Extensions may count only while they hold the GIL. This race did not hold it, so "
    "it shows what the GIL prevents. In a natural part, the compiler may make a single "
    "instruction of an increment, which no other thread on the same core interrupts. "
    "With widened gaps, load and store are written out as in the macros, and a thread "
    "may wait between them."
)


def interpreter_note(environment: Environment, gil: str) -> str:
    """Return what was counted, and what it shows."""
    said = (
        f"These are Py_INCREF and Py_DECREF of CPython {environment.python}, on "
        "objects that refrace keeps in memory."
    )
    if not environment.gil_enabled:
        return (
            f"{said} This build needs no GIL for them: the owner counts in a word of "
            "its own, and other threads use atomic operations, which have no gap to "
            "widen."
        )
    return said if gil == "held" else f"{said} {_WITHOUT_GIL}"

"""What the result of an exploration covers, as a sentence."""

from __future__ import annotations

__all__ = ["MODEL", "model_of"]

MODEL = (
    "Steps are sequentially consistent, except for the writes that `put` leaves in a "
    "store buffer: a missing acquire cannot be found here. The result holds for this "
    "program, with these threads."
)
"""The limit of every claim under sequential consistency."""

MODEL_C11 = (
    "Steps have the memory orders of C11 without load buffering; "
    "docs/explanation/weak-memory.md says how this differs from the standard. The "
    "result holds for this program, with these threads."
)


def model_of(memory: str) -> str:
    """Return what a result in a memory model covers."""
    return MODEL_C11 if memory == "c11" else MODEL

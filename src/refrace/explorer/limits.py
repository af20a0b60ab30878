"""The limits that can stop a search before every schedule was explored."""

from __future__ import annotations

from typing import Literal, TypeAlias

__all__ = ["MAKE_SMALLER", "OUTGROWN", "Limit", "ProofLimit"]

Limit: TypeAlias = Literal[
    "states",
    "seconds",
    "memory",
    "disk",
    "interrupt",
    "words",
    "history",
    "calls",
    "reads",
    "writes",
    "items",
    "objects",
]
"""From ``"words"`` on: bounds on what a state can hold."""

ProofLimit: TypeAlias = Literal[Limit, "worker"]
"""Also ``"worker"``: a worker of an executor was lost with some programs."""

OUTGROWN = {
    "words": "65,536 words in a state",
    "history": "the writes of a cell that `history` allows (c11)",
    "calls": "4,096 nested calls and destructions in one thread",
    "reads": "4,096 values read by one operation",
    "writes": "4,096 writes in the store buffer of one thread",
    "items": "4,096 items in a container beyond its initial ones",
    "objects": "4,096 objects made by `new`, `raw_new` or `renew`",
}
"""The bounds of a state, by the name of the limit."""

MAKE_SMALLER = "make the program smaller, or bound its loops"
"""The cure if a state outgrows its bounds."""

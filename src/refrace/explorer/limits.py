"""What can end a search before every schedule was tried, in words."""

from __future__ import annotations

from typing import Literal, TypeAlias

__all__ = ["MAKE_SMALLER", "OUTGROWN", "Limit"]

Limit: TypeAlias = Literal[
    "states",
    "seconds",
    "memory",
    "interrupt",
    "words",
    "calls",
    "reads",
    "writes",
    "items",
    "objects",
]
"""From ``"words"`` on: bounds of what a state can hold."""

OUTGROWN = {
    "words": "65,536 words in a state",
    "calls": "4,096 calls and destructions under way in one thread",
    "reads": "4,096 values read by one operation",
    "writes": "4,096 writes in the store buffer of one thread",
    "items": "4,096 items in a container beyond those it begins with",
    "objects": "4,096 objects made by `new`, `raw_new` or `renew`",
}
"""The bounds of a state, by the limit that says that one of them was reached."""

MAKE_SMALLER = "make the program smaller, or bound its loops"
"""The cure where a state outgrows them."""

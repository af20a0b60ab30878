"""The moves of the discipline: what a thread may do that keeps every count right.

A program made of these alone is clean in every mode that counts correctly: a thread
touches only what it holds or what is kept alive for it, takes locks in one order,
waits only for threads before it, and gives up each count once.
"""

from __future__ import annotations

from refrace.strategies.rules_control import CONTROL_MOVES
from refrace.strategies.rules_places import PLACE_MOVES

__all__ = ["MOVES"]

MOVES = (*PLACE_MOVES, *CONTROL_MOVES)

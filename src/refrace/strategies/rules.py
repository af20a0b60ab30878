"""The moves of clean programs, which keep every count correct.

A program of only these moves is clean in every mode that counts correctly: a thread
touches only objects that it holds or that are kept alive for it, takes locks in one
order, waits only for earlier threads, and drops each reference once.
"""

from __future__ import annotations

from refrace.strategies.rules_control import CONTROL_MOVES
from refrace.strategies.rules_places import PLACE_MOVES

__all__ = ["MOVES"]

MOVES = (*PLACE_MOVES, *CONTROL_MOVES)

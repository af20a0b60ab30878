"""The rules of clean programs, which keep every count correct.

A program of only these rules is clean in every mode that counts correctly: a thread
touches only objects that it holds or that are kept alive for it, takes locks in one
order, waits only for earlier threads, and drops each reference once.
"""

from __future__ import annotations

from refrace.strategies.rules_control import CONTROL_RULES
from refrace.strategies.rules_places import PLACE_RULES

__all__ = ["RULES"]

RULES = (*PLACE_RULES, *CONTROL_RULES)

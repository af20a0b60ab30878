"""How many rounds the judgements of a program need."""

from __future__ import annotations

from refrace.environment import gil_can_be_disabled

__all__ = [
    "AFTER_FINDING",
    "CONFIRMING_ROUNDS",
    "EVIDENCE_ROUNDS",
    "FILLING",
    "HINTS",
    "LEAST_WRONG",
    "READINGS",
    "WARM_UP",
]

WARM_UP = 4
"""Rounds before the first reading of levels."""

HINTS = 2 if gil_can_be_disabled() else 4
"""Times between readings that all must show growth, for a suspicion.

A collection takes milliseconds on a free-threaded build; more readings confirm it.
"""

READINGS = 12
"""Readings that confirm a suspicion, but for the last one."""

CONFIRMING_ROUNDS = 8
"""Rounds between two readings when a suspicion is confirmed.

Slow rounds are fewer, and must then show as much growth in all.
"""

EVIDENCE_ROUNDS = READINGS * CONFIRMING_ROUNDS
"""Rounds that confirm a suspicion where rounds are quick."""

FILLING = 1_104
"""Objects that a program adds before growth is called a leak.

A cache of up to 1,000 objects is full by then, and grows no more.
"""

AFTER_FINDING = 30
"""Rounds after the first certain finding, for its rate."""

LEAST_WRONG = 2
"""Rounds with wrong answers before they count."""

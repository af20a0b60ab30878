"""What a hunt tells its caller while it runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Doing", "HuntProgress"]

Doing = Literal["loading", "checking", "stored", "searching", "shrinking"]


@dataclass(frozen=True, slots=True)
class HuntProgress:
    """The state of a running hunt.

    Attributes
    ----------
    doing : {"loading", "checking", "stored", "searching", "shrinking"}
        ``"loading"``: the subject.  ``"checking"``: whether planted bugs are found
        here.  ``"stored"``: running the findings of earlier hunts.  ``"shrinking"``:
        making the programs of findings smaller.
    seconds, seconds_total : float
        Time of the search so far, and its limit.
    programs, rounds : int
        Programs run, and their rounds.
    overlap : float
        Share of the time of programs with several threads in which at least two of them
        were inside operations, 0 to 1.
    findings : int
        Different findings so far.
    """

    doing: Doing
    seconds: float
    seconds_total: float
    programs: int = 0
    rounds: int = 0
    overlap: float = 0.0
    findings: int = 0

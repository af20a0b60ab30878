"""What running a program gave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from refrace.hunting.schedules.explored import ExploredSchedules
from refrace.hunting.schedules.native_token import NativeRun
from refrace.hunting.schedules.native_trace import NativeStep

__all__ = ["Observation", "ProgramRun"]


@dataclass(frozen=True)
class Observation:
    """Something wrong that was seen in a round of a program.

    Attributes
    ----------
    kind : str
        The kind of the finding: "leak", "block-leak", "over-decref", "use-after-free",
        "never-freed", "decref-without-gil" or "wrong-answer".
    message : str
        What was seen, in a sentence.
    operations : tuple of str
        The operations of the program.
    round : int
        The number of the round, from 0; the last one for what many rounds show.
    addresses : tuple of int
        Instructions that touched a dead object; known in trap mode only.
    python_stacks : tuple of str
        Python calls at the touch, or at the death, of the object; innermost first.
    native_trace : tuple of NativeStep
        What each thread did, in C lines; only of a run under a chosen schedule.
    native_run : NativeRun or None
        The chosen schedule.
    """

    kind: str
    message: str
    operations: tuple[str, ...]
    round: int
    addresses: tuple[int, ...] = ()
    python_stacks: tuple[str, ...] = ()
    native_trace: tuple[NativeStep, ...] = ()
    native_run: NativeRun | None = None


@dataclass(frozen=True)
class ProgramRun:
    """All rounds of one program.

    Attributes
    ----------
    rounds : int
        Rounds that ran.
    rounds_with : mapping of str to int
        For each kind that was seen, the number of rounds with it.
    observations : tuple of Observation
        The first of each kind.
    overlap : float
        Share of the time inside operations in which two threads or more were inside,
        0 to 1; 0 with one thread.
    seconds : float
        Wall time of everything.
    seconds_single : float
        The part of it in which one thread ran at a time.
    not_compared : tuple of str
        What was not watched, and why; sentences.
    explored : ExploredSchedules or None
        The schedules, if they were chosen.
    traces : tuple of str
        The digests of the traces, if one schedule was replayed.
    returned : frozenset of str
        Operations of which a call returned a value in the first round.
    raised : mapping of str to str
        For each operation of which a call raised in the first round, the name of the
        first exception.
    taken : frozenset of str
        Groups of arguments that calls of the first round have taken: ``"key:text"``.
    """

    rounds: int
    rounds_with: Mapping[str, int]
    observations: tuple[Observation, ...]
    overlap: float
    seconds: float
    seconds_single: float
    not_compared: tuple[str, ...]
    explored: ExploredSchedules | None = None
    traces: tuple[str, ...] = ()
    returned: frozenset[str] = frozenset()
    raised: Mapping[str, str] = field(default_factory=dict)
    taken: frozenset[str] = frozenset()

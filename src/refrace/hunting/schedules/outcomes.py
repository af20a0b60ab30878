"""What the schedules of one program gave, and what a replay of one of them gave."""

from __future__ import annotations

from dataclasses import dataclass, field

from refrace.hunting.schedules.explored import ExploredSchedules, Level
from refrace.hunting.schedules.native_trace import NativeStep
from refrace.hunting.schedules.search import Schedule

__all__ = ["Explored", "Replayed", "ScheduleSighting", "digest_of"]


@dataclass(frozen=True)
class ScheduleSighting:
    """Something wrong under one schedule.

    Attributes
    ----------
    kind : str
        The kind of the finding.
    message : str
        What was seen, in a sentence.
    schedule : tuple of (int, int)
        The decisions that lead there.
    preemptions : int
        How many of them preempt a thread that could go on.
    addresses : tuple of int
        Instructions of the two accesses, if there are any.
    points : int
        The number of points of the run.
    digest : str
        A hash of the trace.
    """

    kind: str
    message: str
    schedule: Schedule
    preemptions: int
    addresses: tuple[int, ...] = ()
    points: int = 0
    digest: str = ""


@dataclass
class Explored:
    """What the schedules of one program gave.

    Attributes
    ----------
    schedules : int
        Schedules that ran.
    seen : list of ScheduleSighting
        The first of each kind, with the fewest preemptions of a bounded search.
    hints : set of (int, int)
        Pairs of instructions that race: hints, not findings.
    is_complete : bool
        Whether every schedule within the bound ran, with all points.
    incomplete_because : str or None
        Why not.
    points : int
        The most points of a run.
    threads : tuple of int
        The most points of each thread.
    calls : int
        The most calls of the C API in a run.
    not_compared : list of str
        What was not judged, and why.
    returned : set of str
        Operations of which a call returned.
    raised : dict of str to str
        Operations of which a call raised, with the first exception.
    seconds : float
    orders : set of int
        What happened in each run, up to the order of independent steps.
    """

    schedules: int = 0
    seen: list[ScheduleSighting] = field(default_factory=list)
    hints: set[tuple[int, int]] = field(default_factory=set)
    is_complete: bool = False
    incomplete_because: str | None = None
    points: int = 0
    threads: tuple[int, ...] = ()
    calls: int = 0
    not_compared: list[str] = field(default_factory=list)
    returned: set[str] = field(default_factory=set)
    raised: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    orders: set[int] = field(default_factory=set)

    def figures(self, preemptions: int | None, level: Level) -> ExploredSchedules:
        """Return what of this adds up with other programs."""
        why = self.incomplete_because
        return ExploredSchedules(
            1,
            int(self.is_complete),
            self.schedules,
            self.points,
            self.calls,
            len(self.hints),
            () if why is None else ((why, 1),),
            preemptions,
            level,
        )


@dataclass
class Replayed:
    """One schedule, run some times.

    Attributes
    ----------
    kinds : list of str or None
        The kind of finding of each run; None if there was none.
    messages : dict of str to str
        For each kind, what was seen first.
    hashes : list of int
        A hash of the trace of each run.
    steps : tuple of NativeStep
        The trace of the last run.
    """

    kinds: list[str | None] = field(default_factory=list)
    messages: dict[str, str] = field(default_factory=dict)
    hashes: list[int] = field(default_factory=list)
    steps: tuple[NativeStep, ...] = ()


def digest_of(trace_hash: int) -> str:
    """Return the hash of a trace as text: JSON has no integers of 64 bits."""
    return f"{trace_hash:016x}"

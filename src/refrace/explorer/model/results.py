"""The typed results of the explorer: explorations, samples and replays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, NamedTuple

from refrace.explorer.limits import Limit
from refrace.traces.state import Found, State
from refrace.traces.steps import TraceStep, Wait

__all__ = ["Explored", "Misuse", "Replay", "Sampled", "Searched", "Way"]


class Way(NamedTuple):
    """A run to a finding: its length, and the codes of its choices."""

    preemptions: int
    steps: int
    schedule: list[int]


class Misuse(NamedTuple):
    """An error of the program, and the codes that lead to it."""

    schedule: Sequence[int]
    message: str


@dataclass(frozen=True, slots=True)
class Explored:
    """The exploration of all schedules of a program, finished or not.

    Attributes
    ----------
    finished : bool
        Whether the runs of every outcome were counted.
    limit : Limit or None
        What stopped the exploration early.
    states, transitions : int
    most_states : int
        The effective limit of states: the requested one, or the bound of the core.
    state_bytes, bytes, disk_bytes : int
        Size of one state, and the most that the search had in memory and on disk.
    elapsed_s : float
    interleavings : int or None
        The number of runs; None if it is infinite or not known.
    infinite, unsolved : bool
        Whether some outcome has infinitely many runs; whether probabilities could not
        be computed.
    outcomes : dict of frozenset of str to (int or None, Fraction or None)
        Runs and probability of each set of kinds of findings.
    schedules : dict of str to Way
        The shortest run to each kind of finding.
    error : Misuse or None
    """

    finished: bool
    limit: Limit | None
    states: int
    most_states: int
    transitions: int
    state_bytes: int
    bytes: int
    disk_bytes: int
    elapsed_s: float
    interleavings: int | None
    infinite: bool
    unsolved: bool
    outcomes: dict[frozenset[str], tuple[int | None, Fraction | None]]
    schedules: dict[str, Way]
    error: Misuse | None


class Searched(NamedTuple):
    """What can happen in a program, without counts."""

    states: int
    limit: Limit | None
    kinds: list[str]
    is_misused: bool


@dataclass(frozen=True, slots=True)
class Sampled:
    """Runs under random schedules.

    Attributes
    ----------
    runs : int
        The runs done.
    limit : {"seconds", "interrupt", "worker"} or None
        What stopped the runs early, or that a worker of an executor was lost.
    too_long, outgrown, beyond_horizon : int
        Runs cut off at the limit of steps, or under C11 at that of the writes of a
        cell; and runs longer than PCT expected.
    horizon : int or None
        The length of a run that PCT expected; None for the uniform strategy.
    longest : int
        Steps of the longest run.
    outcomes : dict of frozenset of str to int
        Number of runs that ended with each set of kinds of findings.
    schedules : dict of str to Way
        The best run to each kind of finding.
    elapsed_s : float
    error : Misuse or None
    """

    runs: int
    limit: Literal["seconds", "interrupt", "worker"] | None
    too_long: int
    outgrown: int
    beyond_horizon: int
    horizon: int | None
    longest: int
    outcomes: dict[frozenset[str], int]
    schedules: dict[str, Way]
    elapsed_s: float
    error: Misuse | None


@dataclass(frozen=True, slots=True)
class Replay:
    """One run of a schedule.

    Attributes
    ----------
    steps : tuple of TraceStep
        The steps that could be taken.
    misfit : str or None
        Why the next one could not.
    ended : bool
        Whether the run is over.
    kinds : list of str
        Kinds of its findings.
    findings : tuple of Found
    waits : tuple of Wait
        At a deadlock, the threads that wait and what they wait for.
    preemptions : int
    error : str or None
        An error of the program.
    error_thread, error_statement : int
        The thread that made it and its statement; -1 for neither.
    enabled : list of int
        The codes that are possible next; none if the run is over.
    stopping : Wait or None
        If a thread waits until all others have stopped: for which it does first.
    state : State
        The state after the last step.
    """

    steps: tuple[TraceStep, ...]
    misfit: str | None
    ended: bool
    kinds: list[str]
    findings: tuple[Found, ...]
    waits: tuple[Wait, ...]
    preemptions: int
    error: str | None
    error_thread: int
    error_statement: int
    enabled: list[int]
    stopping: Wait | None
    state: State

    @property
    def fits(self) -> int:
        """How many steps of the schedule were taken."""
        return len(self.steps)

"""Rounds of a program on real threads and their outcomes."""

from __future__ import annotations

from dataclasses import dataclass, field

from refrace._base.codec import KEYED_BY
from refrace.findings import FindingKind
from refrace.traces.trace import Trace

__all__ = ["RacedOutcome", "Rounds", "WidenedRounds"]


@dataclass(frozen=True, slots=True)
class RacedOutcome:
    """One outcome of rounds and its frequency.

    Attributes
    ----------
    kinds : frozenset of FindingKind
        Kinds of the findings; empty for rounds without findings.
    rounds : int
        Number of rounds with this outcome; at least 1.
    trace : Trace or None
        The shortest of these rounds, step by step, in an order that explains everything
        that was seen; None without findings, or if all had more than 1,024 steps.
    """

    kinds: frozenset[FindingKind]
    rounds: int
    trace: Trace | None


class Rounds:
    """Base class of results that have rounds and outcomes."""

    __slots__ = ()

    rounds: int
    outcomes: dict[frozenset[FindingKind], RacedOutcome]
    undecided: int
    cut: int
    disputed: int
    operations: int
    shared: int
    met: int
    elapsed_s: float

    @property
    def corrupt_rounds(self) -> int:
        """Number of rounds with findings."""
        return sum(outcome.rounds for kinds, outcome in self.outcomes.items() if kinds)

    @property
    def known_rounds(self) -> int:
        """Number of rounds whose outcome is known."""
        return self.rounds - self.undecided - self.cut - self.disputed


@dataclass(frozen=True, slots=True)
class WidenedRounds(Rounds):
    """The rounds of :func:`refrace.race` in which threads paused on purpose.

    In most of them one thread runs at a time, until it ends, has to wait, or reaches a
    place that was chosen for a pause: each place of each thread in turn, then pairs of
    places.  In the others, counting operations wait for another operation on the same
    object.  In all of them a thread may wait inside an operation, between two accesses.
    The threads do the same operations; only the timing is controlled.

    Attributes
    ----------
    rounds : int
        Rounds done.
    outcomes : dict of frozenset of FindingKind to RacedOutcome
        Every outcome, the one without findings first.
    undecided, cut, disputed, steps, operations, shared, met
        As in :class:`refrace.ProgramRace`, for these rounds alone.
    elapsed_s : float
        Their wall time in seconds.
    """

    rounds: int
    outcomes: dict[frozenset[FindingKind], RacedOutcome] = field(
        hash=False, metadata={KEYED_BY: "kinds"}
    )
    undecided: int
    cut: int
    disputed: int
    steps: int
    operations: int
    shared: int
    met: int
    elapsed_s: float

"""Rounds of a program on real threads: how they ended, in one way of running them."""

from __future__ import annotations

from dataclasses import dataclass, field

from refrace._base.codec import KEYED_BY
from refrace.findings import FindingKind
from refrace.traces.trace import Trace

__all__ = ["RacedOutcome", "Rounds", "WidenedRounds"]


@dataclass(frozen=True, slots=True)
class RacedOutcome:
    """How often rounds ended in one way.

    Attributes
    ----------
    kinds : frozenset of FindingKind
        Empty for rounds in which nothing went wrong.
    rounds : int
        How many rounds ended so; at least 1.
    trace : Trace or None
        The shortest of them, step by step, in an order that explains all that was seen;
        None if nothing went wrong, or all had more than 1,024 steps.
    """

    kinds: frozenset[FindingKind]
    rounds: int
    trace: Trace | None


class Rounds:
    """Base of what has rounds and their outcomes."""

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
        """Rounds in which something went wrong."""
        return sum(outcome.rounds for kinds, outcome in self.outcomes.items() if kinds)

    @property
    def known_rounds(self) -> int:
        """Rounds of which it is known how they ended."""
        return self.rounds - self.undecided - self.cut - self.disputed


@dataclass(frozen=True, slots=True)
class WidenedRounds(Rounds):
    """The rounds of :func:`refrace.race` in which threads paused on purpose.

    In most of them one thread runs at a time, until it ends, has to wait, or comes to
    a place that was chosen for a pause: each place of each thread in turn, then two
    places.  In the others counting operations wait for another one at the same object.
    In all of them a thread may wait inside of an operation, between two accesses.
    What the threads do is the same; only when they do it is not left to luck.

    Attributes
    ----------
    rounds : int
        Rounds done.
    outcomes : dict of frozenset of FindingKind to RacedOutcome
        Every way in which they ended, nothing wrong first.
    undecided, cut, disputed, steps, operations, shared, met
        As in :class:`refrace.ProgramRace`, of these rounds alone.
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

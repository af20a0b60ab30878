"""What each mode costs, and whether it counted correctly meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from refrace._render.blocks import Block, Paragraph, Table
from refrace.environment import Environment
from refrace.findings import Finding, FindingKind
from refrace.reports.base import Report
from refrace.reports.race import LEAST_OVERLAP
from refrace.spread import Spread

__all__ = ["BASELINE", "Comparison", "ComparisonRow"]

BASELINE = "unlocked"
"""The mode whose cost on one thread is 1."""


WHOSE = {"shared": "same", "private": "own"}


@dataclass(frozen=True, slots=True)
class ComparisonRow:
    """One mode with one number of threads on one kind of objects.

    Attributes
    ----------
    mode : str
        The refcount mode.
    claims_correct : bool
        What the mode says of its counting.
    threads : int
        Threads that raced.
    objects : {"shared", "private"}
        Whether the threads counted on the same object or each on its own.
    settled, corrupted : int
        Objects raced for in all rounds, and those of them that leaked or were freed
        early.
    ns_per_operation : Spread
        Time that one increment or decrement took a thread, in nanoseconds.
    ratio : Spread
        The same, divided by `unlocked` on one thread in the same round.
    scaling : Spread
        Operations per second of all threads, divided by those of this mode on one
        thread in the same round: 1 means that the further threads gain nothing.
    overlap : float
        Median share of the time in which at least two threads were inside, 0 to 1.

    Notes
    -----
    With two threads or more, the spreads and the overlap are those of the rounds in
    which threads were inside together for half of the time or more (``ratio.n`` of
    them); of all rounds, if there were fewer than three such.
    """

    mode: str
    claims_correct: bool
    threads: int
    objects: Literal["shared", "private"]
    settled: int
    corrupted: int
    ns_per_operation: Spread
    ratio: Spread
    scaling: Spread
    overlap: float

    @property
    def is_conclusive(self) -> bool:
        """Whether the threads met, if there were more than one."""
        return self.threads == 1 or self.overlap >= LEAST_OVERLAP


@dataclass(frozen=True, slots=True)
class Comparison(Report):
    """Outcome of :func:`refrace.compare`.

    Attributes
    ----------
    rows : tuple of ComparisonRow, shape (n_rows,)
        By mode, then threads, then shared before private.
    rounds : int
        Rounds measured; fewer than `rounds_requested` after an interrupt.
    rounds_requested : int
        Rounds asked for.
    environment : Environment
        Where it was measured.

    Notes
    -----
    Absolute times hold for this machine in this minute.  The ratios are formed within
    one round and then summarised, so that a machine that changes its speed changes
    both sides.
    """

    format_name: ClassVar[str] = "refrace/comparison"

    rows: tuple[ComparisonRow, ...]
    rounds: int
    rounds_requested: int
    environment: Environment

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Corruption in modes that claim to be correct; a broken mode's is no news."""
        return tuple(
            Finding(
                FindingKind.LEAK,
                None,
                f"{row.mode} claims to be correct, and {row.corrupted:,} of "
                f"{row.settled:,} objects were corrupted with {row.threads} threads",
                row.corrupted,
            )
            for row in self.rows
            if row.claims_correct and row.corrupted
        )

    @property
    def is_conclusive(self) -> bool:
        """Whether all rounds were measured and the threads met in every row."""
        complete = self.rounds == self.rounds_requested
        return complete and all(row.is_conclusive for row in self.rows)

    @property
    def answer(self) -> str:
        """The result in one sentence."""
        if not self.rows:
            return "compare: stopped before the first round was measured."
        broken = sorted({row.mode for row in self.rows if row.corrupted})
        names = list(dict.fromkeys(row.mode for row in self.rows))
        intact = [name for name in names if name not in broken]
        said = []
        if broken:
            said.append(f"{', '.join(broken)} corrupted objects")
        if intact:
            costs = {
                row.mode: row.ratio.median
                for row in reversed(self.rows)
                if row.mode in intact
            }
            prices = ", ".join(f"{name} {costs[name]:.2g}x" for name in intact)
            said.append(f"intact at a price: {prices} the cost of {BASELINE}")
        return "; ".join(said) + "."

    def body(self) -> list[Block]:
        """Return the table and how to read it."""
        rows = [
            (
                row.mode if first else "",
                f"{row.threads} {WHOSE[row.objects]}",
                f"{row.corrupted / row.settled:.0%}",
                f"{row.ns_per_operation.median:.1f}",
                f"{row.ratio.median:.3g}",
                f"{row.ratio.low:.3g}-{row.ratio.high:.3g}",
                f"{row.scaling.median:.2f}",
                f"{row.overlap:.0%}" if row.threads > 1 else "",
            )
            for row, first in zip(self.rows, self._first_of_mode(), strict=True)
        ]
        blocks: list[Block] = [
            Table(
                (
                    "mode",
                    "threads",
                    "corrupt",
                    "ns/op",
                    "ratio",
                    "quartiles",
                    "scale",
                    "met",
                ),
                rows,
                "<<>>>>>>",
            ),
            Paragraph(
                "same, own: one object for all threads, or one for each; "
                "ns/op: one increment or decrement, time of a thread; ratio: to "
                f"{BASELINE} on one thread, same round; scale: all threads together, "
                "to one thread of the same mode; met: share of the time with two or "
                "more inside. Medians, paired round by round, of "
                f"the {self.rounds} rounds, or of those in which the threads met."
            ),
        ]
        if self.rounds < self.rounds_requested:
            blocks.append(
                Paragraph(
                    f"Stopped early: {self.rounds} of {self.rounds_requested} rounds."
                )
            )
        elif not self.is_conclusive:
            blocks.append(
                Paragraph(
                    "Threads did not meet in every row: those rows say nothing about "
                    "contention. Two free cores are needed."
                )
            )
        blocks.append(Paragraph(f"{self.environment}."))
        return blocks

    def _first_of_mode(self) -> list[bool]:
        names = [row.mode for row in self.rows]
        return [i == 0 or names[i - 1] != name for i, name in enumerate(names)]

"""How runs, states and the chance of corruption grow, as frozen data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from refrace._base.arguments import check_choice
from refrace.display.blocks import Block, Illustration, Paragraph, Table
from refrace.display.pictures.bars import Bar, Part, bars_picture
from refrace.display.pictures.picture import Picture
from refrace.display.report import Report
from refrace.environment import Environment
from refrace.findings import Finding, Findings
from refrace.races.growth_row import GrowthRow

__all__ = ["Growth"]


@dataclass(frozen=True, slots=True)
class Growth(Report):
    """Runs, states and corruption by operations: outcome of :func:`refrace.growth`.

    Corruption in a mode that is broken by design is not a finding here.

    Attributes
    ----------
    mode : str
    threads, pairs, rounds, seed : int
        As in :func:`refrace.growth`.
    rows : tuple of GrowthRow
        Fewer than `pairs` + 1 if the time was up.
    environment : Environment
        Where the rounds ran.
    """

    format_name: ClassVar[str] = "refrace/growth"

    mode: str
    threads: int
    pairs: int
    rounds: int
    seed: int
    rows: tuple[GrowthRow, ...]
    environment: Environment

    @property
    def findings(self) -> tuple[Finding, ...]:
        """None: it measures."""
        return Findings()

    @property
    def conclusive(self) -> bool:
        """Whether all rows are there."""
        return self.inconclusive_because is None

    def _missing(self) -> str | None:
        if len(self.rows) == self.pairs + 1:
            return None
        return (
            f"{len(self.rows)} of {self.pairs + 1} rows were done; pass more seconds "
            "or fewer pairs"
        )

    @property
    def answer(self) -> str:
        """The result in one sentence."""
        setting = f"{self.mode}, {self.threads} threads"
        if not self.rows:
            return f"{setting}: there was no time for the first row."
        first, last = self.rows[0], self.rows[-1]
        return (
            f"{setting}: from {first.operations} to {last.operations} operations of "
            f"each, {first.interleavings:,} to {last.interleavings:,} interleavings "
            f"are {first.states:,} to {last.states:,} states; corruption has "
            f"probability {float(first.probability):.3f} to "
            f"{float(last.probability):.3f}."
        )

    def plot(self, what: Literal["probability", "states"] = "probability") -> Any:
        """Return a chart of Altair.

        Parameters
        ----------
        what : {"probability", "states"}
            The exact probability of corruption with the frequency on real threads next
            to it, or the number of interleavings and of states (logarithmic).

        Raises
        ------
        InvalidArgument
            If there is no such chart, or no row.
        MissingPackage
            If Altair is not installed: ``pip install 'refrace[plot]'``.  The text of
            the result has the same figures.
        """
        from refrace.races.growth_chart import growth_chart

        check_choice("what", what, ("probability", "states"))
        setting = f"{self.mode}, {self.threads} threads"
        return growth_chart(what, self.rows, setting, self.answer, self.environment)

    def _picture(self) -> Picture:
        if not self.rows:
            return super(Growth, self)._picture()  # slots=True makes a new class
        title = f"Probability of corruption in {self.mode}, {self.threads} threads"
        return bars_picture(
            title, [_bar(row) for row in self.rows], self.answer, unit="of the chances"
        )

    def body(self) -> list[Block]:
        """Return the figures, and what they mean."""
        rows = [
            (
                str(row.operations),
                f"{row.interleavings:,}",
                f"{row.states:,}",
                f"{float(row.probability):.4f}",
                _share(row.natural_corrupt, row.natural_rounds),
                f"{row.natural_overlap:.0%}" if row.natural_rounds else "-",
                _share(row.widened_corrupt, row.widened_rounds),
            )
            for row in self.rows
        ]
        head = ("operations", "interleavings", "states", "P(corrupt)")
        blocks: list[Block] = []
        if self.rows:
            blocks.append(Illustration(self._picture()))
            blocks.append(
                Table((*head, "natural", "overlap", "widened"), rows, ">>>>>>>")
            )
        if not self.conclusive:
            blocks.append(Paragraph(self._reason()))
        blocks += [
            Paragraph(
                "Operations are those of each thread. Interleavings, states and the "
                "probability are exact; the probability gives every thread that can go "
                "on the same chance at each step. natural and widened: rounds with "
                "corruption on real threads, measured here. overlap: share of the "
                "time of natural rounds with two or more threads active; threads that "
                "do not meet hardly go wrong."
            ),
            Paragraph(f"{self.environment}; seed {self.seed}."),
        ]
        return blocks


def _share(corrupt: int, rounds: int) -> str:
    return f"{corrupt:,}/{rounds:,}" if rounds else "-"


def _bar(row: GrowthRow) -> Bar:
    noun = "operation" if row.operations == 1 else "operations"
    note = "; ".join(
        f"{gaps}: {_share(corrupt, rounds)} rounds"
        for gaps, corrupt, rounds in (
            ("natural", row.natural_corrupt, row.natural_rounds),
            ("widened", row.widened_corrupt, row.widened_rounds),
        )
        if rounds
    )
    corrupt = row.probability
    return Bar(
        f"{row.operations} {noun}: {row.interleavings:,} interleavings, "
        f"{row.states:,} states",
        note,
        [
            Part("intact", f"{float(1 - corrupt):.4f}", float(1 - corrupt), "good"),
            Part("corrupt", f"{float(corrupt):.4f}", float(corrupt), "bad"),
        ],
    )

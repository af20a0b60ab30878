"""The result of a comparison: the cost of each mode, and whether it was correct."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

from refrace._base.arguments import check_choice
from refrace.catalogue.mode import Memory
from refrace.display.blocks import Block, Illustration, Paragraph, Table
from refrace.display.numbers import short
from refrace.display.pictures.picture import Picture
from refrace.display.report import Report
from refrace.environment import Environment
from refrace.findings import Finding, FindingKind, Findings
from refrace.races.comparison_chart import comparison_chart
from refrace.races.comparison_picture import comparison_picture
from refrace.races.comparison_row import ComparisonRow
from refrace.races.comparison_threads_chart import comparison_threads_chart

if TYPE_CHECKING:
    import altair as alt

__all__ = ["BASELINE", "Comparison"]

BASELINE = "unlocked"
"""The mode whose cost on one thread is 1."""

MOST_NAMED = 4
"""Maximum number of modes that the answer names; for more it gives their number."""


@dataclass(frozen=True, slots=True)
class Comparison(Report):
    """Outcome of :func:`refrace.compare`.

    Attributes
    ----------
    rows : tuple of ComparisonRow, shape (n_rows,)
        Sorted by mode, threads, shared before private, objects that a racing thread
        made before other objects, and latency before throughput.
    rounds : int
        Rounds measured; fewer than `rounds_requested` after an interrupt.
    rounds_requested : int
        Rounds asked for.
    environment : Environment
        Where it was measured.

    Notes
    -----
    Absolute times hold for this machine at this moment.  Ratios are computed within one
    round and then summarised, so a change in the speed of the machine affects both
    sides.
    """

    format_name: ClassVar[str] = "refrace/comparison"
    format_version: ClassVar[int] = 2

    rows: tuple[ComparisonRow, ...]
    rounds: int
    rounds_requested: int
    environment: Environment

    @classmethod
    def from_dict(cls, data: Any) -> Self:
        """Rebuild a comparison from :meth:`to_dict`; reads format version 1 too.

        Version 1 has latency only, and does not name the processor.

        Raises
        ------
        InvalidData
            If `data` is not a comparison of a version that this refrace reads.
        """
        head = {"format": cls.format_name, "version": 1}
        if isinstance(data, dict) and {key: data.get(key) for key in head} == head:
            data = {**data, "version": cls.format_version}
        return super(Comparison, cls).from_dict(data)  # slots=True makes a new class

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Corruption in modes that claim to be correct; in others it is expected."""
        return Findings(
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
    def conclusive(self) -> bool:
        """Whether there are findings, or everything was measured and threads met.

        Without findings, all rounds must have been measured, and threads must have met
        in every row with several threads.
        """
        return self.inconclusive_because is None

    def _missing(self) -> str | None:
        if self.rounds < self.rounds_requested:
            return "it was stopped early; let it run to the end"
        if all(row.conclusive for row in self.rows):
            return None
        return (
            "threads did not overlap in some rows, which say nothing about "
            "contention; use two idle cores"
        )

    @property
    def answer(self) -> str:
        """The result in one sentence."""
        if not self.rows:
            return "compare: stopped before the first round was measured."
        corrupted = self._with(lambda row: row.corrupted)
        rest = [mode for mode in self.by_cost() if mode not in corrupted]
        claims = {row.mode: row.claims_correct for row in self.rows}
        intact = [mode for mode in rest if claims[mode]]
        uncaught = [mode for mode in rest if not claims[mode]]
        apart = sum(not row.conclusive for row in self.rows)
        said = []
        if apart:
            together = sum(row.threads > 1 for row in self.rows)
            said.append(
                f"threads did not overlap in {apart} of {together} rows with several "
                "threads, which are inconclusive"
            )
        if corrupted:
            said.append(f"{_listed(corrupted)} corrupted objects")
        if intact:
            unit = BASELINE + (" (latency/throughput)" if self._has_throughput else "")
            said.append(f"intact: {self._prices(intact)} the cost of {unit}")
        if uncaught:
            said.append(f"broken, but intact in this run: {_listed(uncaught)}")
        return "; ".join(said) + "."

    @property
    def _has_throughput(self) -> bool:
        return any(row.workload == "throughput" for row in self.rows)

    def by_cost(self) -> list[str]:
        """Return the names of the modes by latency with the fewest threads."""
        ratios: dict[str, float] = {}
        for row in sorted(
            self.rows, key=lambda row: (row.threads, row.workload == "throughput")
        ):
            ratios.setdefault(row.mode, row.ratio.median)
        return sorted(ratios, key=lambda mode: ratios[mode])

    def cases(self) -> list[str]:
        """Return the cases of the rows in words, fewest threads first."""
        ranked = sorted(
            self.rows,
            key=lambda row: (
                row.threads,
                row.objects == "private",
                row.owner == "elsewhere",
                row.workload == "throughput",
            ),
        )
        return list(dict.fromkeys(row.case for row in ranked))

    def _with(self, says: Callable[[ComparisonRow], object]) -> list[str]:
        modes = {row.mode for row in self.rows if says(row)}
        return [mode for mode in self.by_cost() if mode in modes]

    def _prices(self, modes: list[str]) -> str:
        """Return the costs of modes with the fewest threads, cheapest first."""
        ratios = {
            (row.mode, row.workload): row.ratio.median for row in reversed(self.rows)
        }
        prices = [
            f"{mode} "
            + "/".join(
                f"{short(ratios[mode, workload])}x"
                for workload in ("latency", "throughput")
                if (mode, workload) in ratios
            )
            for mode in modes
        ]
        if len(prices) <= MOST_NAMED:
            return ", ".join(prices)
        return f"{len(prices)} modes, from {prices[0]} to {prices[-1]}"

    def plot(self, against: Literal["modes", "threads"] = "modes") -> alt.FacetChart:
        """Draw the cost of each mode, with a panel for each case.

        Parameters
        ----------
        against : {"modes", "threads"}
            ``"modes"`` (default): a row for each mode.  ``"threads"``: a line for each
            mode over the numbers of threads, of which there must be two or more.

        Returns
        -------
        altair.FacetChart
            Displays itself in a notebook; ``save("costs.html")`` (or ``.svg``,
            ``.png``) writes it to a file.  Costs are ratios to `unlocked` on one
            thread, on a logarithmic scale: medians with their quartiles.

        Raises
        ------
        MissingPackage
            If Altair is not installed: ``pip install 'refrace[plot]'``.
        InvalidArgument
            If there is no row to draw, or only one number of threads.
        """
        if check_choice("against", against, ("modes", "threads")) == "threads":
            return comparison_threads_chart(  # type: ignore[no-any-return]
                self.rows, self.answer, BASELINE, self.environment
            )
        return comparison_chart(  # type: ignore[no-any-return]
            self.rows, self.by_cost(), self.cases(), BASELINE, self.environment
        )

    def _picture(self) -> Picture:
        if not self.rows:
            return super(Comparison, self)._picture()  # slots=True makes a new class
        return comparison_picture(self.answer, self.rows, self.cases(), BASELINE)

    def body(self) -> list[Block]:
        """Return a table for each case, and an explanation of the columns."""
        blocks: list[Block] = [Illustration(self._picture())] if self.rows else []
        blocks += [
            _table(case, [row for row in self.rows if row.case == case])
            for case in self.cases()
        ]
        blocks.append(
            Paragraph(
                "Latency: the same object repeatedly. Throughput: 64 objects in turn. "
                "ns/op: time of a thread for one increment or decrement. ratio: to "
                f"{BASELINE} on one thread, same round and workload. scale: operations "
                "per second of all threads, to one thread in the same mode. met: share "
                "of the time with two or more threads inside. Medians over the "
                f"{self.rounds} rounds, or over those in which the threads met. "
                "Cheapest mode first."
            )
        )
        late = self._with(lambda row: row.freed_late)
        if late:
            blocks.append(_late_table([row for row in self.rows if row.mode in late]))
            blocks.append(
                Paragraph(
                    "late: objects freed after the drop of their last reference, at a "
                    "quiescent point or by a collapse. delay: mean time until then. In "
                    "a race, a thread that does not race drops last, and all threads "
                    "pass a quiescent point at once. A detached thread can delay the "
                    "free as long as it stays detached."
                )
            )
        if self.rows:
            blocks.append(_memory_table(self.rows))
            blocks.append(
                Paragraph(
                    "Memory of the counting scheme for each object, as refrace lays it "
                    "out on this machine; without padding and shared data."
                )
            )
        if self.rounds < self.rounds_requested:
            blocks.append(
                Paragraph(
                    f"Stopped early: {self.rounds} of {self.rounds_requested} rounds."
                )
            )
        if not self.conclusive:
            blocks.append(Paragraph(self._reason()))
        blocks.append(Paragraph(f"{self.environment}."))
        return blocks


def _memory_table(rows: Iterable[ComparisonRow]) -> Table:
    """Return the modes grouped by their memory per object, smallest first."""
    modes: dict[Memory, dict[str, None]] = {}
    for row in rows:
        modes.setdefault(row.memory, {})[row.mode] = None
    return Table(
        ("bytes", "made of", "modes"),
        [
            (memory.size, memory.parts, ", ".join(modes[memory]))
            for memory in sorted(modes, key=lambda held: (held.bytes, held.lane_bytes))
        ],
        "<<<",
        caption="Memory per object",
        limits=(0, 24, 0),
    )


def _late_table(rows: list[ComparisonRow]) -> Table:
    return Table(
        ("mode", "case", "late", "delay"),
        [
            (
                row.mode,
                row.case,
                f"{row.late_share:.0%}",
                f"{short(row.late_mean_s * 1e6)} us" if row.freed_late else "",
            )
            for row in rows
        ],
        "<<>>",
        caption="Freed late",
    )


def _listed(names: list[str]) -> str:
    if len(names) <= MOST_NAMED:
        return ", ".join(names)
    return f"{len(names)} modes ({', '.join(names[:2])}, ...)"


def _table(case: str, rows: list[ComparisonRow]) -> Table:
    """Return a table of the modes in one case, cheapest first."""
    together = rows[0].threads > 1
    header = ["mode", "claim", "corrupt", "ns/op", "ratio", "quartiles"]
    table = [
        [
            row.mode,
            row.claim,
            f"{row.corrupt_share:.0%}",
            short(row.ns_per_operation.median),
            short(row.ratio.median),
            f"{short(row.ratio.low)}-{short(row.ratio.high)}",
            *([f"{row.scaling.median:.2f}", f"{row.overlap:.0%}"] if together else []),
        ]
        for row in sorted(rows, key=lambda row: row.ratio.median)
    ]
    return Table(
        (*header, *(["scale", "met"] if together else [])),
        table,
        "<<>>>>>>",
        caption=f"{case[0].upper()}{case[1:]}",
    )

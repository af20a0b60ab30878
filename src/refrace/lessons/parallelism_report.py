"""The result of a measurement of parallelism."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from refrace.display.blocks import Block, Illustration, Paragraph, Table
from refrace.display.pictures.picture import Picture
from refrace.display.report import Report
from refrace.environment import Environment
from refrace.findings import Finding
from refrace.lessons.parallelism_chart import parallelism_chart
from refrace.lessons.parallelism_picture import parallelism_picture
from refrace.lessons.parallelism_row import ParallelismRow, Verdict

if TYPE_CHECKING:
    import altair as alt

__all__ = ["ParallelismReport"]


def _shortened(name: str) -> str:
    """Return a name in at most 20 characters; names of callables may be long."""
    return name if len(name) <= 20 else f"{name[:17]}..."


@dataclass(frozen=True, slots=True)
class ParallelismReport(Report):
    """Outcome of :func:`refrace.parallelism`.

    Attributes
    ----------
    threads : int
        Number of threads that were compared with one.
    rounds : int
        Pairs of runs asked for, for each workload.
    rows : tuple of ParallelismRow
        One row for each workload, in the order asked for; fewer after an interrupt.
    yardstick : ParallelismRow or None
        A C loop without the GIL, measured in the same call: it shows the cores that the
        machine provided.  None if an interrupt came before it was measured.
    workloads_requested : int
        Number of workloads asked for.
    environment : Environment
        Where it ran.

    Notes
    -----
    Cores used are the processor time of the *whole process* per elapsed time, which
    includes threads that a workload starts itself and all other work of the process.
    The figures hold for this machine at this moment and for these workload sizes.
    """

    format_name: ClassVar[str] = "refrace/parallelism"

    threads: int
    rounds: int
    rows: tuple[ParallelismRow, ...]
    yardstick: ParallelismRow | None
    workloads_requested: int
    environment: Environment

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Always empty: using one core is not corruption."""
        return ()

    @property
    def possible_cores(self) -> int:
        """Maximum number of cores that the threads can use."""
        return min(self.threads, self.environment.cores)

    @property
    def is_complete(self) -> bool:
        """Whether every workload asked for was measured in all rounds, or skipped."""
        return len(self.rows) == self.workloads_requested and all(
            row.skipped is not None or len(row.pairs) == self.rounds
            for row in self.rows
        )

    @property
    def machine_is_fit(self) -> bool:
        """Whether the machine provided the cores that the threads can use."""
        return (
            self.possible_cores > 1
            and self.yardstick is not None
            and self.yardstick.verdict(self.environment.cores) == "parallel"
        )

    @property
    def conclusive(self) -> bool:
        """Whether the figures describe the workloads, not the machine.

        All workloads must have been measured or skipped for a stated reason, and at
        least one measured; none may be too noisy; and the machine must have provided
        the cores that the threads can use.
        """
        return self.inconclusive_because is None

    def _missing(self) -> str | None:
        if not self.is_complete:
            return "it was stopped early; let it run to the end"
        if self.possible_cores == 1:
            return "the threads have only one core; use two threads and two cores"
        if not self.machine_is_fit:
            return (
                "the machine did not provide its cores to a loop that needs no GIL; "
                "close other programs"
            )
        verdicts = [row.verdict(self.environment.cores) for row in self.rows]
        if all(verdict == "skipped" for verdict in verdicts):
            return "no workload was measured; name one that this interpreter can run"
        if "noisy" in verdicts:
            return "figures vary too much; close other programs, or pass more rounds"
        return None

    @property
    def answer(self) -> str:
        """The result in one sentence."""
        if not self.rows:
            return "Stopped before the first workload was measured."
        if self.possible_cores == 1:
            return (
                "Inconclusive: this process can use only one core, with or without a "
                "GIL."
            )
        if self.yardstick is not None and not self.machine_is_fit:
            lent = self.yardstick.cores_used.median
            return (
                f"Inconclusive: the machine gave {lent:.2f} of {self.possible_cores} "
                "cores to a C loop without the GIL "
                f"({self.yardstick.speedup.median:.2f} times the work)."
            )
        if len(self.rows) == 1:
            (row,) = self.rows
            return f"{row.workload}: {row.sentence(self.environment)}."
        return f"{self.threads} threads: {'; '.join(self._by_verdict())}."

    def _by_verdict(self) -> list[str]:
        phrases: dict[Verdict, str] = {
            "serial": "one at a time in",
            "parallel": "in parallel in",
            "waiting": "only waiting in",
            "partial": "partly in parallel in",
            "competing": "slowing each other down in",
            "noisy": "no answer for",
        }
        cores = self.environment.cores
        groups = []
        for verdict, phrase in phrases.items():
            names = [r.workload for r in self.rows if r.verdict(cores) == verdict]
            if names:
                groups.append(f"{phrase} {', '.join(names)}")
        return groups or ["nothing could be measured"]

    def plot(self) -> alt.FacetChart:
        """Draw the cores used and the speedup of each workload that was measured.

        Returns
        -------
        altair.FacetChart
            Displays itself in a notebook; ``save("cores.html")`` (or ``.svg``,
            ``.png``) writes it to a file.  Medians with their quartiles, coloured by
            verdict.

        Raises
        ------
        MissingPackage
            If Altair is not installed: ``pip install 'refrace[plot]'``.
        InvalidArgument
            If no workload was measured.
        """
        return parallelism_chart(  # type: ignore[no-any-return]
            self.rows,
            self.threads,
            self.possible_cores,
            self.environment,
            machine_is_fit=self.machine_is_fit,
        )

    def _picture(self) -> Picture:
        if not any(row.pairs for row in self.rows):
            # slots=True makes a new class, so that super() needs its arguments.
            return super(ParallelismReport, self)._picture()
        cores = self.environment.cores
        verdicts = [
            row.verdict(cores)
            if self.machine_is_fit or row.verdict(cores) == "waiting"
            else "no answer"
            for row in self.rows
        ]
        return parallelism_picture(
            f"{self.threads} threads compared with one",
            self.answer,
            self.rows,
            verdicts,
            self.possible_cores,
        )

    def body(self) -> list[Block]:
        """Return one line for each workload, and a description of the measurement."""
        table = []
        for row in self.rows:
            used, speedup = row.cores_used, row.speedup
            numbers = ["", "", "", ""]
            if row.pairs:
                numbers = [
                    f"{used.median:.2f}",
                    f"{used.low:.2f}-{used.high:.2f}",
                    f"{speedup.median:.2f}",
                    f"{speedup.low:.2f}-{speedup.high:.2f}",
                ]
            cause = row.cause(self.environment, self.machine_is_fit)
            table.append((_shortened(row.workload), *numbers, cause))
        is_drawn = any(row.pairs for row in self.rows)
        blocks: list[Block] = [Illustration(self._picture())] if is_drawn else []
        blocks += [
            Table(
                ("workload", "cores", "quartiles", "speedup", "quartiles", "why"),
                table,
                align="<>>>><",
            ),
            Paragraph(
                f"{self.threads} threads compared with one, in {self.rounds} pairs of "
                "runs; each thread does the same work. Cores: processor time per "
                "elapsed time. Speedup: work per time relative to one thread. Medians "
                "and quartiles over the pairs."
            ),
        ]
        if self.yardstick is not None:
            blocks.append(
                Paragraph(
                    f"Yardstick: {self.yardstick.title} got "
                    f"{self.yardstick.cores_used.median:.2f} of "
                    f"{self.possible_cores} cores."
                )
            )
        if not self.is_complete:
            blocks.append(
                Paragraph(
                    f"Stopped early: {len(self.rows)} of {self.workloads_requested} "
                    "workloads were started."
                )
            )
        if not self.conclusive:
            blocks.append(Paragraph(self._reason()))
        blocks.append(Paragraph(f"{self.environment}."))
        return blocks

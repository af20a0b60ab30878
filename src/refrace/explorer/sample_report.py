"""The result of running a program under random schedules."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import ClassVar, Literal

from refrace._base.codec import ADDED_LATER, KEYED_BY
from refrace._base.confidence import CONFIDENCE, interval, upper_bound
from refrace.display.blocks import (
    Block,
    Illustration,
    Paragraph,
    Preformatted,
    Table,
)
from refrace.display.pictures.bars import bars_picture
from refrace.display.pictures.picture import Picture
from refrace.display.pictures.stacked import stacked
from refrace.explorer.assumptions import AssumesAboutWaits
from refrace.explorer.memory import MOST_HISTORY
from refrace.findings import Finding, FindingKind, Findings
from refrace.programs import Program
from refrace.traces.outcome_bars import outcome_bar
from refrace.traces.outcome_text import (
    finding_blocks,
    in_order,
    kinds_text,
    smallest_run,
)
from refrace.traces.trace import Trace, setting_of

__all__ = ["Sample", "SampledOutcome"]


@dataclass(frozen=True, slots=True)
class SampledOutcome:
    """How often runs ended in one way.

    Attributes
    ----------
    kinds : frozenset of FindingKind
        Empty for runs without findings.
    runs : int
        How many runs ended this way; at least 1.
    """

    kinds: frozenset[FindingKind]
    runs: int


@dataclass(frozen=True, slots=True)
class Sample(AssumesAboutWaits):
    """Outcome of :func:`refrace.sample`.

    Attributes
    ----------
    program : Program
        What was run.
    mode : str
        The refcount mode.
    gil : {"released", "held"}
        Whether threads can be switched anywhere, or only where the GIL changes hands.
    strategy : {"uniform", "pct"}
        How the schedules were chosen.
    depth : int
        For ``"pct"``: the number of ordering constraints that a bug may need.
    seed : int
        The same seed gives the same runs.
    runs, runs_requested : int
        Runs done, and runs requested.
    too_long : int
        Runs cut off after `max_steps`; how they would have ended is unknown.
    outgrown : int
        Under C11: runs cut off where threads could still read more writes of a cell
        than `history`; how they would have ended is unknown.
    max_steps : int
        Most steps of a run.
    limit : {"seconds", "interrupt", "worker"} or None
        What stopped the sampling before all runs were done; ``"worker"``: all others
        were done, and a worker of the executor was lost.
    threads : int
        How many entities ``"pct"`` gives priorities to, the n of its guarantee: the
        threads, and their store buffers if the program uses them.
    horizon : int or None
        Number of steps among which ``"pct"`` chooses the points of change, the k of its
        guarantee; None for ``"uniform"``.
    beyond_horizon : int
        Runs with more steps than that; the guarantee does not cover them.
    longest : int
        Steps of the longest run.
    outcomes : dict of frozenset of FindingKind to SampledOutcome
        Every way in which runs ended, without findings first.
    traces : tuple of Trace
        For each kind found, the smallest run that a local search found from the sampled
        runs; the smallest first.  Kinds for which no time was left have none.
    elapsed_s : float
        Wall time in seconds.
    memory : {"sc", "c11"}
        The memory model.
    history : int
        Under C11: how many writes of a cell threads could still read.

    Notes
    -----
    A sample never proves that a program is safe.  `guarantee` and `bound` state what it
    shows.
    """

    format_name: ClassVar[str] = "refrace/sample"

    program: Program
    mode: str
    gil: Literal["released", "held"]
    strategy: Literal["uniform", "pct"]
    depth: int
    seed: int
    runs: int
    runs_requested: int
    too_long: int
    max_steps: int
    limit: Literal["seconds", "interrupt", "worker"] | None
    threads: int
    horizon: int | None
    beyond_horizon: int
    longest: int
    outcomes: dict[frozenset[FindingKind], SampledOutcome] = field(
        hash=False, metadata={KEYED_BY: "kinds"}
    )
    traces: tuple[Trace, ...]
    elapsed_s: float
    memory: Literal["sc", "c11"] = field(default="sc", metadata={ADDED_LATER: True})
    history: int = field(default=8, metadata={ADDED_LATER: True})
    outgrown: int = field(default=0, metadata={ADDED_LATER: True})

    def _misfit(self) -> str | None:
        ended = sum(outcome.runs for outcome in self.outcomes.values())
        if ended + self.outgrown > self.runs:
            return "the outcomes have more runs than there were"
        return None

    @property
    def findings(self) -> tuple[Finding, ...]:
        """One finding for each kind, that of the smallest trace first.

        Findings without a trace come last, and say so.
        """
        traced = [trace.finding for trace in self.traces if trace.finding is not None]
        seen = {kind for outcome in self.outcomes for kind in outcome}
        untraced = in_order(seen - {finding.kind for finding in traced})
        rest = [Finding(kind, None, self._untraced(kind)) for kind in untraced]
        return Findings([*traced, *rest])

    def _untraced(self, kind: FindingKind) -> str:
        runs = sum(one.runs for one in self.outcomes.values() if kind in one.kinds)
        return (
            f"found in {runs:,} run{'' if runs == 1 else 's'}; no time was left for a "
            "trace; raise max_seconds, or sample fewer runs"
        )

    @property
    def conclusive(self) -> bool:
        """Whether something was found; a sample without findings is inconclusive."""
        return self.inconclusive_because is None

    def _missing(self) -> str | None:
        if self.findings:
            return None
        return (
            "a sample without findings is not a proof; use refrace.explore for one, or "
            "more runs for a lower bound"
        )

    @property
    def corrupt_runs(self) -> int:
        """Number of runs with a finding."""
        return sum(outcome.runs for kinds, outcome in self.outcomes.items() if kinds)

    @property
    def bound(self) -> float:
        """Upper bound, at 95% confidence, for the probability that a run has a finding.

        Exact (Clopper-Pearson), for runs sampled as these were.  A run that was cut off
        counts as a run with a finding.
        """
        return upper_bound(self.corrupt_runs + self._cut_off, self.runs)

    @property
    def _cut_off(self) -> int:
        return self.too_long + self.outgrown

    @property
    def guarantee(self) -> Fraction | None:
        """Least probability that one PCT run finds a bug of depth `depth`.

        1/(n k^(d-1)) for n threads, k steps and depth d (Burckhardt et al., "A
        randomized scheduler with probabilistic guarantees of finding bugs", ASPLOS
        2010).  None for uniform schedules, which have no such guarantee, and under C11,
        where a bug may also need an old write.
        """
        if self.horizon is None or self.memory != "sc":
            return None
        return Fraction(1, self.threads * self.horizon ** (self.depth - 1))

    @property
    def answer(self) -> str:
        """The findings, or that none is not a proof."""
        name = setting_of(self.mode, self.gil, self.memory)
        runs = "1 sampled run" if self.runs == 1 else f"{self.runs:,} sampled runs"
        if self.findings:
            kinds = kinds_text([finding.kind for finding in self.findings], ", ")
            return f"{name}: corrupt: {kinds}, in {self.corrupt_runs:,} of {runs}."
        condition = f", {self.condition}" if self.condition else ""
        return f"{name}: nothing found in {runs}{condition}, which is not a proof."

    def _bars(self) -> Picture:
        """Return how the sampled runs ended."""
        title = f"Sampled runs in {self.mode}, GIL {self.gil}"
        whole = max(1, self.runs)
        outcomes = [
            (kinds, f"{outcome.runs:,}", outcome.runs / whole)
            for kinds, outcome in self.outcomes.items()
        ]
        cut = ("cut off", f"{self._cut_off:,}", self._cut_off / whole)
        rest = cut if self._cut_off else None
        note = f"{self.strategy}, seed {self.seed}"
        bar = outcome_bar(f"{self.runs:,} runs", note, outcomes, rest)
        return bars_picture(title, [bar], self.answer, unit="runs")

    def _picture(self) -> Picture:
        drawn = [trace.plot() for trace in self.traces if trace.steps][:1]
        return stacked(self.answer, [self._bars(), *drawn])

    def body(self) -> list[Block]:
        """Return the program, the frequency of each outcome, and what that shows."""
        blocks: list[Block] = [Paragraph(said) for said in self.assumptions]
        blocks.append(Preformatted(str(self.program)))
        if self.outcomes:
            blocks.append(Illustration(self._bars()))
            blocks.append(self._outcome_table())
        blocks += [Paragraph(said) for said in self._said()]
        blocks += finding_blocks(self.traces)
        blocks += [
            Paragraph(f"{finding.kind}: {finding.message}.")
            for finding in self.findings[len(self.traces) :]
        ]
        if self.traces:
            blocks += smallest_run(self.traces[0])
        return blocks

    def _outcome_table(self) -> Table:
        rows = []
        for kinds, outcome in self.outcomes.items():
            low, high = interval(outcome.runs, self.runs)
            rows.append(
                (
                    kinds_text(kinds, " + ") or "intact",
                    f"{outcome.runs:,}",
                    f"{outcome.runs / self.runs:.4g}",
                    f"{low:.4g} to {high:.4g}",
                )
            )
        return Table(
            ("outcome", "runs", "share", f"{CONFIDENCE:.0%} interval"),
            rows,
            "<>>>",
            limits=(36, 0, 0, 0),
        )

    def _said(self) -> list[str]:
        """Return what the numbers mean, a sentence or two each."""
        said = []
        how = "PCT" if self.strategy == "pct" else "uniform"
        if self.runs and not self.findings:
            said.append(
                f"At {CONFIDENCE:.0%} confidence a {how} run has a finding with "
                f"probability below {self.bound:.3g}"
                + (
                    " (1 - 0.05^(1/n) for n runs, about 3/n)."
                    if not self._cut_off
                    else "; runs that were cut off count as findings."
                )
            )
        if self.guarantee is not None:
            missed = (1 - float(self.guarantee)) ** self.runs
            said.append(
                f"PCT: one run finds any one bug of depth d = {self.depth} with "
                f"probability 1/(n k^(d-1)) or more, here {float(self.guarantee):.3g}: "
                f"n = {self.threads} threads (with their store buffers, if any), k = "
                f"{self.horizon} steps. {self.runs:,} runs all miss it with "
                f"probability {missed:.3g} or less. The random choices of `maybe`"
                + (
                    " and of when interrupts come"
                    if self.program.facts.interrupts
                    else ""
                )
                + " are not covered"
                + (
                    f", nor are {self.beyond_horizon:,} runs of more than k steps."
                    if self.beyond_horizon
                    else "."
                )
            )
        if self.too_long:
            said.append(
                f"{self.too_long:,} runs were cut off after {self.max_steps:,} steps; "
                "how they would have ended is unknown."
            )
        if self.outgrown:
            said.append(
                f"{self.outgrown:,} runs were cut off because threads could still read "
                f"more than {self.history} writes of a cell; how they would have ended "
                f"is unknown. Raise `history`, which is at most {MOST_HISTORY}, or "
                "bound the loops of the program."
            )
        if self.limit == "worker":
            said.append(
                f"Only {self.runs:,} of {self.runs_requested:,} runs were done: the "
                "others were lost with their worker, twice. If they were lost because "
                "of what they ran, the shares above do not include it."
            )
        elif self.limit is not None:
            why = (
                "the time limit was reached"
                if self.limit == "seconds"
                else "interrupted"
            )
            said.append(
                f"Stopped early ({why}): {self.runs:,} of {self.runs_requested:,} runs."
            )
        if not self.conclusive:
            said.append(self._reason())
        said.append(
            f"Strategy {self.strategy}, seed {self.seed}, {self.elapsed_s:.3f} s. "
            + (
                "Steps are sequentially consistent."
                if self.memory == "sc"
                else "Steps have the memory orders of C11."
            )
        )
        return said

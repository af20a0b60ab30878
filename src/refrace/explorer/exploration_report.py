"""The result of exploring every schedule: a proof, findings, or neither."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, ClassVar, Literal

from refrace._base.arguments import check_choice
from refrace._base.codec import ADDED_LATER, KEYED_BY
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
from refrace.errors import InvalidArgument, LimitReached
from refrace.explorer.assumptions import AssumesAboutWaits
from refrace.explorer.claims import model_of
from refrace.explorer.limits import MAKE_SMALLER, OUTGROWN, Limit
from refrace.findings import Finding, FindingKind, Findings
from refrace.programs import Program
from refrace.traces.outcome_bars import outcome_bar
from refrace.traces.outcome_text import (
    chance,
    finding_blocks,
    kinds_text,
    smallest_run,
)
from refrace.traces.trace import Trace, setting_of

if TYPE_CHECKING:
    from refrace.explorer.stepper import Stepper

__all__ = ["Exploration", "Outcome"]

MOST_STEPPED = 2000
"""Pages have a stepper for programs with up to this many states."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One way in which runs end: the kinds of findings of a run.

    Attributes
    ----------
    kinds : frozenset of FindingKind
        Empty for runs without findings.
    interleavings : int or None
        How many runs end this way; None if a cycle makes them infinitely many.
    probability : Fraction or None
        Exact, under a scheduler that picks uniformly among the possible next steps;
        None if a cycle is too large for its equations to be solved.
    """

    kinds: frozenset[FindingKind]
    interleavings: int | None
    probability: Fraction | None


@dataclass(frozen=True, slots=True)
class Exploration(AssumesAboutWaits):
    """Outcome of :func:`refrace.explore`.

    Attributes
    ----------
    program : Program
        What was explored.
    mode : str
        The refcount mode.
    gil : {"released", "held"}
        Whether threads can be switched anywhere, or only where the GIL changes hands.
    limit : {"states", "seconds", "memory", "disk", "interrupt"} or None
        What stopped the search before every schedule was explored; None if all were.
        ``"disk"``: the folder of `spill` had no more room.
        Also ``"words"``, ``"history"`` (C11), ``"calls"``, ``"reads"``, ``"writes"``,
        ``"items"`` or ``"objects"`` if a state outgrew the explorer's bounds
        (docs/language.md, "How large a program may be").
    states, transitions : int
        Distinct states, and steps between them.  If `counts` is False, the states that
        the search did not leave out.
    interleavings : int or None
        Number of distinct maximal runs; None if a cycle makes them infinitely many,
        if the search is unfinished, or if `counts` is False.
    outcomes : dict of frozenset of FindingKind to Outcome
        Every way in which runs end, without findings first; empty if unfinished or if
        `counts` is False.  Kinds equal their text: ``outcomes[frozenset({"leak"})]``.
    traces : tuple of Trace
        For each kind found, the run with the fewest preemptions and, among those, the
        fewest steps; the smallest first.  If the search is unfinished, they show the
        kind but need not be the smallest.
    max_states, max_seconds, max_bytes : int, float, int
        The bounds of the search.
    peak_bytes : int
        Peak memory of the search.
    elapsed_s : float
        Wall time of the search in seconds.
    memory : {"sc", "c11"}
        The memory model.
    history : int
        Under C11: how many writes of a cell threads could still read.
    counts : bool
        Whether the runs of every outcome were to be counted.
    disk_bytes : int
        The most that the search had in the folder of `spill` at one time.

    Notes
    -----
    Within one mode everything except `peak_bytes`, `disk_bytes` and `elapsed_s` is the
    same on every machine.  With ``memory="sc"`` a bug that needs a weaker memory order,
    such as a missing acquire, cannot show up, except for what `put` models.
    """

    format_name: ClassVar[str] = "refrace/exploration"

    program: Program
    mode: str
    gil: Literal["released", "held"]
    limit: Limit | None
    states: int
    transitions: int
    interleavings: int | None
    outcomes: dict[frozenset[FindingKind], Outcome] = field(
        hash=False, metadata={KEYED_BY: "kinds"}
    )
    traces: tuple[Trace, ...]
    max_states: int
    max_seconds: float
    max_bytes: int
    peak_bytes: int
    elapsed_s: float
    memory: Literal["sc", "c11"] = field(default="sc", metadata={ADDED_LATER: True})
    history: int = field(default=8, metadata={ADDED_LATER: True})
    counts: bool = field(default=True, metadata={ADDED_LATER: True})
    disk_bytes: int = field(default=0, metadata={ADDED_LATER: True})

    @property
    def verdict(self) -> Literal["safe", "corrupt", "unfinished"]:
        """The answer in one word.

        ``"safe"`` is a proof: every schedule was explored without a finding.  It holds
        under `assumptions`, which are not empty if a program may wait with the GIL
        held.
        ``"corrupt"`` is proven by the traces.  ``"unfinished"`` is neither: a limit
        was reached before anything was found.
        """
        if self.traces:
            return "corrupt"
        return "safe" if self.limit is None else "unfinished"

    @property
    def proved(self) -> bool:
        """Whether it is proved that no schedule corrupts anything."""
        return self.verdict == "safe"

    @property
    def is_proof(self) -> bool:
        """The same as `proved`."""
        return self.proved

    @property
    def conclusive(self) -> bool:
        """Whether the verdict is ``"safe"`` or ``"corrupt"``."""
        return self.inconclusive_because is None

    def _missing(self) -> str | None:
        if self.limit is None:
            return None
        return f"{self._stopped()}; {self._cure()}"

    @property
    def findings(self) -> tuple[Finding, ...]:
        """One finding for each kind, that of the smallest trace first."""
        return Findings(
            trace.finding for trace in self.traces if trace.finding is not None
        )

    def counterexample(self, kind: FindingKind | str | None = None) -> Trace:
        """Return the smallest run with a finding, or with a finding of one kind.

        Parameters
        ----------
        kind : FindingKind or str, optional
            The kind to show.  Default: the kind that needs the fewest preemptions, then
            the fewest steps.

        Raises
        ------
        InvalidArgumentType, InvalidArgument
            If there is no such kind, or none was found.
        """
        if kind is not None:
            kind = FindingKind(check_choice("kind", kind, list(FindingKind)))
        for trace in self.traces:
            if kind is None or (trace.finding and trace.finding.kind == kind):
                return trace
        found = ", ".join(str(finding.kind) for finding in self.findings) or "nothing"
        wanted = "" if kind is None else f" of kind {str(kind)!r}"
        raise InvalidArgument(
            f"there is no counterexample{wanted}: the verdict is {self.verdict!r} and "
            f"{found} was found; look at `verdict` or `findings` first"
        )

    # ------------------------------------------------------------------- text

    @property
    def answer(self) -> str:
        """The verdict in one sentence."""
        name = setting_of(self.mode, self.gil, self.memory)
        if self.verdict == "safe":
            safe = f"safe {self.condition}" if self.condition else "safe"
            return f"{name}: {safe}: {self._none_of_them()}."
        if self.verdict == "unfinished":
            return (
                f"{name}: unfinished: {self._stopped()}. Nothing was found so far, "
                "which proves nothing."
            )
        kinds = kinds_text([finding.kind for finding in self.findings], ", ")
        if self.limit is not None:
            return (
                f"{name}: corrupt: {kinds}, found before {self._stopped()}; there may "
                "be more."
            )
        share = f", {self._share()}" if self.counts else ""
        return f"{name}: corrupt: {kinds}{share}."

    def _none_of_them(self) -> str:
        if not self.counts:
            return "none of its interleavings corrupts anything"
        if self.interleavings is None:
            n = f"infinitely many interleavings ({self.states:,} states)"
            return f"none of its {n} corrupts anything"
        if self.interleavings == 1:
            return "its only interleaving corrupts nothing"
        return f"none of its {self.interleavings:,} interleavings corrupts anything"

    def _stopped(self) -> str:
        if self.limit in OUTGROWN:
            what = OUTGROWN[self.limit]
            return f"a run needs more than {what} ({self.states:,} states)"
        return {
            "states": f"the limit of {self.max_states:,} states was reached",
            "seconds": f"the limit of {self.max_seconds:g} seconds was reached after "
            f"{self.states:,} states",
            "memory": f"memory ran out after {self.states:,} states (limit "
            f"{self.max_bytes:,} bytes)",
            "disk": f"the folder of `spill` had no more room after {self.states:,} "
            f"states ({self.disk_bytes:,} bytes)",
            "interrupt": f"it was interrupted after {self.states:,} states",
        }[self.limit or "interrupt"]

    def _share(self) -> str:
        wrong = [outcome for kinds, outcome in self.outcomes.items() if kinds]
        counts = [outcome.interleavings for outcome in wrong]
        chances = [outcome.probability for outcome in wrong]
        if self.interleavings is None or None in counts:
            said = "among infinitely many interleavings"
        else:
            n = sum(count for count in counts if count is not None)
            said = f"in {n:,} of {self.interleavings:,} interleavings"
        if None in chances:
            return said
        total = sum((c for c in chances if c is not None), Fraction())
        return f"{said}, probability {chance(total)}"

    def _bars(self) -> Picture:
        """Return how runs end, by their exact probability or number."""
        title = f"Every schedule in {self.mode}, GIL {self.gil}"
        title += ", C11" if self.memory == "c11" else ""
        outcomes = []
        for kinds, outcome in self.outcomes.items():
            n, p = outcome.interleavings, outcome.probability
            sizes = [] if p is None else [chance(p)]
            sizes += [] if n is None else [f"({n:,} runs)"]
            whole = self.interleavings or 1
            share = float(p) if p is not None else (n or 0) / whole
            outcomes.append((kinds, " ".join(sizes) or "unknown", share))
        note = f"{self.states:,} states"
        bar = outcome_bar("Probability of each outcome", note, outcomes)
        return bars_picture(title, [bar], self.answer, unit="of all runs")

    def _picture(self) -> Picture:
        drawn = [trace.plot() for trace in self.traces if trace.steps][:1]
        if not self.outcomes:
            card = super(Exploration, self)._picture()  # slots=True makes a new class
            return stacked(self.answer, [card, *drawn])
        return stacked(self.answer, [self._bars(), *drawn])

    def stepper(self) -> Stepper:
        """Return the program to step through by hand; see :func:`refrace.step`.

        Raises
        ------
        LimitReached
            If the program has more states than a page can hold.
        ProgramTooLarge
            If a run needs more history than the exploration had (C11).
        """
        # Imported late: an exploration that is only printed does not need it.
        from refrace.explorer.stepper import step

        return step(
            self.program,
            self.mode,
            self.gil,
            memory=self.memory,
            history=self.history,
        )

    def _interactive(self) -> str:
        if self.limit is not None or self.states > MOST_STEPPED:
            return ""
        try:
            return f"<h2>Step through it</h2>{self.stepper()._repr_html_()}"
        except LimitReached:
            return ""

    def body(self) -> list[Block]:
        """Return the program, the numbers, the findings, and the claim's limits."""
        blocks: list[Block] = [Paragraph(said) for said in self.assumptions]
        blocks.append(Preformatted(str(self.program)))
        blocks.append(self._numbers())
        if self.outcomes:
            blocks.append(Illustration(self._bars()))
            blocks.append(self._outcome_table())
        blocks += finding_blocks(self.traces)
        if self.traces:
            blocks += smallest_run(self.traces[0])
        blocks.append(Paragraph(f"{self._bounds()} {model_of(self.memory)}"))
        return blocks

    def _numbers(self) -> Table:
        if self.interleavings is not None:
            runs = f"{self.interleavings:,}"
        elif self.counts and self.limit is None:
            runs = "infinitely many"
        else:
            runs = "not counted"
        rows = [
            ("states" if self.counts else "states kept", f"{self.states:,}"),
            ("transitions", f"{self.transitions:,}"),
            ("interleavings", runs),
            ("elapsed", f"{self.elapsed_s:.3f} s"),
            ("memory", f"{self.peak_bytes / 1e6:,.1f} MB"),
        ]
        if self.disk_bytes > 0:
            rows.append(("disk", f"{self.disk_bytes / 1e6:,.1f} MB"))
        return Table(("", ""), rows, "<>")

    def _outcome_table(self) -> Table:
        rows = [
            (
                kinds_text(outcome.kinds, " + ") or "intact",
                "infinite"
                if outcome.interleavings is None
                else f"{outcome.interleavings:,}",
                "unsolved"
                if outcome.probability is None
                else chance(outcome.probability),
            )
            for outcome in self.outcomes.values()
        ]
        return Table(
            ("outcome", "interleavings", "probability"), rows, "<>>", limits=(40, 0, 0)
        )

    def _bounds(self) -> str:
        if self.limit is None:
            return "Every schedule was explored."
        if not self.conclusive:
            return f"NOT every schedule was explored. {self._reason()}"
        return f"NOT every schedule was explored: {self._missing()}."

    def _cure(self) -> str:
        if self.limit in OUTGROWN:
            return MAKE_SMALLER
        first = {
            "states": "raise max_states",
            "seconds": "raise max_seconds",
            "memory": "raise max_bytes, free memory, pass a folder on a disk as spill",
            "disk": "free space there, pass another folder as spill",
            "interrupt": "let it finish",
        }[self.limit or "interrupt"]
        return f"{first}, make the program smaller, or use refrace.sample"

"""Which memory orders of a mode are needed, as a listing of its source."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal

from refrace._base.codec import ADDED_LATER
from refrace.catalogue.mode_report import ModeReport
from refrace.catalogue.recorded_orders import RecordedOrder, listing, recorded_orders
from refrace.display.blocks import Block, Paragraph, Preformatted, Table
from refrace.explorer.limits import ProofLimit
from refrace.findings import Finding, Findings
from refrace.traces.trace import Trace

__all__ = ["WeakenedOrder", "WeakeningReport"]

Verdict = Literal["needed", "not needed", "unfinished", "nothing weaker"]


@dataclass(frozen=True, slots=True)
class WeakenedOrder:
    """An access or fence of the mode's source with a weaker order.

    Attributes
    ----------
    file, line, text : str, int, str
        Its place in the source of the core, and its C text.
    order : str
        The order that it has there.
    weaker : str or None
        The order that it was given; ``"none"``: the fence was left out.  None: there is
        no weaker one.
    programs : int
        How many programs were explored with it.
    witness : Trace or None
        The smallest run of the first program that goes wrong.  Its token cannot be
        replayed, since the mode itself has the stronger order.
    limit : str or None
        What stopped a search before every program was explored.
    """

    file: str
    line: int
    text: str
    order: str
    weaker: str | None
    programs: int
    witness: Trace | None
    limit: ProofLimit | None

    @property
    def verdict(self) -> Verdict:
        """The result in one or two words."""
        if self.weaker is None:
            return "nothing weaker"
        if self.witness is not None:
            return "needed"
        return "not needed" if self.limit is None else "unfinished"

    @property
    def place(self) -> str:
        """The file and line of the access."""
        return f"{self.file.rpartition('/')[2]}:{self.line}"

    def recorded(self, note: str = "") -> RecordedOrder:
        """Return what the package keeps of it; `note`: why it is not needed."""
        found = self.witness
        return RecordedOrder(
            file=self.file,
            line=self.line,
            text=self.text,
            order=self.order,
            weaker=self.weaker,
            verdict=self.verdict,
            programs=self.programs,
            kind=None
            if found is None or found.finding is None
            else str(found.finding.kind),
            program=None if found is None else str(found.program),
            note=note,
        )


@dataclass(frozen=True, slots=True)
class WeakeningReport(ModeReport):
    """Outcome of :func:`refrace.weaken`.

    Attributes
    ----------
    mode : str
        The refcount mode.
    effort : {"small", "large"}
        The bounds of the corpus.
    programs : int
        How many programs were explored with the orders as they are.
    orders : tuple of WeakenedOrder
        Every order that was made weaker, in the order of the source; and those than
        which there is no weaker one.
    is_sufficient : bool
        Whether no program goes wrong with the orders as they are.
    witness : Trace or None
        If one does: its smallest run.
    limit : str or None
        What stopped the work before everything was decided.
    elapsed_s : float
        Wall time in seconds.
    together : bool or None
        Whether these programs stay safe with all orders weaker at once that are not
        needed.  None: there are fewer than two, or it was not decided.
    together_witness : Trace or None
        If they do not: the smallest run of the first program that goes wrong.

    Notes
    -----
    "Needed" is proven by a run.  "Not needed" holds for these programs only, with all
    other orders as they are, and is no advice to weaken anything.
    """

    format_name: ClassVar[str] = "refrace/weakening"

    mode: str
    effort: Literal["small", "large"]
    programs: int
    orders: tuple[WeakenedOrder, ...]
    is_sufficient: bool
    witness: Trace | None
    limit: ProofLimit | None
    elapsed_s: float
    together: bool | None = field(default=None, metadata={ADDED_LATER: True})
    together_witness: Trace | None = field(default=None, metadata={ADDED_LATER: True})

    @property
    def is_minimal(self) -> bool:
        """Whether every order that could be weaker is needed."""
        return self.is_sufficient and all(
            one.verdict in ("needed", "nothing weaker") for one in self.orders
        )

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What goes wrong with the orders as they are."""
        finding = None if self.witness is None else self.witness.finding
        return Findings(() if finding is None else (finding,))

    @property
    def conclusive(self) -> bool:
        """Whether every order was decided, or the mode is broken as it is."""
        return self.inconclusive_because is None

    def _missing(self) -> str | None:
        if self.limit is None:
            return None
        return f"not every order was decided ({self.limit}); raise max_seconds"

    @property
    def answer(self) -> str:
        """The result in one sentence."""
        if self.witness is not None:
            kinds = ", ".join(str(finding.kind) for finding in self.findings)
            return f"{self.mode}, C11: broken as it is: {kinds}."
        tried = [one for one in self.orders if one.weaker is not None]
        needed = sum(one.verdict == "needed" for one in tried)
        said = f"{needed} of {len(tried)} weaker orders go wrong"
        if self.limit is not None:
            return f"{self.mode}, C11: unfinished ({self.limit}): {said} so far."
        rest = len(tried) - needed
        more = f"; {rest} make no difference in these programs" if rest else ""
        if self.together is not None:
            more += ", also together" if self.together else ", but not all together"
        return f"{self.mode}, C11: {said}{more}."

    def _runs(self) -> tuple[Trace, ...]:
        return () if self.witness is None else (self.witness,)

    def body(self) -> list[Block]:
        """Return each verdict, with a run if it is needed, or what is broken."""
        blocks: list[Block] = []
        if not self.conclusive:
            blocks.append(Paragraph(self._reason()))
        if self.witness is not None:
            return [
                *blocks,
                Paragraph(
                    "Its orders were not changed, since the mode goes wrong without "
                    "that. This is the smallest run of the first program that shows it:"
                ),
                *self.witness._blocks(),
            ]
        rows = [
            (
                one.place,
                one.text,
                one.order,
                one.weaker or "-",
                one.verdict,
            )
            for one in self.orders
        ]
        header = ("line", "access", "order", "weaker", "verdict")
        blocks.append(Table(header, rows, "<<<<<", limits=(0, 34, 0, 0, 0)))
        known = recorded_orders(self.mode)
        if known is not None and known.source:
            orders = [one.recorded() for one in self.orders]
            blocks.append(Preformatted(listing(known.source, orders), 2))
        for one in self.orders:
            if one.witness is not None and one.witness.finding is not None:
                finding = one.witness.finding
                blocks.append(
                    Paragraph(
                        f"{one.place} {one.weaker} instead of {one.order}: "
                        f"{finding.kind}: {finding.message}.",
                        apart=True,
                    )
                )
                blocks.append(Preformatted(str(one.witness.program), 2))
                blocks += [*one.witness.table(), *one.witness.code()]
        blocks += self._together()
        blocks.append(
            Paragraph(
                f"{self.programs:,} programs, {self.elapsed_s:.1f} s. Needed: a run "
                "shows what goes wrong with the weaker order. Not needed: nothing goes "
                "wrong in these programs, which is no advice to weaken it."
            )
        )
        return blocks

    def _together(self) -> list[Block]:
        """Return what is known of the orders that are not needed, as a whole."""
        rest = sum(one.verdict == "not needed" for one in self.orders)
        if rest < 2:
            return []
        said = (
            "Each order is judged with all others as they are, so two that stand in "
            "for each other are both not needed. "
        )
        if self.together is None:
            said += f"Whether all {rest} could be weaker at once was not decided."
        elif self.together:
            said += f"With all {rest} weaker at once, nothing goes wrong either."
        else:
            # There may have been no time for the run.
            end = "." if self.together_witness is None else ":"
            said += f"With all {rest} weaker at once, a program goes wrong{end}"
        blocks: list[Block] = [Paragraph(said, apart=True)]
        found = self.together_witness
        if found is not None and found.finding is not None:
            blocks.append(Paragraph(f"{found.finding.kind}: {found.finding.message}."))
            blocks.append(Preformatted(str(found.program), 2))
            blocks += [*found.table(), *found.code()]
        return blocks

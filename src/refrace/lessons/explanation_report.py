"""The parts of a reference count."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Literal

from refrace.display.blocks import Block, Illustration, Paragraph, Table
from refrace.display.pictures.measures import Measure, Panel, measures_picture
from refrace.display.pictures.picture import Picture
from refrace.display.report import Report
from refrace.environment import Environment
from refrace.findings import Finding

__all__ = ["CountSplit", "Part", "PartKind", "RefcountExplanation", "account"]

PartKind = Literal[
    "constant",
    "start",
    "argument",
    "global",
    "variable",
    "cell",
    "attribute",
    "item",
    "instance",
    "code",
    "other",
]
"""What holds a reference.

``"constant"`` is the count of an immortal object and ``"start"`` an initial count;
``"argument"`` is the call of ``sys.getrefcount`` itself; ``"code"`` is a constant of
compiled code.
"""

_PLURALS: dict[PartKind, tuple[str, str]] = {
    "constant": ("a constant", "constants"),
    "start": ("a start value", "start values"),
    "argument": ("the argument of the call", "arguments of the call"),
    "global": ("1 global", "globals"),
    "variable": ("1 local variable", "local variables"),
    "cell": ("1 closure cell", "closure cells"),
    "attribute": ("1 attribute", "attributes"),
    "item": ("1 item of a container", "items of containers"),
    "instance": ("1 instance", "instances"),
    "code": ("1 constant of code", "constants of code"),
    "other": ("1 other holder", "other holders"),
}

MOST_DRAWN = 20
"""Places that are drawn one by one; the table lists all."""


@dataclass(frozen=True, slots=True)
class Part:
    """One place that refers to the object.

    Attributes
    ----------
    kind : str
        What holds the reference, see `PartKind`.
    place : str
        Where it is, in words.
    seen : int
        Number of references found there.
    count : int
        Number of them in the count: fewer than seen if the interpreter borrows or
        defers them or counts them elsewhere.
    """

    kind: PartKind
    place: str
    seen: int
    count: int


@dataclass(frozen=True, slots=True)
class CountSplit:
    """The two halves of a count in a free-threaded build; they add up to the count.

    Attributes
    ----------
    local : int
        References counted without atomic operations, by the owning thread.
    shared : int
        References counted atomically, by all other threads; may be negative.
    owner : {"this thread", "another thread", "no thread"}
        The owner of the object; no thread after the two were merged.
    """

    local: int
    shared: int
    owner: Literal["this thread", "another thread", "no thread"]


def account(shown: int, parts: Iterable[Part]) -> tuple[tuple[Part, ...], int]:
    """Distribute `shown` over the parts, in order; return them and the rest.

    The counts and the rest add up to `shown`, and the rest is never negative.  A part
    gets fewer than its seen references only if nothing is left.
    """
    left = shown
    counted = []
    for part in parts:
        count = min(part.seen, left)
        left -= count
        counted.append(Part(part.kind, part.place, part.seen, count))
    return tuple(counted), left


@dataclass(frozen=True, slots=True)
class RefcountExplanation(Report):
    """Outcome of :func:`refrace.explain_refcount`.

    Attributes
    ----------
    type_name : str
        Type of the object.
    shown : int
        What ``sys.getrefcount`` would return in place of the call.
    parts : tuple of Part
        Where the references are; their counts and `unattributed` add up to `shown`.
    unattributed : int
        References that were not found anywhere that Python can inspect; 0 or more.
    is_immortal : bool
        Whether the count is a constant and references are not counted (PEP 683).
    is_tracked : bool
        Whether the garbage collector tracks the object.
    moved : int
        Change of the count by other threads during the search; 0 if none.
    threads_unseen : int
        Running threads whose variables could not be inspected.
    split : CountSplit or None
        The two halves of the count on a free-threaded build; None on others.
    environment : Environment
        Where it was measured.

    Notes
    -----
    References are found through the garbage collector and frames.  References held by
    C code and by the evaluation stacks of running calls are visible only in the count.
    """

    format_name: ClassVar[str] = "refrace/refcount-explanation"

    type_name: str
    shown: int
    parts: tuple[Part, ...]
    unattributed: int
    is_immortal: bool
    is_tracked: bool
    moved: int
    threads_unseen: int
    split: CountSplit | None
    environment: Environment

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Always empty: an unexplained count is not corruption."""
        return ()

    @property
    def uncounted(self) -> int:
        """References found that are not in the count."""
        return sum(part.seen - part.count for part in self.parts)

    @property
    def conclusive(self) -> bool:
        """Whether all counted references were found and the count did not change."""
        return self.inconclusive_because is None

    def _missing(self) -> str | None:
        if self.moved:
            return (
                f"the count changed by {self.moved:+,} during the search; stop other "
                "threads, or try again"
            )
        if self.unattributed:
            return (
                f"{self.unattributed:,} of the references are held where Python cannot "
                "look; use a C debugger"
            )
        return None

    @property
    def answer(self) -> str:
        """The result in one sentence."""
        head = f"sys.getrefcount shows {self.shown:,} for this {self.type_name}"
        if self.is_immortal:
            return f"{head}, a constant: it is immortal and its references not counted."
        totals: dict[PartKind, int] = {}
        for part in sorted(self.parts, key=lambda part: part.kind == "argument"):
            if part.count:
                totals[part.kind] = totals.get(part.kind, 0) + part.count
        words = [self._amount(kind, n) for kind, n in totals.items()]
        if self.unattributed:
            words.append(f"{self.unattributed:,} not attributable")
        if not words:
            return f"{head}."
        listed = words[0] if len(words) == 1 else ", ".join(words[:-1])
        return f"{head}: {listed}{f' and {words[-1]}' if len(words) > 1 else ''}."

    @staticmethod
    def _amount(kind: PartKind, n: int) -> str:
        one, many = _PLURALS[kind]
        if kind in ("start", "constant"):
            return f"{one} of {n:,}"
        return one if n == 1 else f"{n:,} {many}"

    def _picture(self) -> Picture:
        rows = [
            Measure(part.place, part.count, f"{part.count:,}", part.kind)
            for part in self.parts
            if part.count
        ][:MOST_DRAWN]
        left = self.shown - self.unattributed - sum(row.value for row in rows)
        if left:
            rows.append(Measure("other places", left, f"{left:,.0f}"))
        if self.unattributed:
            n = self.unattributed
            rows.append(Measure("not attributable", n, f"{n:,}", tone="warn"))
        if not rows:
            # slots=True makes a new class, so that super() needs its arguments.
            return super(RefcountExplanation, self)._picture()
        return measures_picture(
            f"References to this {self.type_name}",
            [Panel(f"sys.getrefcount shows {self.shown:,}", rows)],
            scale="references in the count",
            said=self.answer,
        )

    def body(self) -> list[Block]:
        """Return the parts one by one, and why references are missing."""
        rows = [(f"{part.count:,}", part.place) for part in self.parts if part.count]
        if self.unattributed:
            rows.append((f"{self.unattributed:,}", "not attributable"))
        blocks: list[Block] = []
        if rows:
            blocks.append(Illustration(self._picture()))
            blocks.append(Table(("count", "where"), rows, align="><"))
        borrowed = [
            (f"{part.seen - part.count:,}", part.place)
            for part in self.parts
            if part.seen > part.count
        ]
        if borrowed:
            blocks.append(Table(("not counted", "where"), borrowed, align="><"))
        blocks += [Paragraph(reason) for reason in self._reasons()]
        if not self.conclusive:
            blocks.append(Paragraph(self._reason()))
        blocks.append(Paragraph(f"{self.environment}."))
        return blocks

    def _reasons(self) -> list[str]:
        reasons = []
        if self.is_immortal:
            reasons.append(
                "An immortal object lives until the interpreter exits; its count is a "
                "marker of this Python version, not a number of references."
            )
        if self.unattributed:
            reasons.append(
                "Not attributable: held where Python cannot look, such as C structures "
                "and the evaluation stacks of running calls."
            )
            if not self.is_tracked:
                reasons.append(
                    f"The garbage collector does not track this {self.type_name}: "
                    "dictionary keys and the table of interned strings may also hold "
                    "it."
                )
        if self.uncounted:
            reasons.append(
                "Not counted: found, but not included in the count: references that "
                "are borrowed, deferred, counted per thread, or made during the search."
            )
        if self.threads_unseen:
            threads = (
                "1 other thread"
                if self.threads_unseen == 1
                else (f"{self.threads_unseen:,} other threads")
            )
            reasons.append(
                f"The variables of {threads} were not inspected: without a GIL they "
                "keep running."
            )
        if self.split is not None and not self.is_immortal:
            owner = self.split.owner
            reasons.append(
                f"This build splits the count: {self.split.local:,} local (owner: "
                f"{owner}) and {self.split.shared:,} shared."
            )
        if self.moved:
            reasons.append(
                f"The count changed by {self.moved:+,} during the search: other "
                "threads or the garbage collector were running."
            )
        return reasons

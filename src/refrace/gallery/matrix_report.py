"""The gallery checked: every pattern in every mode, and which mode survives which."""

from __future__ import annotations

import string
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal

from refrace.display.blocks import Block, Paragraph, Table
from refrace.display.report import Report
from refrace.environment import Environment
from refrace.findings import Finding, FindingKind

__all__ = ["GalleryMatrix", "MatrixCell"]

EXPECTED_IN = "atomic"
"""The mode that the expected kinds are written for; others may show other kinds."""

_MARKS = {"bug": "x", "safe": ".", "miscount": "!", "unfinished": "?", "unsaid": "-"}
_HEADINGS = {
    "released": "GIL released:",
    "held": "GIL held, and given up by a thread that waits (a native lock that is "
    "acquired with the GIL held is not modelled):",
}
_MEANING = (
    "x: the buggy program goes wrong, the mended one is proved safe. .: both are "
    "proved safe: the mode, or the GIL, survives the pattern. !: the mended program "
    "goes wrong too, which is the mode's own doing. ?: a limit was reached. -: the "
    "programs see the count as a cell, which the mode does not have."
)
# So many columns of one mark fit beside the longest name.
MODES_IN_A_TABLE = 8


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """One variant of a pattern in one mode: the buggy and the mended program.

    Attributes
    ----------
    pattern, variant, class_name : str
        The pattern's slug, the variant's id, its class of mistake.
    mode : str
        The refcount mode.
    claims_correct : bool
        What the mode says of its counting.
    gil : {"released", "held"}
        The setting of the GIL.
    expected : frozenset of FindingKind
        What the gallery expects of the buggy program.
    buggy, fixed : frozenset of FindingKind
        What was found in the two programs.
    applies : bool
        Whether the mode has the steps of the two programs; else they were not tried.
    is_settled : bool
        Whether every schedule of both was tried.
    may_survive : bool
        Whether the mode may survive the bug: it frees late, or the bug is one of
        uniqueness and the mode never calls unique what threads share.
    states : int
        Different states of both.
    elapsed_s : float
        Wall time in seconds of both.
    """

    pattern: str
    variant: str
    class_name: str
    mode: str
    claims_correct: bool
    gil: Literal["released", "held"]
    expected: frozenset[FindingKind]
    buggy: frozenset[FindingKind]
    fixed: frozenset[FindingKind]
    applies: bool
    is_settled: bool
    states: int
    elapsed_s: float
    may_survive: bool = False

    @property
    def outcome(self) -> Literal["bug", "safe", "miscount", "unfinished", "unsaid"]:
        """What the two programs show together.

        ``"bug"``: the buggy one goes wrong, the mended one does not.  ``"safe"``:
        neither does; the mode survives the bug.  ``"miscount"``: the mended one does.
        ``"unfinished"``: a limit was reached before this was known.  ``"unsaid"``: they
        see the count as a cell, which the mode does not have.
        """
        if not self.applies:
            return "unsaid"
        if self.fixed:
            return "miscount"
        if not self.is_settled:
            return "unfinished"
        return "bug" if self.buggy else "safe"

    @property
    def unmet(self) -> tuple[Finding, ...]:
        """The expectations that do not hold.

        Of a mode that claims to be correct it is expected that nothing goes wrong in
        the mended program, and in the buggy one only where the gallery says so: in
        `atomic` in exactly those ways.  What a mode may survive need not show there.
        Of others nothing is expected.
        """
        if not (self.claims_correct and self.applies):
            return ()
        told = [(kind, "the mended program has it") for kind in self.fixed]
        if self.is_settled:
            told += [(k, "expected, and not there") for k in self._missing()]
            told += [(k, "there, and not expected") for k in self._surplus()]
        where = f"{self.variant} ({self.pattern}) in {self.mode}, GIL {self.gil}"
        return tuple(
            Finding(kind, None, f"{where}: {what}") for kind, what in sorted(told)
        )

    def _missing(self) -> frozenset[FindingKind]:
        if self.mode == EXPECTED_IN:
            return self.expected - self.buggy
        is_missing = not self.buggy and not self.may_survive
        return self.expected if is_missing else frozenset()

    def _surplus(self) -> frozenset[FindingKind]:
        if self.mode == EXPECTED_IN or not self.expected:
            return self.buggy - self.expected
        return frozenset()


@dataclass(frozen=True, slots=True)
class GalleryMatrix(Report):
    """Outcome of :func:`refrace.check_gallery`.

    Attributes
    ----------
    cells : tuple of MatrixCell, shape (n_cells,)
        By setting of the GIL, then variant in the gallery's order, then mode.
    cells_planned : int
        How many were asked for; more than there are after an interrupt.
    elapsed_s : float
        Seconds that all of it took.
    environment : Environment
        Where the times were measured.

    Notes
    -----
    All but the times is the same on every machine, unless a limit of time or memory
    is reached.  A mode that survives a pattern does so for the gallery's program, with
    its threads; the model is sequentially consistent.
    """

    format_name: ClassVar[str] = "refrace/gallery-matrix"

    cells: tuple[MatrixCell, ...]
    cells_planned: int
    elapsed_s: float
    environment: Environment

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Each expectation that does not hold; what a broken mode does is no news.

        The kind is the one that was expected and is missing, or that is there and was
        not expected.
        """
        return tuple(finding for cell in self.cells for finding in cell.unmet)

    @property
    def proved(self) -> bool:
        """Whether every mended program is proved safe in every mode that can run it."""
        tried = [cell for cell in self.cells if cell.applies]
        whole = len(self.cells) == self.cells_planned and bool(tried)
        return whole and all(cell.is_settled and not cell.fixed for cell in tried)

    @property
    def conclusive(self) -> bool:
        """Whether an expectation does not hold, or all was checked in full.

        Without findings, every cell that was asked for must be there, and every
        schedule of its programs must have been tried.
        """
        return self.inconclusive_because is None

    def _missing(self) -> str | None:
        if len(self.cells) < self.cells_planned:
            return "it was stopped early; let it run to its end"
        if all(cell.is_settled for cell in self.cells):
            return None
        return "a limit was reached where a ? stands; raise max_states or max_seconds"

    @property
    def modes(self) -> tuple[str, ...]:
        """The modes, in the order of the cells."""
        return tuple(dict.fromkeys(cell.mode for cell in self.cells))

    def survivors(self, variant: str, gil: str = "released") -> tuple[str, ...]:
        """Return the modes in which neither program of a variant goes wrong.

        Parameters
        ----------
        variant : str
            Its id, ``"P01a"``.
        gil : {"released", "held"}
            Default: ``"released"``.
        """
        return tuple(
            cell.mode
            for cell in self.cells
            if (cell.variant, cell.gil, cell.outcome) == (variant, gil, "safe")
        )

    @property
    def answer(self) -> str:
        """The result in one sentence."""
        if not self.cells:
            return "gallery: stopped before anything was checked."
        unmet = len(self.findings)
        if unmet:
            said = f"{unmet} expectation{'s do' if unmet > 1 else ' does'} not hold"
        elif not self.conclusive:
            said = "nothing unexpected so far"
        elif any(cell.claims_correct for cell in self.cells):
            said = (
                "every expectation holds: in each mode that claims to be correct each "
                "bug shows where it should, and each mended program is proved safe"
            )
        else:
            said = "nothing is expected of modes that claim to be broken"
        stopped = ""
        if len(self.cells) < self.cells_planned:
            stopped = f", stopped after {len(self.cells):,} of {self.cells_planned:,}"
        elif self._missing() is not None:
            stopped = ", and a limit was reached where a ? stands"
        return f"gallery: {said}{stopped}."

    def body(self) -> list[Block]:
        """Return the modes, the matrix, what it means, and what is not as expected."""
        blocks: list[Block] = []
        for gil in dict.fromkeys(cell.gil for cell in self.cells):
            cells = [cell for cell in self.cells if cell.gil == gil]
            blocks.append(Paragraph(_HEADINGS[gil]))
            blocks.append(self._modes_table(cells))
            blocks += self._matrix(cells)
        if self.cells:
            blocks += [Paragraph(_MEANING), Paragraph(self._cured())]
        blocks += [
            Paragraph(f"- {finding}", hang=2, indent=2) for finding in self.findings
        ]
        if not self.conclusive:
            blocks.append(Paragraph(self._reason()))
        states = sum(cell.states for cell in self.cells)
        blocks.append(
            Paragraph(
                f"{2 * len(self.cells):,} programs, {states:,} states, "
                f"{self.elapsed_s:.2f} s. {self.environment}."
            )
        )
        return blocks

    def _letters(self) -> dict[str, str]:
        return dict(zip(self.modes, _names_of_columns(), strict=False))

    def _modes_table(self, cells: list[MatrixCell]) -> Table:
        rows = []
        for mode, letter in self._letters().items():
            mine = [cell for cell in cells if cell.mode == mode]
            if not mine:
                continue
            outcomes = [cell.outcome for cell in mine]
            claim = "correct" if mine[0].claims_correct else "broken"
            shown = ("bug", "safe", "miscount", "unsaid")
            counts = [str(sum(o == one for o in outcomes)) for one in shown]
            seconds = sum(cell.elapsed_s for cell in mine)
            rows.append((letter, mode, claim, *counts, f"{seconds:.2f}"))
        header = ("", "mode", "claims", "x bug", ". safe", "! mode", "- no", "seconds")
        return Table(header, rows, "<<<>>>>>")

    def _matrix(self, cells: list[MatrixCell]) -> Iterator[Table]:
        letters = self._letters()
        names = list(letters)
        at = {(cell.variant, cell.mode): _MARKS[cell.outcome] for cell in cells}
        seconds: dict[str, float] = {}
        for cell in cells:
            seconds[cell.variant] = seconds.get(cell.variant, 0.0) + cell.elapsed_s
        slugs = {cell.variant: cell.pattern for cell in cells}
        for first in range(0, len(names), MODES_IN_A_TABLE):
            part = names[first : first + MODES_IN_A_TABLE]
            rows = []
            previous = ""
            for variant, slug in slugs.items():
                marks = [at.get((variant, mode), "") for mode in part]
                shown = "" if slug == previous else slug
                rows.append((variant, shown, *marks, f"{seconds[variant]:.3f}"))
                previous = slug
            header = ("", "pattern", *(letters[mode] for mode in part), "seconds")
            yield Table(header, rows, "<<" + "<" * len(part) + ">")

    def _cured(self) -> str:
        """Say of which classes some correct mode survives a bug that is expected."""
        due = [cell for cell in self.cells if cell.claims_correct and cell.expected]
        cured = sorted({c.class_name for c in due if c.outcome == "safe"})
        if not due:
            return "No mode here claims to be correct."
        if cured:
            return (
                "Bugs that some mode which claims to be correct survives are of these "
                f"classes: {', '.join(cured)}. It cures none of another class."
            )
        classes = sorted({cell.class_name for cell in due})
        return (
            "Counting right cures no bug of a program: no mode that claims to be "
            f"correct survives one, of whatever class: {', '.join(classes)}."
        )


def _names_of_columns() -> Iterator[str]:
    """Yield a, b, ... z, and then numbers: there is no end to modes."""
    yield from string.ascii_lowercase
    yield from map(str, range(1, 1000))

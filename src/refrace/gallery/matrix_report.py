"""The checked gallery: every pattern in every mode, and which modes survive which."""

from __future__ import annotations

import string
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar

from refrace._base.codec import ADDED_LATER
from refrace.display.blocks import Block, Illustration, Paragraph, Table
from refrace.display.pictures.bars import Tone
from refrace.display.pictures.grid import grid_picture
from refrace.display.pictures.picture import Picture
from refrace.display.pictures.stacked import stacked
from refrace.display.report import Report
from refrace.environment import Environment
from refrace.findings import Finding, Findings
from refrace.gallery.matrix_cell import MatrixCell

__all__ = ["GalleryMatrix"]

_MARKS = {
    "bug": "x",
    "safe": ".",
    "miscount": "!",
    "unfinished": "?",
    "unsaid": "-",
    "needs sc": "~",
}
_DRAWN: dict[str, tuple[Tone, str]] = {
    "x": ("bad", "bug found, fix proved"),
    ".": ("good", "the mode survives it"),
    "!": ("warn", "the mode corrupts the fix too"),
    "?": ("none", "a limit was reached"),
    "-": ("none", "not applicable to this mode"),
    "~": ("warn", "the fix needs sequential consistency"),
}
_HEADINGS = {
    "released": "GIL released:",
    "held": "GIL held; a thread that waits releases it, except at a `native_lock` "
    "or a `spin`:",
}
_MEANING = (
    "x: the buggy program has a finding, the fixed one is proved safe. .: both are "
    "proved safe: the mode, or the GIL, survives the pattern. !: the fixed program "
    "has a finding too, which the mode causes. ?: a limit was reached. -: not "
    "applicable."
)
_FIX_NEEDS_SC = (
    "~: the fixed program has a finding under C11; its fix needs sequential "
    "consistency, and the pattern's page says why."
)
# This many columns of one mark fit next to the longest name.
MODES_IN_A_TABLE = 8


@dataclass(frozen=True, slots=True)
class GalleryMatrix(Report):
    """Outcome of :func:`refrace.check_gallery`.

    Attributes
    ----------
    cells : tuple of MatrixCell, shape (n_cells,)
        By setting of the GIL, then variant in the gallery's order, then mode.
    cells_planned : int
        Number of cells requested; more than `cells` has after an interrupt.
    elapsed_s : float
        Total wall time, in seconds.
    environment : Environment
        Where the times were measured; with an executor, where it was called.
    cells_lost : int
        Number of cells that were lost with a worker of an executor, and are not in
        `cells`.

    Notes
    -----
    Everything except the times is the same on every machine, unless a limit of time
    or memory is reached.  That a mode survives a pattern holds for the gallery's
    program with its number of threads, and under the memory model of the cell.
    """

    format_name: ClassVar[str] = "refrace/gallery-matrix"

    cells: tuple[MatrixCell, ...]
    cells_planned: int
    elapsed_s: float
    environment: Environment
    cells_lost: int = field(default=0, metadata={ADDED_LATER: True})

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Each expectation that does not hold; nothing is expected of a broken mode.

        The kind is one that was expected but not found, or found but not expected.
        """
        return Findings(finding for cell in self.cells for finding in cell.unmet)

    @property
    def proved(self) -> bool:
        """Whether every fixed program is proved safe in every mode that can run it."""
        tried = [cell for cell in self.cells if cell.applies]
        whole = len(self.cells) == self.cells_planned and bool(tried)
        return whole and all(cell.is_settled and not cell.fixed for cell in tried)

    @property
    def conclusive(self) -> bool:
        """Whether an expectation does not hold, or everything was checked in full.

        Without findings, every requested cell must be present, and every schedule of
        its programs must have been explored.
        """
        return self.inconclusive_because is None

    def _missing(self) -> str | None:
        if len(self.cells) + self.cells_lost < self.cells_planned:
            return "it was stopped early; let it run to the end"
        if self.cells_lost:
            return (
                f"{self.cells_lost:,} cells were lost with a worker of the executor, "
                "twice; run it again, or without executor"
            )
        if all(cell.is_settled for cell in self.cells):
            return None
        return (
            "a limit was reached in each cell marked ?; raise max_states or max_seconds"
        )

    @property
    def modes(self) -> tuple[str, ...]:
        """The modes, in the order of the cells."""
        return tuple(dict.fromkeys(cell.mode for cell in self.cells))

    def survivors(self, variant: str, gil: str = "released") -> tuple[str, ...]:
        """Return the modes in which neither program of a variant has a finding.

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
                "every expectation holds: in each mode that claims to be correct, "
                "each expected bug was found, and each fixed program is proved safe"
            )
            if any(cell.outcome == "needs sc" for cell in self.cells):
                said += ", except where its fix needs sequential consistency"
        else:
            said = "nothing is expected of modes that claim to be broken"
        stopped = ""
        of_all = f"{len(self.cells):,} of {self.cells_planned:,}"
        if len(self.cells) + self.cells_lost < self.cells_planned:
            stopped = f", stopped after {of_all}"
        elif self.cells_lost:
            stopped = f", {of_all} checked, the others lost with a worker"
        elif self._missing() is not None:
            stopped = ", and a limit was reached in each cell marked ?"
        return f"gallery: {said}{stopped}."

    def _picture(self) -> Picture:
        if not self.cells:
            return super(GalleryMatrix, self)._picture()  # slots=True: a new class
        return stacked(
            self.answer,
            [self._grid(gil) for gil in dict.fromkeys(cell.gil for cell in self.cells)],
        )

    def _grid(self, gil: str) -> Picture:
        cells = [cell for cell in self.cells if cell.gil == gil]
        at = {(cell.variant, cell.mode): _MARKS[cell.outcome] for cell in cells}
        slugs = {cell.variant: cell.pattern for cell in cells}
        rows = [
            (
                f"{variant} {slug}",
                [at.get((variant, mode), "") for mode in self.modes],
            )
            for variant, slug in slugs.items()
        ]
        title = f"Patterns of the gallery in every mode, GIL {gil}"
        return grid_picture(title, self.answer, self.modes, rows, _DRAWN)

    def body(self) -> list[Block]:
        """Return the modes, the matrix, its legend, and the failed expectations."""
        blocks: list[Block] = []
        for gil in dict.fromkeys(cell.gil for cell in self.cells):
            cells = [cell for cell in self.cells if cell.gil == gil]
            blocks.append(Paragraph(_HEADINGS[gil]))
            blocks.append(Illustration(self._grid(gil)))
            blocks.append(self._modes_table(cells))
            blocks += self._matrix(cells)
        if self.cells:
            blocks.append(Paragraph(_MEANING))
            if any(cell.outcome == "needs sc" for cell in self.cells):
                blocks.append(Paragraph(_FIX_NEEDS_SC))
            blocks.append(Paragraph(self._cured()))
        blocks += map(Paragraph, self._not_applicable())
        blocks += map(Paragraph, self._models())
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

    def _not_applicable(self) -> Iterator[str]:
        """Yield which variants use what some of the modes do not have."""
        users: dict[str, dict[str, None]] = {}
        for cell in self.cells:
            if cell.lacks:
                users.setdefault(cell.lacks, {})[cell.variant] = None
        for lacks, variants in users.items():
            yield f"Not applicable to a mode without {lacks}: {', '.join(variants)}."

    def _models(self) -> Iterator[str]:
        """Yield which programs were explored under C11, and which are not modelled."""
        weak = dict.fromkeys(c.variant for c in self.cells if c.memory == "c11")
        if any(cell.is_weaker for cell in self.cells):
            yield (
                "All programs with the memory model of C11. Where a pattern is about "
                "sequential consistency, its bug must show, in any way."
            )
        elif weak:
            yield f"With the memory model of C11: {', '.join(weak)}."
        left_out = dict.fromkeys(c.variant for c in self.cells if not c.is_modelled)
        if left_out:
            yield f"Not modelled under C11, and not explored: {', '.join(left_out)}."

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
        """Return the classes of which some correct mode survives an expected bug."""
        due = [cell for cell in self.cells if cell.claims_correct and cell.expected]
        cured = sorted({c.class_name for c in due if c.outcome == "safe"})
        if not due:
            return "No mode here claims to be correct."
        if cured:
            return (
                "Some mode that claims to be correct survives a bug of each of these "
                f"classes: {', '.join(cured)}. None survives a bug of any other class."
            )
        classes = sorted({cell.class_name for cell in due})
        return (
            "Correct counting does not fix a bug of the program: no mode that claims "
            f"to be correct survives a bug of any of these classes: "
            f"{', '.join(classes)}."
        )


def _names_of_columns() -> Iterator[str]:
    """Yield a, b, ... z, and then numbers: the number of modes is not limited."""
    yield from string.ascii_lowercase
    yield from map(str, range(1, 1000))

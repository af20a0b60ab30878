"""One variant of a pattern in one mode, and what is expected of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from refrace._base.codec import ADDED_LATER
from refrace.findings import Finding, FindingKind

__all__ = ["MatrixCell"]


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """One variant of a pattern in one mode: the buggy and the fixed program.

    Attributes
    ----------
    pattern, variant, class_name : str
        The pattern's slug, the variant's id, its class of mistake.
    mode : str
        The refcount mode.
    claims_correct : bool
        Whether the mode claims to count correctly.
    gil : {"released", "held"}
        The setting of the GIL.
    expected : frozenset of FindingKind
        What the gallery expects of the buggy program.
    buggy, fixed : frozenset of FindingKind
        What was found in each program.
    applies : bool
        Whether the mode has the operations of both programs, and the memory model has
        what they use; otherwise neither was explored.
    is_settled : bool
        Whether every schedule of both was explored.
    may_survive : bool
        Whether the mode may survive the bug: it frees late, or the bug is one of
        uniqueness and the mode never reports a shared object as unique.
    states : int
        Number of distinct states of both.
    elapsed_s : float
        Wall time of both, in seconds.
    memory : {"sc", "c11"}
        The memory model of both explorations.
    is_modelled : bool
        Whether that model has what both programs use; otherwise neither was explored.
    is_weaker : bool
        Whether the model is C11, and `expected` is about sequential consistency: a
        bug must show, but may do so in another way.
    fix_needs_sc : bool
        Whether the gallery says that the fixed program has findings under C11.
    expected_in : str
        The mode that `expected` is about; other modes may show other kinds.
    lacks : str
        What the programs use that the mode does not have: "`enable_try`"; "" if the
        variant is applicable to the mode.
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
    memory: Literal["sc", "c11"] = field(default="sc", metadata={ADDED_LATER: True})
    is_modelled: bool = field(default=True, metadata={ADDED_LATER: True})
    is_weaker: bool = field(default=False, metadata={ADDED_LATER: True})
    fix_needs_sc: bool = field(default=False, metadata={ADDED_LATER: True})
    expected_in: str = field(default="atomic", metadata={ADDED_LATER: True})
    lacks: str = field(default="", metadata={ADDED_LATER: True})

    @property
    def outcome(
        self,
    ) -> Literal["bug", "safe", "miscount", "unfinished", "unsaid", "needs sc"]:
        """What the two programs show together.

        ``"bug"``: the buggy one has findings, the fixed one has none.  ``"safe"``:
        neither has any; the mode survives the bug.  ``"miscount"``: the fixed one has
        findings.  ``"unfinished"``: a limit was reached before this was known.
        ``"unsaid"``: the variant is not applicable to the mode, which `lacks` something
        of it, or uses what the memory model does not have.  ``"needs sc"``: the fixed
        one has findings, because its fix needs sequential consistency.
        """
        if not self.applies:
            return "unsaid"
        if self.fixed:
            return "needs sc" if self.fix_needs_sc else "miscount"
        if not self.is_settled:
            return "unfinished"
        return "bug" if self.buggy else "safe"

    @property
    def unmet(self) -> tuple[Finding, ...]:
        """The expectations that do not hold.

        A mode that claims to be correct must find nothing in the fixed program, and
        must find bugs in the buggy one only if the gallery expects them; the mode that
        they are about must find exactly the expected kinds.  A bug that the mode may
        survive need not show.  Nothing is expected of other modes.  Where the model is
        weaker than the one that the kinds are for, that mode may find any kinds, and
        must find some in a fixed program that needs sequential consistency.
        """
        if not (self.claims_correct and self.applies):
            return ()
        found = []
        if not self.fix_needs_sc:
            found = [(kind, "the fixed program has it") for kind in self.fixed]
        if self.is_settled:
            found += self._fix_that_holds()
            found += [(k, "expected, but not found") for k in self._missing()]
            found += [(k, "found, but not expected") for k in self._surplus()]
        where = f"{self.variant} ({self.pattern}) in {self.mode}, GIL {self.gil}"
        return tuple(
            Finding(kind, None, f"{where}: {what}") for kind, what in sorted(found)
        )

    def _missing(self) -> frozenset[FindingKind]:
        if self._is_exact():
            return self.expected - self.buggy
        is_missing = not self.buggy and not self.may_survive
        return self.expected if is_missing else frozenset()

    def _surplus(self) -> frozenset[FindingKind]:
        if self._is_exact() or not self.expected:
            return self.buggy - self.expected
        return frozenset()

    def _is_exact(self) -> bool:
        """Whether exactly the expected kinds are expected, and not just any."""
        return self.mode == self.expected_in and not self.is_weaker

    def _fix_that_holds(self) -> list[tuple[FindingKind, str]]:
        is_said_of_it = self.fix_needs_sc and self.mode == self.expected_in
        if not (is_said_of_it and self.expected) or self.fixed:
            return []
        said = "the fixed program is said to need sequential consistency, but does not"
        return [(min(self.expected), said)]

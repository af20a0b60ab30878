"""The judgement of a result: findings, clean or inconclusive; and its exceptions."""

from __future__ import annotations

import warnings
from typing import Any, Literal

from refrace.errors import CorruptionFound, Inconclusive, InconclusiveWarning, NotProved
from refrace.findings import Finding

__all__ = ["Judged", "Judgement"]

Judgement = Literal["findings", "clean", "inconclusive"]
"""The judgement of a result; it determines the exit code of the command line."""

NO_PROOF = "a result of this kind is never a proof"


class Judged:
    """Base of all results with findings: one judgement, three methods that raise.

    A subclass defines `findings` and, unless it is always conclusive, `_missing`; one
    that can be a proof also defines `proved`.
    """

    __slots__ = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings, most severe first; empty if there are none."""
        raise NotImplementedError

    @property
    def inconclusive_because(self) -> str | None:
        """Why the result is inconclusive and what to change; None if conclusive."""
        return None if self.findings else self._missing()

    def _missing(self) -> str | None:
        """Return what left the question open, and a fix; None if nothing did."""
        return None

    @property
    def conclusive(self) -> bool:
        """Whether the result answers its question.

        A result with findings is conclusive: they happened.  A result without findings
        is conclusive if their absence has the meaning that its class documents.
        """
        return self.inconclusive_because is None

    @property
    def is_conclusive(self) -> bool:
        """The former name of `conclusive`."""
        return self.conclusive

    @property
    def judgement(self) -> Judgement:
        """The result in one word: ``"findings"``, ``"clean"`` or ``"inconclusive"``."""
        if self.findings:
            return "findings"
        return "clean" if self.conclusive else "inconclusive"

    @property
    def proved(self) -> bool:
        """Whether the result proves, within its bounds, that there are no findings."""
        return False

    @property
    def unproved_because(self) -> str | None:
        """Why the result is not a proof and what to do; None if it is a proof."""
        if self.proved:
            return None
        return self.inconclusive_because or f"{NO_PROOF}; use refrace.explore"

    def raise_for_findings(self) -> None:
        """Raise if there are findings; warn if the result is inconclusive.

        Raises
        ------
        CorruptionFound
            If there are findings.

        Warns
        -----
        InconclusiveWarning
            If there are none, but the result is inconclusive.
            :meth:`raise_unless_conclusive` raises an error instead.
        """
        self._raise_findings()
        if not self.conclusive:
            warnings.warn(
                f"{self._first_line()}\n{self._reason()}\n"
                "raise_unless_conclusive() makes this an error.",
                InconclusiveWarning,
                stacklevel=2,
            )

    def raise_unless_conclusive(self) -> None:
        """Raise if there are findings or if the result is inconclusive.

        Raises
        ------
        CorruptionFound
            If there are findings.
        Inconclusive
            If there are none, but the result is inconclusive.
        """
        self._raise_findings()
        if not self.conclusive:
            raise Inconclusive(self, f"{self._first_line()}\n{self._reason()}")

    def raise_unless_proved(self) -> None:
        """Raise unless the result is a proof.

        Raises
        ------
        CorruptionFound
            If there are findings.
        NotProved
            If there are none, but the result is not a proof; a result of real threads
            or of sampled schedules never is.
        """
        self._raise_findings()
        if not self.proved:
            why = self.unproved_because
            raise NotProved(self, f"{self._first_line()}\nNot proved: {why}.")

    def _raise_findings(self) -> None:
        if self.findings:
            raise CorruptionFound(self)

    def _reason(self) -> str:
        """Return the sentence that the text of an inconclusive result contains."""
        return f"Inconclusive: {self.inconclusive_because}."

    def _first_line(self) -> str:
        answer: Any = getattr(self, "answer", None)
        return repr(self) if answer is None else str(answer)

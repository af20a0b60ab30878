"""What was proved of each mode when the package was made."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from refrace._base.codec import decode, encode
from refrace._base.recorded_json import read_recorded, recorded_text

__all__ = ["PROOFS_FILE", "RecordedProof", "proofs_text", "recorded_proof"]

PROOFS_FILE = Path(__file__).parent / "recorded_proofs.json"
"""Written by ``make modes``."""

PROOFS_FORMAT = {"format": "refrace/recorded-proofs", "version": 1}


@dataclass(frozen=True, slots=True)
class RecordedProof:
    """What :func:`refrace.prove` said of a mode when the package was made.

    Attributes
    ----------
    mode : str
        The refcount mode.
    refrace : str
        Version of the package that computed it.
    effort : {"small", "large"}
        The bounds of the corpus.
    proved : bool
        Whether every schedule of every program was tried and none goes wrong.
    limit : {"states", "seconds", "memory", "interrupt"} or None
        What ended the work early; it then says nothing.
    programs, states : int
        Programs explored and states met in them, until the witness if there is one.
    kinds : tuple of str
        What the witness shows, as :class:`refrace.FindingKind` has it; empty without.
    threads : int or None
        Threads of the witness; None without.
    steps : int or None
        Counting steps of the witness, over all its threads; None without, and if it is
        a scenario.
    scenario : str or None
        The scenario that the witness is; None: a program of the corpus, or none.

    Notes
    -----
    A record and no computation: `refrace.prove` computes it again, for the package as
    installed.  What a proof says and what it does not is told at :class:`Proof`.
    """

    mode: str
    refrace: str
    effort: Literal["small", "large"]
    proved: bool
    limit: Literal["states", "seconds", "memory", "interrupt"] | None
    programs: int
    states: int
    kinds: tuple[str, ...]
    threads: int | None
    steps: int | None
    scenario: str | None

    @property
    def verdict(self) -> str:
        """What it says, in a few words and with its numbers."""
        looked_at = f"{self.programs:,} {self.effort} programs, {self.states:,} states"
        if self.kinds:
            parts = [", ".join(self.kinds), f"{self.threads} threads"]
            if self.steps is not None:
                parts.append(f"{self.steps} counting steps")
            if self.scenario is not None:
                parts.append(f"in a scenario: {self.scenario}")
            return f"witness: {', '.join(parts)}"
        if self.proved:
            return f"proved: {looked_at}"
        return f"unfinished ({self.limit}): {looked_at}, which proves nothing"

    def __str__(self) -> str:
        return f"{self.verdict} (recorded; refrace prove {self.mode} computes it again)"


def proofs_text(proofs: list[RecordedProof]) -> str:
    """Return what stands in the file of proofs, for ``make modes``."""
    return recorded_text({**PROOFS_FORMAT, "proofs": encode(proofs)})


def recorded_proof(mode: str) -> RecordedProof | None:
    """Return the recorded proof of the mode called `mode`; None if there is none.

    Raises
    ------
    InvalidData
        If the file of the package is damaged.
    """
    return _proofs(PROOFS_FILE).get(mode)


@cache
def _proofs(file: Path) -> dict[str, RecordedProof]:
    data = read_recorded(file, PROOFS_FORMAT)
    if data is None:
        return {}
    proofs = decode(tuple[RecordedProof, ...], data.get("proofs"), file.name)
    return {proof.mode: proof for proof in proofs}

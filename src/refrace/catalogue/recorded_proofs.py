"""The recorded proofs of each mode, one for each memory model, of this release."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal

from refrace._base.codec import ADDED_LATER, decode, encode
from refrace._base.recorded_json import read_recorded, recorded_text

__all__ = [
    "PROOFS_FILE",
    "RecordedProof",
    "how_to_prove",
    "proofs_text",
    "recorded_proof",
]

PROOFS_FILE = Path(__file__).parent / "recorded_proofs.json"
"""Written by ``make modes``."""

PROOFS_FORMAT = {"format": "refrace/recorded-proofs", "version": 1}


@dataclass(frozen=True, slots=True)
class RecordedProof:
    """The recorded result of :func:`refrace.prove` for a mode of this release.

    Attributes
    ----------
    mode : str
        The refcount mode.
    refrace : str
        Version of the package that computed it.
    effort : {"small", "large"}
        The bounds of the corpus.
    proved : bool
        Whether every schedule of every program was explored without a finding.
    limit : {"states", "seconds", "memory", "interrupt"} or None
        The limit that ended the work early; the result then proves nothing.
    programs, states : int
        Programs and states explored, up to the witness if there is one.
    kinds : tuple of str
        Kinds of findings of the witness, see :class:`refrace.FindingKind`; empty
        without a witness.
    threads : int or None
        Threads of the witness; None without a witness.
    steps : int or None
        Counting steps of the witness in all threads; None without a witness or if it is
        a scenario.
    scenario : str or None
        The scenario that is the witness; None if the witness is a program of the
        corpus, or without a witness.
    memory : {"sc", "c11"}
        The memory model.

    Notes
    -----
    This is a record: `refrace.prove` computes it again for the installed package.  For
    the limits of a proof see :class:`Proof`.
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
    memory: Literal["sc", "c11"] = field(default="sc", metadata={ADDED_LATER: True})

    @property
    def verdict(self) -> str:
        """The result in a few words, with its numbers."""
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
        command = how_to_prove(self.mode, self.memory)
        return f"{self.verdict} (recorded; {command} computes it again)"


def how_to_prove(mode: str, memory: Literal["sc", "c11"]) -> str:
    """Return the command that computes a proof."""
    return f"refrace prove {mode}{' --memory c11' if memory == 'c11' else ''}"


def proofs_text(proofs: list[RecordedProof]) -> str:
    """Return the content of the file of proofs, for ``make modes``."""
    return recorded_text({**PROOFS_FORMAT, "proofs": encode(proofs)})


def recorded_proof(
    mode: str, memory: Literal["sc", "c11"] = "sc"
) -> RecordedProof | None:
    """Return the recorded proof of a mode in a memory model; None if there is none.

    Raises
    ------
    InvalidData
        If the file of the package is damaged.
    """
    return _proofs(PROOFS_FILE).get((mode, memory))


@cache
def _proofs(file: Path) -> dict[tuple[str, str], RecordedProof]:
    data = read_recorded(file, PROOFS_FORMAT)
    if data is None:
        return {}
    proofs = decode(tuple[RecordedProof, ...], data.get("proofs"), file.name)
    return {(proof.mode, proof.memory): proof for proof in proofs}

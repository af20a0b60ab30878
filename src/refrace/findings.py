"""What can be found: the kinds of corruption and one proven instance of a kind."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from refrace._base.codec import decode

__all__ = ["Finding", "FindingKind"]


class FindingKind(StrEnum):
    """A kind of refcount corruption, or of a program that went wrong.

    Members compare equal to their text: ``finding.kind == "leak"``.
    """

    USE_AFTER_FREE = "use-after-free"
    """A step touches freed memory."""
    REVIVAL = "revival"
    """An incref of an object whose destruction has begun."""
    UNDERFLOW = "underflow"
    """A decrement at zero."""
    DOUBLE_FREE = "double-free"
    """A second destruction, or a second free."""
    DANGLING_FREE = "dangling-free"
    """Freed while counted references exist.  Latent: the run goes on."""
    DANGLING_REFERENCE = "dangling-reference"
    """At the end, an owning cell, field or item points to freed memory."""
    LEAK = "leak"
    """At the end, more counts than owners."""
    COUNT_TOO_LOW = "count-too-low"
    """At the end, fewer counts than owners."""
    NULL_DEREFERENCE = "null-dereference"
    """A step goes through a null pointer."""
    OUT_OF_BOUNDS = "out-of-bounds"
    """A container is read past its end."""
    UNINITIALISED_USE = "uninitialised-use"
    """An allocated object is used before its initialisation."""
    WRONG_VALUE = "wrong-value"
    """An assertion of the program fails: a lost, stale or mixed value."""
    DEADLOCK = "deadlock"
    """Some thread waits and none can run."""
    LIVELOCK = "livelock"
    """A state from which no continuation ever finishes."""

    @property
    def is_latent(self) -> bool:
        """Whether a run goes on after this finding instead of ending there."""
        return self is FindingKind.DANGLING_FREE


@dataclass(frozen=True, slots=True)
class Finding:
    """One proven corruption, or `count` equal ones.

    Attributes
    ----------
    kind : FindingKind
        What went wrong.
    object : str or None
        Name of the object it happened to; None where it concerns no object.
    message : str
        What happened, in words.
    count : int
        How many objects (or events, as the message says) it happened to; at
        least 1.
    """

    kind: FindingKind
    object: str | None
    message: str
    count: int = 1

    def __str__(self) -> str:
        times = f" x{self.count:,}" if self.count != 1 else ""
        return f"{self.kind}{times}: {self.message}"

    def to_dict(self) -> dict[str, Any]:
        """Return the finding as a JSON-ready dictionary."""
        return {
            "kind": str(self.kind),
            "object": self.object,
            "message": self.message,
            "count": self.count,
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Finding:
        """Rebuild a finding from :meth:`to_dict`.

        Raises
        ------
        InvalidData
            If `data` is something else.
        """
        return decode(cls, data, "finding")

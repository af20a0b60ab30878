"""The kinds of findings, and a finding: one proven instance of a kind."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from html import escape
from typing import Any

from refrace._base.codec import decode

__all__ = ["Finding", "FindingKind", "Findings"]


class FindingKind(StrEnum):
    """A kind of refcount corruption or of another program failure.

    Members compare equal to their text: ``finding.kind == "leak"``.
    """

    USE_AFTER_FREE = "use-after-free"
    """A step accesses freed memory."""
    REVIVAL = "revival"
    """An incref of an object whose destruction has begun."""
    UNDERFLOW = "underflow"
    """A decrement of a count that is zero."""
    DOUBLE_FREE = "double-free"
    """A second destruction, or a second free."""
    DANGLING_FREE = "dangling-free"
    """A free while counted references exist.  Latent: the run continues."""
    DANGLING_REFERENCE = "dangling-reference"
    """At the end, an owning cell, field or item points to freed memory."""
    LEAK = "leak"
    """At the end, a count is higher than the number of owners."""
    COUNT_TOO_LOW = "count-too-low"
    """At the end, a count is lower than the number of owners."""
    NULL_DEREFERENCE = "null-dereference"
    """A step dereferences a null pointer."""
    OUT_OF_BOUNDS = "out-of-bounds"
    """A step reads a container past its end."""
    UNINITIALISED_USE = "uninitialised-use"
    """A step uses an allocated object before its initialisation."""
    WRONG_VALUE = "wrong-value"
    """An assertion of the program fails: a value is lost, stale or mixed."""
    DEADLOCK = "deadlock"
    """At least one thread waits and none can run."""
    LIVELOCK = "livelock"
    """No continuation of the current state ever finishes."""
    DETACHED_COUNT = "detached-count"
    """A detached thread counts or destroys, in a mode that needs an attached one."""
    DATA_RACE = "data-race"
    """Under C11: two accesses, one of them plain, that nothing orders."""
    UNSYNCHRONISED_FREE = "unsynchronised-free"
    """Under C11: a free that is not ordered after an access of another thread."""

    @property
    def is_latent(self) -> bool:
        """Whether a run continues after this finding."""
        return self is FindingKind.DANGLING_FREE


@dataclass(frozen=True, slots=True)
class Finding:
    """One proven corruption, or `count` equal ones.

    Attributes
    ----------
    kind : FindingKind
        The kind of corruption or failure.
    object : str or None
        Name of the affected object; None if no object is affected.
    message : str
        A description of what happened.
    count : int
        Number of affected objects (or events, as the message says); at least 1.
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
            If `data` is not the dictionary of a finding.
        """
        return decode(cls, data, "finding")

    def _repr_html_(self) -> str:
        return f"<p>{_in_html(self)}</p>"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(str(self))


class Findings(tuple[Finding, ...]):
    """Several findings: a tuple that is displayed as a list of sentences."""

    __slots__ = ()

    def __str__(self) -> str:
        return "\n".join(map(str, self)) or "no findings"

    def _repr_html_(self) -> str:
        rows = "".join(f"<li>{_in_html(finding)}</li>" for finding in self)
        return f"<ul>{rows}</ul>" if rows else "<p>no findings</p>"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(str(self))


def _in_html(finding: Finding) -> str:
    """Return a finding with its kind in bold; the sentence names object and threads."""
    times = f" x{finding.count:,}" if finding.count != 1 else ""
    message = escape(finding.message)
    return f"<strong>{escape(str(finding.kind))}</strong>{times}: {message}"

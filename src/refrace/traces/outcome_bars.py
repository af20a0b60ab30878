"""The outcomes of runs as a bar, for explorations, samples and races of programs."""

from __future__ import annotations

from collections.abc import Iterable

from refrace.display.pictures.bars import Bar, Part, Tone
from refrace.findings import FindingKind
from refrace.traces.outcome_text import kinds_text

__all__ = ["outcome_bar"]

_MILD = frozenset({FindingKind.LEAK})
"""A run with these kinds only leaves memory behind; others touch memory wrongly."""


def outcome_bar(
    name: str,
    note: str,
    outcomes: Iterable[tuple[frozenset[FindingKind], str, float]],
    rest: tuple[str, str, float] | None = None,
) -> Bar:
    """Return the bar of some runs.

    Parameters
    ----------
    name, note : str
        The name of the bar, and a note next to it.
    outcomes : iterable of (kinds, size, share)
        The kinds of findings of an outcome, its size as text, its share, 0 to 1.
    rest : (name, size, share), optional
        Runs whose outcome is unknown.
    """
    parts = [
        Part(kinds_text(kinds, " + ") or "intact", size, share, _tone(kinds))
        for kinds, size, share in outcomes
    ]
    if rest is not None:
        parts.append(Part(*rest, tone="none"))
    return Bar(name, note, parts)


def _tone(kinds: frozenset[FindingKind]) -> Tone:
    if not kinds:
        return "good"
    return "warn" if kinds <= _MILD else "bad"

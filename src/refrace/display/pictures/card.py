"""A result as a card: its answer and its findings, for results without a diagram."""

from __future__ import annotations

from collections.abc import Iterable

from refrace.display.pictures.picture import Picture
from refrace.display.pictures.shapes import rect, text, wrapped
from refrace.display.pictures.space_time_marks import warning
from refrace.findings import Finding

__all__ = ["card_picture"]

WIDTH = 720
EDGE = 18
MOST_FINDINGS = 12

_HEADS = {
    "findings": ("bad", "bad-pale", "Findings"),
    "clean": ("good", "good-pale", "No findings"),
    "inconclusive": ("warn", "warn-pale", "Inconclusive"),
}


def card_picture(answer: str, judgement: str, findings: Iterable[Finding]) -> Picture:
    """Return the answer in a box, with the judgement in words, and the findings below.

    Parameters
    ----------
    answer : str
        The result in one sentence.
    judgement : {"findings", "clean", "inconclusive"}
        The result in one word.
    findings : iterable of Finding
        The findings; of more than a few, the first ones.
    """
    role, pale, head = _HEADS[judgement]
    said = wrapped(answer, WIDTH - 4 * EDGE, 16)
    height = 40 + 23 * len(said)
    parts = [
        rect(EDGE, EDGE, WIDTH - 2 * EDGE, height, pale, role),
        text(2 * EDGE, EDGE + 22, head, role, is_bold=True),
    ]
    parts += [
        text(2 * EDGE, EDGE + 46 + 23 * row, words, size=16)
        for row, words in enumerate(said)
    ]
    y = 2.0 * EDGE + height + 12
    listed = list(findings)
    for finding in listed[:MOST_FINDINGS]:
        parts.append(warning(EDGE + 12, y))
        for words in wrapped(str(finding), WIDTH - 4 * EDGE):
            parts.append(text(EDGE + 34, y + 4, words))
            y += 19
        y += 8
    if len(listed) > MOST_FINDINGS:
        more = f"and {len(listed) - MOST_FINDINGS:,} more"
        parts.append(text(EDGE + 34, y + 4, more, "soft"))
        y += 26
    told = " ".join(f"{finding}." for finding in listed)
    return Picture(answer, f"{head}. {answer} {told}".strip(), WIDTH, y, "".join(parts))

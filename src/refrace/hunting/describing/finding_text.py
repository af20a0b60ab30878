"""A finding of a hunt as blocks of a report."""

from __future__ import annotations

import re

from refrace.display.blocks import Block, Paragraph, Preformatted
from refrace.hunting.finding import HuntFinding
from refrace.hunting.schedules.native_trace import native_table

__all__ = ["finding_blocks", "rate_text"]

_WIDTH = 76
_PATH = re.compile(r"/[^\s\":]+")


def finding_blocks(finding: HuntFinding, number: int, of: int) -> list[Block]:
    """Return a finding: what, where, how often, the program, the test."""
    head = f"{number} of {of}. " if of > 1 else ""
    blocks: list[Block] = [
        Paragraph(f"{head}{finding}", apart=True),
        Preformatted(finding.source.rstrip()),
        Paragraph(rate_text(finding)),
    ]
    if finding.c_location:
        blocks.append(Paragraph(f"In C: {finding.c_location}."))
    if finding.pattern:
        blocks.append(
            Paragraph(
                f"Nearest pattern of the gallery: {finding.pattern} (refrace gallery "
                f"{finding.pattern}); the symptom is the same, the cause may differ."
            )
        )
    if finding.native_trace:
        blocks.append(native_table(finding.native_trace, finding.threads))
    if finding.replay_token:
        where = "PROGRAM in the test below" if number == 1 else "its replay_token"
        blocks.append(
            Paragraph(
                f"This schedule again, in the same build: refrace replay TOKEN, where "
                f"TOKEN is {where}."
            )
        )
    for stack in finding.python_stacks:
        blocks.append(Preformatted(_narrow(stack)))
    if finding.also:
        listed = ", ".join(finding.also)
        blocks.append(Paragraph(f"The same operations also showed: {listed}."))
    if number == 1:
        blocks.append(Paragraph("A test that fails as long as the bug is there:"))
        blocks.append(Preformatted(finding.reproducer.rstrip()))
    else:
        blocks.append(Paragraph(f"Its test is findings[{number - 1}].reproducer."))
    return blocks


def rate_text(finding: HuntFinding) -> str:
    """Return how often the program showed the finding, with the interval."""
    if not finding.runs:
        return (
            "There was no time to run this program again; its rate is unknown. "
            "Raise seconds."
        )
    low, high = finding.interval
    rounds = "1 round" if finding.rounds == 1 else f"{finding.rounds:,} rounds"
    runs = "1 run" if finding.runs == 1 else f"{finding.runs} runs"
    often = f"Seen again in {finding.shown} of {runs} of at least {rounds}"
    return f"{often} (rate {finding.rate:.0%}, 95% interval {low:.0%} to {high:.0%})."


def _narrow(stack: str) -> str:
    """Return a stack with paths that are shortened from the left where they must be."""
    return "\n".join(map(_narrowed, stack.splitlines()))


def _narrowed(line: str) -> str:
    surplus = len(line) - _WIDTH
    path = _PATH.search(line)
    if surplus > 0 and path is not None:
        kept = path.group()[surplus + 3 :]
        line = line[: path.start()] + "..." + kept + line[path.end() :]
    return line[:_WIDTH]

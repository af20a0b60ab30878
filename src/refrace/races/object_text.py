"""The text of a single object."""

from __future__ import annotations

from collections.abc import Sequence

from refrace._native.objects import Reading
from refrace.catalogue.mode import Mode
from refrace.display.blocks import Block, Paragraph
from refrace.findings import Finding
from refrace.races.object_findings import findings_table

__all__ = ["blocks_of", "line_of"]


def line_of(reading: Reading, mode: Mode, *, is_closed: bool) -> str:
    """Return the readings of an object in one line."""
    state = "alive" if reading.deaths == 0 else "freed"
    if reading.is_waiting:
        owner = "for its owner" if mode.has_owner else "to be settled"
        state += f", waiting {owner}"
    if reading.gap_waits:
        state += ", gaps widened"
    closed = ", closed" if is_closed else ""
    return (
        f"{mode.name}: refcount {reading.refcount:,}, "
        f"ledger {reading.ledger:,}, {state}{closed}"
    )


def blocks_of(
    reading: Reading, findings: Sequence[Finding], mode: Mode, *, is_closed: bool
) -> list[Block]:
    """Return that line, the number of widened gaps, and the findings."""
    line = line_of(reading, mode, is_closed=is_closed)
    blocks: list[Block] = [Paragraph(f"refrace.Object {line}")]
    if reading.gap_waits:
        blocks.append(
            Paragraph(
                f"Threads waited in {reading.gap_waits:,} gaps between two accesses "
                f"of an operation; another thread made an access in "
                f"{reading.gaps_met:,} of them."
            )
        )
    return [*blocks, *findings_table(findings)]

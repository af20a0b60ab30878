"""An object in the hand, in words."""

from __future__ import annotations

from refrace._object_findings import findings_of
from refrace._render.blocks import Block, Paragraph, Table
from refrace.catalogue import Mode

__all__ = ["blocks_of", "line_of"]


def line_of(reading: dict[str, int], mode: Mode, *, is_closed: bool) -> str:
    """Return what was read of an object, in one line."""
    state = "alive" if reading["deaths"] == 0 else "freed"
    if reading["is_waiting"]:
        owner = "for its owner" if mode.has_owner else "to be settled"
        state += f", waits {owner}"
    if reading["gap_waits"]:
        state += ", gaps widened"
    closed = ", closed" if is_closed else ""
    return (
        f"{mode.name}: refcount {reading['refcount']:,}, "
        f"ledger {reading['ledger']:,}, {state}{closed}"
    )


def blocks_of(reading: dict[str, int], mode: Mode, *, is_closed: bool) -> list[Block]:
    """Return that line, how often threads waited in gaps, and the findings."""
    line = line_of(reading, mode, is_closed=is_closed)
    blocks: list[Block] = [Paragraph(f"refrace.Object {line}")]
    if reading["gap_waits"]:
        blocks.append(
            Paragraph(
                f"Threads waited in {reading['gap_waits']:,} gaps between two accesses "
                f"of an operation; in {reading['gaps_met']:,} of them another thread "
                "made an access."
            )
        )
    rows = [
        (f"{finding.kind}", f"{finding.count:,}", finding.message)
        for finding in findings_of(reading)
    ]
    if rows:
        blocks.append(Table(("finding", "times", "what happened"), rows, "<><"))
    return blocks

"""Parts that explorations and samples have in common: kinds, chances, findings."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from refrace.display.blocks import Block, Paragraph, Preformatted
from refrace.findings import FindingKind
from refrace.traces.token import replay_command
from refrace.traces.trace import Trace

__all__ = ["chance", "in_order", "kinds_text", "smallest_run", "told_findings"]

_ORDER = {kind: place for place, kind in enumerate(FindingKind)}
# Longer fractions are shown as decimals.
LONGEST_FRACTION = 11


def in_order(kinds: Iterable[FindingKind]) -> list[FindingKind]:
    """Return kinds in the order in which they are declared."""
    return sorted(kinds, key=_ORDER.__getitem__)


def kinds_text(kinds: Iterable[FindingKind], glue: str) -> str:
    """Return the kinds of one run, or of all, in one line; nothing for none."""
    return glue.join(map(str, in_order(kinds)))


def chance(probability: Fraction) -> str:
    """Return an exact fraction where it is short, else four digits."""
    text = str(probability)
    return text if len(text) <= LONGEST_FRACTION else f"{float(probability):.4g}"


def told_findings(traces: Iterable[Trace]) -> list[Block]:
    """Return each finding in a sentence, how far away it is, and how to replay it."""
    blocks: list[Block] = []
    for trace in traces:
        if trace.finding is not None:
            blocks.append(
                Paragraph(
                    f"{trace.finding.kind}: {trace.finding.message} ({trace.size})."
                )
            )
            blocks.append(Preformatted(replay_command(trace.token)))
    return blocks


def smallest_run(trace: Trace) -> list[Block]:
    """Return the space-time table of the first of several traces."""
    what = "" if trace.finding is None else f" to {trace.finding.kind}"
    blocks: list[Block] = [Paragraph(f"The smallest run{what}:")]
    if trace.steps:
        blocks += [*trace.table(), *trace.code()]
    return blocks

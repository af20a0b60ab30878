"""Text that explorations and samples share: kinds, probabilities, findings."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from refrace.display.blocks import Block, Paragraph, Preformatted
from refrace.findings import FindingKind
from refrace.traces.token import replay_command
from refrace.traces.trace import Trace

__all__ = ["chance", "finding_blocks", "in_order", "kinds_text", "smallest_run"]

_ORDER = {kind: place for place, kind in enumerate(FindingKind)}
# Longer fractions are shown as decimal numbers.
LONGEST_FRACTION = 11


def in_order(kinds: Iterable[FindingKind]) -> list[FindingKind]:
    """Return kinds in the order of their declaration."""
    return sorted(kinds, key=_ORDER.__getitem__)


def kinds_text(kinds: Iterable[FindingKind], glue: str) -> str:
    """Return kinds in one line; "" if there are none."""
    return glue.join(map(str, in_order(kinds)))


def chance(probability: Fraction) -> str:
    """Return the exact fraction if it is short, otherwise four digits."""
    text = str(probability)
    return text if len(text) <= LONGEST_FRACTION else f"{float(probability):.4g}"


def finding_blocks(traces: Iterable[Trace]) -> list[Block]:
    """Return the sentence, run length and replay command of each finding."""
    blocks: list[Block] = []
    for trace in traces:
        if trace.finding is not None:
            blocks.append(
                Paragraph(
                    f"{trace.finding.kind}: {trace.finding.message} ({trace.size})."
                )
            )
            blocks.append(Preformatted(replay_command(trace.token, trace.mode)))
    return blocks


def smallest_run(trace: Trace) -> list[Block]:
    """Return the space-time diagram and table of a trace."""
    what = "" if trace.finding is None else f" to {trace.finding.kind}"
    return [Paragraph(f"The smallest run{what}:"), *trace.drawn()]

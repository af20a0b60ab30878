"""The blocks of a :class:`~refrace.programs.syntax.Region`, with their meanings."""

from __future__ import annotations

__all__ = ["REGION_FORMS"]

REGION_FORMS: dict[str, tuple[str, str]] = {
    "masked": ("masked { … }", "No interrupt comes while the thread is in the block."),
}
"""How each is written and what it does."""

"""The blocks of a :class:`~refrace.programs.syntax.Region`, with their meanings."""

from __future__ import annotations

__all__ = ["REGION_FORMS"]

REGION_FORMS: dict[str, tuple[str, str]] = {
    "masked": ("masked { … }", "No interrupt comes while the thread is in the block."),
    "stop_world": (
        "stop_world { … }",
        "Run the block while all other threads are stopped.",
    ),
    "nosafe": (
        "nosafe { … }",
        "The thread does not stop in the block for a `stop_world`, unless it waits.",
    ),
}
"""How each is written and what it does."""

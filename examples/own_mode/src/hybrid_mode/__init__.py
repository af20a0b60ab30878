"""A refcount mode for refrace: plain, then atomic."""

from pathlib import Path

import refrace

__all__ = ["mode"]


def mode() -> refrace.Mode:
    """Return the mode; refrace compiles its C file at the first use and keeps it."""
    return refrace.load_mode(Path(__file__).with_name("hybrid.c"))

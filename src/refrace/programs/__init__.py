"""The language of race programs: syntax, text, JSON form, and static facts."""

from __future__ import annotations

from refrace.programs.program import Program

__all__ = ["Program"]

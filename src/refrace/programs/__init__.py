"""The language of race programs: syntax, text, JSON, and what is known statically."""

from __future__ import annotations

from refrace.programs.program import Program

__all__ = ["Program"]

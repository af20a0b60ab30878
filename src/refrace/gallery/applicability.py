"""Which modes a variant of a pattern applies to, and what the others lack."""

from __future__ import annotations

from refrace.catalogue import mode as catalogue
from refrace.catalogue.mode import Mode
from refrace.errors import InvalidData
from refrace.gallery import Variant

__all__ = ["check_own_mode", "lacking", "not_applicable"]


def lacking(variant: Variant, mode: Mode) -> str:
    """Return what the programs of a variant use that a mode lacks; "" if nothing."""
    programs = (variant.buggy, variant.fixed)
    lacks = [
        f"`{name}`"
        for name in dict.fromkeys(
            name for program in programs for name in program.facts.whole_count_changes
        )
        if name not in mode.whole_count
    ]
    if not mode.has_count_word and any(p.facts.uses_count_word for p in programs):
        lacks.append("a count in one word")
    return " and ".join(lacks)


def check_own_mode(variant: Variant) -> None:
    """Reject a variant that is about a mode without the operations of its programs.

    Raises
    ------
    InvalidData
        With modes that have them.
    """
    lacks = lacking(variant, catalogue.mode(variant.mode))
    if lacks:
        able = [
            one.name
            for one in catalogue.modes()
            if one.claim == "correct" and not lacking(variant, one)
        ]
        cure = f"one of {', '.join(able)}" if able else "other operations in them"
        raise InvalidData(
            f"{variant.id} is about mode {variant.mode!r}, which does not have "
            f"{lacks}, and its programs use that; write {cure}"
        )


def not_applicable(variant: Variant, mode: Mode) -> str:
    """Return why a variant is not applicable to a mode, a sentence; "" if it is."""
    lacks = lacking(variant, mode)
    if not lacks:
        return ""
    return (
        f"{variant.id} is not applicable to {mode.name!r}, because its programs use "
        f"{lacks}, which that mode does not have; it is about {variant.mode!r}."
    )

"""Explain a pattern of the gallery: show its bug, and prove its fix."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, cast

from refrace import gallery
from refrace._base.arguments import (
    check_callback,
    check_choice,
    check_integer,
    check_number,
)
from refrace._base.interrupts import interrupted
from refrace.catalogue import mode as catalogue
from refrace.catalogue.mode import Mode
from refrace.environment import GIL_SETTINGS
from refrace.errors import InvalidArgument
from refrace.explorer.explore import MOST_SECONDS, MOST_STATES, explore
from refrace.explorer.memory import Model, memory_of
from refrace.gallery import Pattern
from refrace.gallery.applicability import check_own_mode, not_applicable
from refrace.gallery.pattern_report import PatternExplanation, VariantExplanation

__all__ = ["explain_pattern"]


def explain_pattern(
    pattern: str | Pattern,
    mode: str | Mode | None = None,
    gil: Literal["released", "held"] | None = None,
    *,
    memory: Model | None = None,
    max_states: int = 20_000_000,
    max_seconds: float = 60.0,
    progress: Callable[[int, int], None] | None = None,
) -> PatternExplanation:
    """Explain a pattern: its rule, the smallest run to its bug, the proof of its fix.

    Parameters
    ----------
    pattern : str or Pattern
        Its slug, or a pattern, also from your own gallery.
    mode : str or Mode, optional
        The refcount mode.  Default: the one that the pattern is about, which is
        ``"atomic"`` if that has all operations of its programs.
    gil : {"released", "held"}, optional
        Whether threads can switch anywhere.  Default: ``"released"``, or ``"held"`` for
        a pattern that only goes wrong so.
    memory : {"sc", "c11"}, optional
        The memory model.  Default: for each variant the one that it is about.
    max_states : int
        Most states of one program, 1 to 2**40.  Default: 20,000,000.
    max_seconds : float
        Longest time for one program, in seconds, 0 to 1e9.  Default: 60.
    progress : callable, optional
        Called with the variants explained and the total.  Default: none.

    Returns
    -------
    PatternExplanation
        Its findings are those of the fixed programs: none if the mode counts
        correctly.  It says which variants are not applicable to the mode.

    Raises
    ------
    InvalidArgumentType, UnknownPattern, UnknownMode, InvalidArgument
        If an argument has the wrong type, is unknown or out of range; or if no variant
        of the pattern is applicable to the mode, or the memory model does not have
        what a program of the pattern uses.
    ProgramTooLarge
        If a program of the pattern is too large, or too large for the memory model.
    InvalidData
        If a program of the pattern is malformed, or uses an operation that the mode
        which the pattern is about does not have.
    LimitReached
        If memory runs out.
    Interrupted
        On Ctrl-C, within 0.2 s; its `report` has the variants explained so far.

    Examples
    --------
    >>> import refrace
    >>> explained = refrace.explain_pattern("borrow-then-incref")
    >>> explained.variants[0].buggy.verdict, explained.variants[0].fixed.verdict
    ('corrupt', 'safe')
    """
    chosen = gallery.pattern(pattern)
    for variant in chosen.variants:
        check_own_mode(variant)
    mode = catalogue.mode(chosen.mode if mode is None else mode)
    gil = cast(
        Literal["released", "held"],
        chosen.variants[0].gil
        if gil is None
        else check_choice("gil", gil, list(GIL_SETTINGS)),
    )
    bounds: dict[str, Any] = {
        "max_states": check_integer("max_states", max_states, low=1, high=MOST_STATES),
        "max_seconds": check_number(
            "max_seconds", max_seconds, low=0, high=MOST_SECONDS
        ),
    }
    if memory is not None:
        memory = memory_of(memory).model
    check_callback("progress", progress)
    reasons = {variant: not_applicable(variant, mode) for variant in chosen.variants}
    applicable = [variant for variant, reason in reasons.items() if not reason]
    if not applicable:
        raise InvalidArgument(
            f"mode={mode.name!r} does not apply to pattern {chosen.slug!r}: "
            f"{' '.join(reasons.values())} Leave the mode out"
        )
    explained: list[VariantExplanation] = []

    def explanation() -> PatternExplanation:
        return PatternExplanation(
            slug=chosen.slug,
            number=chosen.number,
            rule=chosen.rule,
            story=chosen.story,
            mode=mode.name,
            gil=gil,
            variants=tuple(explained),
            variants_planned=len(applicable),
            not_applicable=tuple(filter(None, reasons.values())),
            idiom=chosen.idiom,
            bugs=chosen.bugs,
        )

    try:
        for variant in applicable:
            buggy, fixed = (
                explore(program, mode, gil, memory=memory or variant.memory, **bounds)
                for program in (variant.buggy, variant.fixed)
            )
            explained.append(
                VariantExplanation(
                    variant.id,
                    variant.class_name,
                    variant.what,
                    variant.fix,
                    buggy,
                    fixed,
                )
            )
            if progress is not None:
                progress(len(explained), len(applicable))
        return explanation()
    except KeyboardInterrupt:
        raise interrupted(explanation) from None

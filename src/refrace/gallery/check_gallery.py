"""Check the gallery: both programs of every pattern, in every mode."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from itertools import product
from typing import Any, Literal, cast

from refrace import gallery
from refrace._base.arguments import (
    check_callback,
    check_choice,
    check_integer,
    check_number,
)
from refrace._base.interrupts import interrupted
from refrace._base.safe_repr import shown
from refrace.catalogue import mode as catalogue
from refrace.catalogue.mode import Mode
from refrace.environment import GIL_SETTINGS, Environment
from refrace.errors import InvalidArgument, InvalidArgumentType
from refrace.explorer.explore import MOST_SECONDS, MOST_STATES, explore
from refrace.gallery import Pattern, Variant
from refrace.gallery.matrix_report import GalleryMatrix, MatrixCell

__all__ = ["check_gallery"]

Gil = Literal["released", "held"]

# Mistakes of code that trusts a test for uniqueness.  An object with an owner never
# passes that test in a thread that shares it.
UNIQUENESS = "uniqueness"


def check_gallery(
    modes: Iterable[str | Mode] | None = None,
    gil: Gil | None = None,
    *,
    patterns: Iterable[str | Pattern] | None = None,
    max_states: int = 20_000_000,
    max_seconds: float = 60.0,
    progress: Callable[[int, int], None] | None = None,
) -> GalleryMatrix:
    """Explore the buggy and the fixed program of every pattern in every mode.

    Parameters
    ----------
    modes : iterable of str or Mode, optional
        The modes.  Default: all of :func:`refrace.modes`.
    gil : {"released", "held"}, optional
        The setting of the GIL.  Default: both.
    patterns : iterable of str or Pattern, optional
        Slugs or patterns, also from your own gallery.  Default: the package's.
    max_states : int
        Most states of one program, 1 to 2**40.  Default: 20,000,000.
    max_seconds : float
        Longest time for one program, in seconds, 0 to 1e9.  Default: 60.
    progress : callable, optional
        Called with the variants checked and the total of variants (each counted once
        per mode and GIL setting), in the calling thread.  Default: none.

    Returns
    -------
    GalleryMatrix
        The findings of each program, which modes survive which pattern, the times,
        and each expectation that does not hold as a finding.

    Raises
    ------
    InvalidArgumentType, UnknownMode, UnknownPattern, InvalidArgument
        If an argument has the wrong type, is unknown, out of range, or empty.
    InvalidData
        If a program of the gallery is malformed.
    LimitReached
        If memory runs out.
    Interrupted
        On Ctrl-C, within 0.2 s; its `report` has what was checked so far.

    Notes
    -----
    A mode that claims to be correct must prove the fixed program safe and must find a
    bug in the buggy one; `atomic` must find exactly the kinds that the pattern lists.
    A mode that frees late may survive the bug.  Nothing is expected of a broken mode.
    A program that reads the count as a cell is skipped in modes without such a cell.

    Examples
    --------
    >>> import refrace
    >>> matrix = refrace.check_gallery(["atomic"], patterns=["borrow-then-incref"])
    >>> matrix.findings, matrix.survivors("P01a")
    ((), ())
    >>> [sorted(map(str, cell.buggy)) for cell in matrix.cells if cell.gil == "held"]
    [[]]
    """
    chosen = catalogue.several_modes(modes)
    settings = list(GIL_SETTINGS)
    if gil is not None:
        settings = [check_choice("gil", gil, settings)]
    wanted = _several_patterns(patterns)
    bounds: dict[str, Any] = {
        "max_states": check_integer("max_states", max_states, low=1, high=MOST_STATES),
        "max_seconds": check_number(
            "max_seconds", max_seconds, low=0, high=MOST_SECONDS
        ),
    }
    check_callback("progress", progress)

    variants = [(p, variant) for p in wanted for variant in p.variants]
    planned = list(product(settings, variants, chosen))
    cells: list[MatrixCell] = []
    began = time.perf_counter()

    def matrix() -> GalleryMatrix:
        elapsed = time.perf_counter() - began
        return GalleryMatrix(tuple(cells), len(planned), elapsed, Environment.current())

    try:
        for setting, (pattern, variant), mode in planned:
            cells.append(_cell(pattern, variant, mode, cast(Gil, setting), bounds))
            if progress is not None:
                progress(len(cells), len(planned))
        return matrix()
    except KeyboardInterrupt:
        raise interrupted(matrix) from None


def _several_patterns(wanted: Any) -> list[Pattern]:
    if wanted is None:
        return list(gallery.values())
    if isinstance(wanted, str | Pattern) or not isinstance(wanted, Iterable):
        raise InvalidArgumentType(
            f"patterns={shown(wanted, 60)} is not a list of patterns; pass a list of "
            "slugs or leave it out"
        )
    chosen = [gallery.pattern(one) for one in wanted]
    if not chosen:
        raise InvalidArgument(
            "patterns=[] is empty; name a pattern or leave it out for all"
        )
    return list({pattern.slug: pattern for pattern in chosen}.values())


def _cell(
    pattern: Pattern, variant: Variant, mode: Mode, gil: Gil, bounds: dict[str, Any]
) -> MatrixCell:
    began = time.perf_counter()
    both = (variant.buggy, variant.fixed)
    applies = all(mode.has_operations_of(program) for program in both)
    explored = [explore(p, mode, gil, **bounds) for p in both] if applies else []
    found = [frozenset(finding.kind for finding in one.findings) for one in explored]
    buggy, fixed = found or (frozenset(), frozenset())
    return MatrixCell(
        pattern=pattern.slug,
        variant=variant.id,
        class_name=variant.class_name,
        mode=mode.name,
        claims_correct=mode.claim == "correct",
        gil=gil,
        expected=frozenset(variant.expected[gil]),
        buggy=buggy,
        fixed=fixed,
        applies=applies,
        is_settled=all(one.limit is None for one in explored),
        states=sum(one.states for one in explored),
        elapsed_s=time.perf_counter() - began,
        may_survive=mode.settles
        or (mode.has_owner and variant.class_name == UNIQUENESS),
    )

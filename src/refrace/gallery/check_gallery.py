"""Check the gallery: both programs of every pattern, in every mode."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Executor
from contextlib import closing
from itertools import product
from typing import Any, Literal, cast

from refrace import gallery
from refrace._base.arguments import (
    check_callback,
    check_choice,
    check_integer,
    check_number,
)
from refrace._base.executors import Batches, check_executor
from refrace._base.interrupts import interrupted
from refrace._base.safe_repr import shown
from refrace.catalogue import mode as catalogue
from refrace.catalogue.mode import Mode
from refrace.environment import GIL_SETTINGS, Environment
from refrace.errors import InvalidArgument, InvalidArgumentType
from refrace.explorer.explore import MOST_SECONDS, MOST_STATES
from refrace.explorer.memory import Model, memory_of
from refrace.gallery import Pattern, Variant
from refrace.gallery.applicability import check_own_mode, lacking
from refrace.gallery.matrix_cell import MatrixCell
from refrace.gallery.matrix_report import GalleryMatrix
from refrace.gallery.pair import Pair, PairExplored, explore_pair, explore_pairs

__all__ = ["check_gallery"]

Gil = Literal["released", "held"]

# Mistakes of code that trusts a test for uniqueness.  An object with an owner never
# passes that test in a thread that shares it.
UNIQUENESS = "uniqueness"


def check_gallery(
    modes: Iterable[str | Mode] | None = None,
    gil: Gil | None = None,
    *,
    memory: Model | None = None,
    patterns: Iterable[str | Pattern] | None = None,
    max_states: int = 20_000_000,
    max_seconds: float = 60.0,
    executor: Executor | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> GalleryMatrix:
    """Explore the buggy and the fixed program of every pattern in every mode.

    Parameters
    ----------
    modes : iterable of str or Mode, optional
        The modes.  Default: all of :func:`refrace.modes`.
    gil : {"released", "held"}, optional
        The setting of the GIL.  Default: both.
    memory : {"sc", "c11"}, optional
        The memory model of all programs.  Default: for each variant the one that its
        expectations are about.
    patterns : iterable of str or Pattern, optional
        Slugs or patterns, also from your own gallery.  Default: the package's.
    max_states : int
        Most states of one program, 1 to 2**40.  Default: 20,000,000.
    max_seconds : float
        Longest time for one program, in seconds, 0 to 1e9.  Default: 60.
    executor : concurrent.futures.Executor, optional
        Where the programs are explored, in batches; see docs/how-to/more-machines.md.
        The result is the same, except for the times.  Default: the calling thread.
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
        If a program of the gallery is malformed, or uses an operation that the mode
        which the pattern is about does not have.
    LimitReached
        If memory runs out.
    EnvironmentUnfit
        If the workers of an executor cannot run refrace, or run another version.
    Interrupted
        On Ctrl-C, within 0.2 s; its `report` has what was checked so far.

    Notes
    -----
    A mode that claims to be correct must prove the fixed program safe and must find a
    bug in the buggy one; the mode that the pattern is about, nearly always `atomic`,
    must find exactly the kinds that the pattern lists.
    A mode that frees late may survive the bug.  Nothing is expected of a broken mode.

    Under ``memory="c11"`` a variant about sequential consistency must still go wrong if
    it is expected to, but may do so in another way: a data race ends a run before what
    it would lead to.  A fix that needs sequential consistency must go wrong in the
    mode that the pattern is about.  Programs that C11 does not model, or that are too
    large for it, are listed and not explored.  Under ``memory="sc"`` a bug of memory
    orders must not show.

    A variant is not applicable to a mode without the operations of its programs: it is
    skipped there, and the result says what the mode lacks.

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
    bounds = (
        check_integer("max_states", max_states, low=1, high=MOST_STATES),
        check_number("max_seconds", max_seconds, low=0, high=MOST_SECONDS),
    )
    if memory is not None:
        memory = memory_of(memory).model
    executor = check_executor("executor", executor)
    check_callback("progress", progress)

    variants = [(p, variant) for p in wanted for variant in p.variants]
    for _, variant in variants:
        check_own_mode(variant)
    planned = list(product(settings, variants, chosen))
    pairs = [
        Pair(
            variant.buggy,
            variant.fixed,
            mode,
            setting,
            memory or variant.memory,
            *bounds,
        )
        for setting, (_, variant), mode in planned
    ]
    explored: dict[int, PairExplored] = {}
    lost = 0
    began = time.perf_counter()

    def matrix() -> GalleryMatrix:
        cells = [
            _cell(pattern, variant, pairs[number], explored[number])
            for number, (_, (pattern, variant), _) in enumerate(planned)
            if number in explored
        ]
        elapsed = time.perf_counter() - began
        environment = Environment.current()
        return GalleryMatrix(tuple(cells), len(planned), elapsed, environment, lost)

    try:
        with closing(_explored(pairs, executor)) as looks:
            for numbers, some in looks:
                explored.update(zip(numbers, some, strict=False))
                lost += len(numbers) - len(some)
                if progress is not None:
                    progress(len(explored), len(planned))
        return matrix()
    except KeyboardInterrupt:
        raise interrupted(matrix) from None


def _explored(
    pairs: list[Pair], executor: Executor | None
) -> Generator[tuple[range, list[PairExplored]], None, None]:
    """Yield some numbers of pairs and what was found in them; nothing if lost."""
    if executor is None:
        for number, pair in enumerate(pairs):
            yield range(number, number + 1), [explore_pair(pair)]
        return
    with Batches(
        executor, explore_pairs, len(pairs), lambda some: pairs[some.start : some.stop]
    ) as batches:
        for batch in batches:
            yield batch.items, batch.result or []


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
    pattern: Pattern, variant: Variant, pair: Pair, explored: PairExplored
) -> MatrixCell:
    mode, gil, memory = pair.mode, cast(Gil, pair.gil), cast(Model, pair.memory)
    is_hidden = (variant.memory, memory) == ("c11", "sc")
    is_weaker = (variant.memory, memory) == ("sc", "c11")
    return MatrixCell(
        pattern=pattern.slug,
        variant=variant.id,
        class_name=variant.class_name,
        mode=mode.name,
        claims_correct=mode.claim == "correct",
        gil=gil,
        expected=frozenset() if is_hidden else frozenset(variant.expected[gil]),
        buggy=explored.buggy,
        fixed=explored.fixed,
        applies=explored.applies,
        is_settled=explored.is_settled,
        states=explored.states,
        elapsed_s=explored.elapsed_s,
        may_survive=mode.settles
        or (mode.has_owner and variant.class_name == UNIQUENESS),
        memory=memory,
        is_modelled=explored.is_modelled,
        is_weaker=is_weaker,
        fix_needs_sc=is_weaker and bool(variant.fix_needs_sc),
        expected_in=variant.mode,
        lacks=lacking(variant, mode),
    )

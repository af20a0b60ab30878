"""Programs of a hunt: the calls of each thread, their arguments, the canaries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from random import Random
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase
from hypothesis import strategies as st

from refrace._base.arguments import check_integer
from refrace.strategies.arrange_calls import arranged, draw_material
from refrace.strategies.drawing import drawing
from refrace.strategies.focus import Accepted, read_accepted
from refrace.subjects import HuntProgram, Subject

__all__ = ["draw_programs", "thread_programs"]

MOST_THREADS = 64

SINGLE_PER_THREADED = 8
"""Programs with one thread for each with more; one of these runs many more rounds."""

SEED_BITS = 40

MOST_EXAMPLES = 12
"""Drawn by one run of Hypothesis; the first runs draw fewer, for those who need few."""

VARIANTS = 3
"""Programs made of the same drawn calls: drawing one takes as long as running one."""


def thread_programs(
    cls: Any, *, threads: Sequence[int] = (1, 2)
) -> st.SearchStrategy[HuntProgram]:
    """Generate programs of a hunt for a subject.

    Parameters
    ----------
    cls : type, callable or Subject
        The subject, as for ``refrace.hunt``.
    threads : sequence of int, default (1, 2)
        The numbers of threads that programs may have, 1 to 64.  With 1 and others, most
        programs have one thread: they need few rounds.

    Returns
    -------
    SearchStrategy of HuntProgram

    Raises
    ------
    InvalidArgument, InvalidArgumentType
        If `cls` is no subject, or `threads` is empty or out of range.
    """
    return _shrinking(Subject.of(cls), _checked(threads))


def draw_programs(
    subject: Subject,
    seed: int,
    count: int,
    threads: Sequence[int],
    accepted: Iterable[str] = (),
) -> Iterator[HuntProgram]:
    """Draw programs without a test around it: the same ones for the same arguments.

    Strategies of the user may draw other values where other modules are imported,
    because Hypothesis prefers constants that stand in them.

    Hypothesis draws the arguments that have strategies of the user's; everything else
    is drawn evenly from a random number generator.

    Parameters
    ----------
    subject : Subject
    seed : int
        0 to 2**64 - 1.
    count : int
        Programs to draw.  Fewer come if there are no more different ones.
    threads : sequence of int
        As for :func:`thread_programs`.
    accepted : iterable of str
        Groups of arguments that calls have taken, such as ``"key:text"``; they are
        drawn more often.

    Yields
    ------
    HuntProgram
        Drawn when it is asked for, some at a time.
    """
    strategy = _even(subject, _checked(threads), read_accepted(accepted))
    seen: set[str] = set()
    chunk = 0
    while True:
        before = len(seen)
        size = min(MOST_EXAMPLES, 2 << chunk)
        for program in _chunk(strategy, seed * 1_000_003 + chunk, size):
            if program.digest not in seen:
                seen.add(program.digest)
                yield program
                if len(seen) >= count:
                    return
        chunk += 1
        if len(seen) == before:
            return  # nothing new comes


def _checked(threads: Sequence[int]) -> tuple[int, ...]:
    counts = [
        check_integer("threads", one, low=1, high=MOST_THREADS) for one in threads
    ]
    check_integer("len(threads)", len(counts), low=1)
    several = [count for count in counts if count > 1]
    if several and 1 in counts:
        counts = [1] * (SINGLE_PER_THREADED * len(several)) + several
    return tuple(counts)


def _chunk(
    strategy: st.SearchStrategy[list[HuntProgram]], seed: int, size: int
) -> list[HuntProgram]:
    drawn: list[HuntProgram] = []

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=size,
        database=None,
        deadline=None,
        derandomize=False,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        print_blob=False,
        verbosity=hypothesis.Verbosity.quiet,
    )
    @hypothesis.given(strategy)
    def collect(programs: list[HuntProgram]) -> None:
        drawn.extend(programs)

    collect()
    return drawn


@st.composite
def _shrinking(draw: Any, subject: Subject, counts: tuple[int, ...]) -> HuntProgram:
    with drawing() as drawn:
        return arranged(draw, drawn, draw_material(draw, drawn, subject, counts))


@st.composite
def _even(
    draw: Any, subject: Subject, counts: tuple[int, ...], accepted: Accepted
) -> list[HuntProgram]:
    # Equal choices of Hypothesis must give equal programs, so the seed is made of some.
    # They are booleans, because it prefers integers that stand in modules of the user.
    bits = [draw(st.booleans()) for _ in range(SEED_BITS)]
    if not any(bits):  # every run of Hypothesis begins with the simplest choices
        hypothesis.reject()
    seed = sum(bit << position for position, bit in enumerate(bits))
    with drawing(Random(seed), accepted) as drawn:
        material = draw_material(draw, drawn, subject, counts)
        return [arranged(draw, drawn, material) for _ in range(VARIANTS)]

"""The buggy and the fixed program of a variant, explored in one mode."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple

from refrace._base.executors import Stop
from refrace.catalogue.mode import Mode
from refrace.errors import ProgramTooLarge
from refrace.explorer.explore import explore
from refrace.explorer.memory import unmodelled
from refrace.findings import FindingKind
from refrace.programs import Program

__all__ = ["Pair", "PairExplored", "explore_pair", "explore_pairs"]


class Pair(NamedTuple):
    """Two programs, and how to explore them; can be pickled."""

    buggy: Program
    fixed: Program
    mode: Mode
    gil: str
    memory: str
    max_states: int
    max_seconds: float


class PairExplored(NamedTuple):
    """What was found in the two programs.

    Attributes
    ----------
    applies : bool
        Whether the mode has the operations of both; otherwise neither was explored.
    buggy, fixed : frozenset of FindingKind
    is_settled : bool
        Whether every schedule of both was explored.
    states : int
        Distinct states of both.
    elapsed_s : float
    is_modelled : bool
        Whether the memory model has what both programs use, and room for them;
        otherwise nothing is known of either.
    """

    applies: bool
    buggy: frozenset[FindingKind]
    fixed: frozenset[FindingKind]
    is_settled: bool
    states: int
    elapsed_s: float
    is_modelled: bool


def explore_pair(pair: Pair, check: Callable[..., None] | None = None) -> PairExplored:
    """Explore both programs; `check` is called now and then and may raise."""
    began = time.perf_counter()
    both = (pair.buggy, pair.fixed)
    has_operations = all(pair.mode.has_operations_of(program) for program in both)
    is_modelled = pair.memory == "sc" or not any(map(unmodelled, both))
    explored = []
    try:
        explored = [
            explore(
                program,
                pair.mode,
                pair.gil,  # type: ignore[arg-type]
                memory=pair.memory,  # type: ignore[arg-type]
                max_states=pair.max_states,
                max_seconds=pair.max_seconds,
                progress=check,
            )
            for program in (both if has_operations and is_modelled else ())
        ]
    except ProgramTooLarge:
        if pair.memory == "sc":
            raise
        is_modelled = False  # C11 has room for fewer threads and locations
    found = [frozenset(finding.kind for finding in one.findings) for one in explored]
    buggy, fixed = found or (frozenset(), frozenset())
    return PairExplored(
        applies=has_operations and is_modelled,
        buggy=buggy,
        fixed=fixed,
        is_settled=all(one.limit is None for one in explored),
        states=sum(one.states for one in explored),
        elapsed_s=time.perf_counter() - began,
        is_modelled=is_modelled,
    )


def explore_pairs(pairs: list[Pair], stop: Stop) -> list[PairExplored]:
    """Explore the pairs of a batch."""
    return [explore_pair(pair, stop.check) for pair in pairs]

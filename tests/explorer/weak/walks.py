"""All outcomes of a program under C11: as explored, and by taking every run of it.

An exploration merges memories of one form.  A walk keeps all writes and views.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from fractions import Fraction
from typing import TypeAlias

import refrace
from refrace._native import explorer as native
from refrace.catalogue.mode import mode
from refrace.explorer.memory import Memory
from refrace.explorer.model.capacity import grow, kinds_of
from refrace.explorer.session import Session

Outcomes: TypeAlias = dict[frozenset[str], tuple[int, Fraction]]


def session_of(program: str, model: str = "c11", called: str = "atomic") -> Session:
    memory = Memory("c11", 15) if model == "c11" else Memory()
    return Session(refrace.Program.parse(program), mode(called), memory=memory)


def explored(
    program: str, *, symmetry: bool = True, model: str = "c11", called: str = "atomic"
) -> Outcomes:
    session = session_of(program, model, called)
    raw = session.explore(10**6, 60.0, 2**30, symmetry=symmetry)
    assert raw.finished
    return dict(raw.outcomes)


class Walked:
    """Takes runs of a program; a walk keeps every write and view of its run."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._capacity = [0] * native.N_CAPACITIES
        self._begin_again()

    def _begin_again(self) -> None:
        self.walk = native.Walk(*self._session.setting, -1, self._capacity)

    def take(self, codes: list[int]) -> str:
        """Take the steps of a run; with more room from the start if it needs that."""
        while True:
            progress = self.walk.begin()
            for code in codes:
                if progress != "grow":
                    progress = self.walk.take(code)
            if progress != "grow":
                return progress
            grow(self._capacity, self.walk.numbers().lacks)
            self._begin_again()


def walked(program: str, called: str = "atomic") -> Outcomes:
    """Take every run of a program."""
    taken = Walked(session_of(program, called=called))
    runs: Counter[frozenset[str]] = Counter()
    chances: Counter[frozenset[str]] = Counter()
    waiting: list[tuple[list[int], Fraction]] = [([], Fraction(1))]
    while waiting:
        codes, chance = waiting.pop()
        progress = taken.take(codes)
        choices = [] if progress == "ended" else taken.walk.choices()
        waiting += [([*codes, code], chance / len(choices)) for code in choices]
        if not choices:
            bits = taken.walk.numbers().kinds
            kinds = frozenset(kinds_of(bits))
            runs[kinds] += 1
            chances[kinds] += chance
    return {kinds: (runs[kinds], chances[kinds]) for kinds in runs}


def compare_with_walks(programs: Iterable[str], most_runs: int) -> set[str]:
    """Compare runs and chances; return the kinds of findings that there were.

    Programs with more runs than `most_runs` are not walked.
    """
    kinds: set[str] = set()
    for program in programs:
        together = explored(program)
        if sum(n for n, _ in together.values()) <= most_runs:
            assert walked(program) == together, program
        assert explored(program, symmetry=False) == together, program
        kinds |= {kind for outcome in together for kind in outcome}
    return kinds

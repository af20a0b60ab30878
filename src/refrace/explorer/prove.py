"""Check a refcount mode against every small program."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Literal, cast

from refrace._base.arguments import check_callback, check_choice, check_number
from refrace._base.interrupts import interrupted
from refrace.catalogue.mode import Mode
from refrace.catalogue.mode import mode as mode_called
from refrace.explorer.corpus import EFFORTS, corpus
from refrace.explorer.explore import MOST_SECONDS, explore
from refrace.explorer.limits import Limit
from refrace.explorer.proof_report import (
    CorpusPart,
    Proof,
    ProofScenario,
    ScenarioLeftOut,
)
from refrace.explorer.scenarios import SCENARIOS
from refrace.explorer.session import session_of, within_memory
from refrace.programs import Program
from refrace.traces.trace import Trace

__all__ = ["prove"]

YARDSTICK = "atomic"
MOST_STATES = 10_000_000
MOST_BYTES = 2**30
PERIOD_S = 0.1


@within_memory()
def prove(
    mode: str | Mode,
    effort: Literal["small", "large"] = "small",
    *,
    max_seconds: float = 600.0,
    progress: Callable[[int, int], None] | None = None,
) -> Proof:
    """Explore every schedule of every small program in a mode: a proof or a witness.

    Parameters
    ----------
    mode : str or Mode
        One of :func:`refrace.modes`.
    effort : {"small", "large"}
        How large the programs get.  Small: up to 5 counting steps with 2 threads and 4
        with 3 (some seconds).  Large: up to 6 with 2 and 6 with 3 (about a minute).
        Default: ``"small"``.
    max_seconds : float
        Time limit in seconds, 0 to 1e9; checked between programs.
        Default: 600.
    progress : callable, optional
        Called about ten times a second in the calling thread, with the number of
        programs explored and of all programs.  Default: none.

    Returns
    -------
    Proof
        Whether every program is safe, or else the smallest that is not.

    Raises
    ------
    InvalidArgumentType, UnknownMode, InvalidArgument
        If an argument has the wrong type, is unknown, or is out of range.
    LimitReached
        If there is not enough memory to start.
    Interrupted
        On Ctrl-C; its `report` has what was explored by then.

    Notes
    -----
    Programs are explored with fewer threads first, then with fewer steps, so that the
    first one that fails is the smallest.  Scenarios beyond that corpus follow.  A
    program counts only if it is safe in ``"atomic"``, where each operation is one step;
    the programs of the corpus are built to be.  If a mode claims to protect reads
    (:attr:`Mode.protects_reads`), some scenarios count what they only read; that claim
    makes them correct.  If a mode does not wait for detached owners
    (:attr:`Mode.needs_attached_owner`), in some scenarios a thread stays detached until
    another has freed its object.

    References
    ----------
    A. Andoni, D. Daniliuc, S. Khurshid, "Evaluating the Small Scope Hypothesis", MIT,
    2003: most bugs have small witnesses.

    Examples
    --------
    >>> import refrace
    >>> proof = refrace.prove("free_by_second_load")
    >>> proof.proved, len(proof.witness.program.threads)
    (False, 2)
    """
    chosen = mode_called(mode)
    effort = cast(
        Literal["small", "large"], check_choice("effort", effort, list(EFFORTS))
    )
    max_seconds = check_number("max_seconds", max_seconds, low=0, high=MOST_SECONDS)
    check_callback("progress", progress)
    work = _Work(chosen, effort, max_seconds, progress)
    try:
        work.run()
        return work.proof()
    except KeyboardInterrupt:
        work.limit = "interrupt"
        raise interrupted(work.proof) from None


class _Work:
    """The state of one proof attempt."""

    def __init__(
        self,
        mode: Mode,
        effort: Literal["small", "large"],
        max_seconds: float,
        progress: Callable[[int, int], None] | None,
    ) -> None:
        self.mode = mode
        self.effort = effort
        self.max_seconds = max_seconds
        self.progress = progress
        self.began = time.monotonic()
        self.next_beat = self.began
        self.parts: list[CorpusPart] = []
        why_not = [(scenario, scenario.why_not_in(mode)) for scenario in SCENARIOS]
        self.planned = [scenario for scenario, why in why_not if why is None]
        self.left_out = tuple(
            ScenarioLeftOut(scenario.name, why) for scenario, why in why_not if why
        )
        self.scenarios: list[ProofScenario] = []
        self.skipped = 0
        self.witness: Trace | None = None
        self.limit: Limit | None = None

    def run(self) -> None:
        """Explore the programs in order until one fails or a limit is reached."""
        texts = [
            (threads, [t for n in range(threads, most + 1) for t in corpus(threads, n)])
            for threads, most in EFFORTS[self.effort]
        ]
        self.parts = [
            CorpusPart(threads, most, len(programs), 0, 0)
            for (threads, programs), (_, most) in zip(
                texts, EFFORTS[self.effort], strict=True
            )
        ]
        for number, (_, programs) in enumerate(texts):
            for text in programs:
                states = self._look_at(text)
                if self.limit is None:
                    part = self.parts[number]
                    self.parts[number] = replace(
                        part, explored=part.explored + 1, states=part.states + states
                    )
                    self._tell()
                if self.witness is not None or self.limit is not None:
                    return
        for scenario in self.planned:
            states = self._look_at(scenario.program, is_claimed=scenario.reads)
            if self.limit is None:
                self.scenarios.append(
                    ProofScenario(scenario.name, states, scenario.reads)
                )
                self._tell()
            if self.witness is not None or self.limit is not None:
                return

    def _look_at(self, what: str | Program, *, is_claimed: bool = False) -> int:
        """Explore one program; return the number of its states."""
        if not self._left():
            self.limit = "seconds"
            return 0
        session = session_of(what, self.mode, "released")
        found = session.search(MOST_STATES, self._left(), MOST_BYTES)
        if found.kinds:
            self._judge(session.program, is_claimed)
        elif found.limit is not None:
            self.limit = found.limit
        return found.states

    def _judge(self, program: Program, is_claimed: bool) -> None:
        """Decide whether the mode or the program is at fault."""
        is_yardstick = self.mode.name == YARDSTICK or is_claimed
        if not is_yardstick:
            right = explore(program, YARDSTICK, max_seconds=self._left())
            if right.findings:
                self.skipped += 1
                return
            if right.limit is not None:
                self.limit = right.limit
                return
        wrong = explore(program, self.mode, max_seconds=self._left())
        if wrong.findings:
            self.witness = wrong.counterexample()
        else:
            self.limit = wrong.limit

    def _left(self) -> float:
        """Return how many seconds of the time limit are left."""
        return max(0.0, self.began + self.max_seconds - time.monotonic())

    def _tell(self) -> None:
        now = time.monotonic()
        if self.progress is not None and now >= self.next_beat:
            self.next_beat = now + PERIOD_S
            explored = sum(part.explored for part in self.parts) + len(self.scenarios)
            corpus_size = sum(part.programs for part in self.parts)
            self.progress(explored, corpus_size + len(self.planned))

    def proof(self) -> Proof:
        """Return what is known now."""
        return Proof(
            mode=self.mode.name,
            claims_correct=self.mode.claim == "correct",
            effort=self.effort,
            parts=tuple(self.parts),
            scenarios=tuple(self.scenarios),
            scenarios_planned=len(self.planned),
            left_out=self.left_out,
            skipped=self.skipped,
            witness=self.witness,
            limit=self.limit,
            elapsed_s=time.monotonic() - self.began,
        )

"""Check a refcount mode against every small program."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from concurrent.futures import Executor
from contextlib import closing
from typing import Literal, cast

from refrace._base.arguments import check_callback, check_choice, check_number
from refrace._base.executors import check_executor
from refrace._base.interrupts import interrupted
from refrace.catalogue.mode import Mode
from refrace.catalogue.mode import mode as mode_called
from refrace.explorer.corpus import EFFORTS, corpus
from refrace.explorer.explore import MOST_SECONDS
from refrace.explorer.limits import ProofLimit
from refrace.explorer.memory import HISTORY, MOST_HISTORY, Memory, memory_of
from refrace.explorer.proof_report import (
    CorpusPart,
    Proof,
    ProofScenario,
    ScenarioLeftOut,
)
from refrace.explorer.proving import Looked, Task, look_at, looked_at_on
from refrace.explorer.scenarios import scenarios_of
from refrace.explorer.session import within_memory

__all__ = ["prove"]

PERIOD_S = 0.1


@within_memory()
def prove(
    mode: str | Mode,
    effort: Literal["small", "large"] = "small",
    *,
    memory: Literal["sc", "c11"] = "sc",
    max_seconds: float = 600.0,
    executor: Executor | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Proof:
    """Explore every schedule of every small program in a mode: a proof or a witness.

    Parameters
    ----------
    mode : str or Mode
        One of :func:`refrace.modes`.
    effort : {"small", "large"}
        How large the programs get.  Small: up to 5 counting steps with 2 threads and 4
        with 3 (some seconds).  Large: up to 6 with 2, 3 and 4 threads, ten times as
        many programs (half a minute of processor time in ``atomic``, minutes in
        ``biased``; an `executor` divides that).
        Default: ``"small"``.
    memory : {"sc", "c11"}
        The memory model: sequentially consistent, or that of C11, in which a load may
        see an old write and unordered accesses are findings.  Default: ``"sc"``.
    max_seconds : float
        Time limit in seconds, 0 to 1e9; checked between programs.
        Default: 600.
    executor : concurrent.futures.Executor, optional
        Where the programs are explored, in batches; see docs/how-to/more-machines.md.
        The result is the same, except for the time.  Default: the calling thread.
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
        If there is not enough memory to start, or to make the stored states longer
        under C11.
    EnvironmentUnfit
        If the workers of an executor cannot run refrace, or run another version.
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
    executor = check_executor("executor", executor)
    check_callback("progress", progress)
    model = memory_of(memory, HISTORY if memory == "sc" else MOST_HISTORY)
    work = _Work(chosen, effort, model, max_seconds, executor, progress)
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
        memory: Memory,
        max_seconds: float,
        executor: Executor | None,
        progress: Callable[[int, int], None] | None,
    ) -> None:
        self.mode = mode
        self.effort = effort
        self.memory = memory
        self.executor = executor
        self.progress = progress
        self.began = time.monotonic()
        self.ends = self.began + max_seconds
        self.next_beat = self.began
        scenarios = scenarios_of(memory.model)
        why_not = [(scenario, scenario.why_not_in(mode)) for scenario in scenarios]
        self.planned = [scenario for scenario, why in why_not if why is None]
        self.left_out = tuple(
            ScenarioLeftOut(scenario.name, why) for scenario, why in why_not if why
        )
        self.texts: list[list[str]] = []
        self.tasks: list[Task] = []
        self.looked: dict[int, Looked] = {}
        self.limit: ProofLimit | None = None

    def run(self) -> None:
        """Explore the programs in order until one fails or a limit is reached."""
        self.texts = [
            [
                text
                for n in range(threads, most + 1)
                for text in corpus(threads, n, self.memory.model)
            ]
            for threads, most in EFFORTS[self.effort]
        ]
        self.tasks = [Task(text) for texts in self.texts for text in texts]
        self.tasks += [Task(one.program, one.reads) for one in self.planned]
        with closing(self._looks()) as looks:
            for number, looked in looks:
                self.looked[number] = looked
                self._tell()

    def _looks(self) -> Generator[tuple[int, Looked], None, None]:
        if self.executor is not None:
            yield from looked_at_on(
                self.executor, self.mode, self.memory, self.tasks, self.ends, self._tell
            )
            return
        for number, task in enumerate(self.tasks):
            looked = look_at(self.mode, task, self.ends, memory=self.memory)
            yield number, looked
            if looked.is_last:
                return

    def _tell(self) -> None:
        now = time.monotonic()
        if self.progress is not None and now >= self.next_beat and self.looked:
            self.next_beat = now + PERIOD_S
            self.progress(len(self.looked), len(self.tasks))

    def _last(self) -> int:
        """Return the number of the first program that ends the proof, or of the end.

        One that ran out of time is as good as missing.
        """
        ends = (n for n, one in self.looked.items() if one.is_last)
        return min(
            (n for n in ends if self.looked[n].limit != "seconds"),
            default=len(self.tasks),
        )

    def _limit(self, last: int) -> ProofLimit | None:
        """Return what stopped the work before every program up to `last` was done."""
        if last < len(self.tasks) and self.looked[last].limit is not None:
            return self.looked[last].limit
        if self.limit is not None:
            return self.limit
        if all(n in self.looked for n in range(last)):
            late = any(self.looked[n].limit is not None for n in range(last))
            return "seconds" if late else None
        return "seconds" if time.monotonic() >= self.ends else "worker"

    def proof(self) -> Proof:
        """Return what is known now."""
        last = self._last()
        limit = self._limit(last)
        done = {
            number: looked
            for number, looked in sorted(self.looked.items())
            if number <= last and looked.limit is None
        }
        parts = []
        begin = 0
        for (threads, most), texts in zip(
            EFFORTS[self.effort], self.texts, strict=False
        ):
            numbers = range(begin, begin + len(texts))
            states = [done[number].states for number in numbers if number in done]
            parts.append(
                CorpusPart(threads, most, len(texts), len(states), sum(states))
            )
            begin = numbers.stop
        witness = self.looked[last].witness if last in self.looked else None
        return Proof(
            mode=self.mode.name,
            claims_correct=self.mode.claim == "correct",
            effort=self.effort,
            memory=self.memory.model,
            parts=tuple(parts),
            scenarios=tuple(
                ProofScenario(one.name, done[number].states, one.reads)
                for number, one in enumerate(self.planned, begin)
                if number in done
            ),
            scenarios_planned=len(self.planned),
            left_out=self.left_out,
            skipped=sum(looked.is_skipped for looked in done.values()),
            witness=witness,
            limit=limit,
            elapsed_s=time.monotonic() - self.began,
        )

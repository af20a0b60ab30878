"""`Model`: what the core can be asked of one program in one mode; raw results."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from refrace._native import explorer as native_explorer
from refrace.explorer.model.capacity import grow, kinds_of
from refrace.explorer.model.deadline import Progress, Pulse
from refrace.explorer.model.exploration import explore
from refrace.explorer.model.lower import Lowered
from refrace.explorer.model.records import Reader
from refrace.explorer.model.sampling import Plan, sample

__all__ = ["Model"]


class Model:
    """A program in a mode, with or without the GIL.

    Parameters
    ----------
    lowered : Lowered
    mode : int
        Its number: its place in ``_core.mode_cards()``.
    gil_held : bool
    only : int, default -1
        The number of the one thread that runs, -1 for all.  What the others would
        have held at the start counts as owned at the end.

    Notes
    -----
    The GIL is released while the core works.  Safe to share between threads: every
    call works on its own copy of the state.
    """

    def __init__(
        self, lowered: Lowered, mode: int, gil_held: bool, only: int = -1
    ) -> None:
        self._lowered = lowered
        self._image = native_explorer.Image(lowered.image)
        self._mode = mode
        self._gil_held = gil_held
        self._only = only
        self._partial: dict[str, Any] | None = None

    # --------------------------------------------------------------- exploring

    def explore(
        self,
        max_states: int,
        max_seconds: float,
        max_bytes: int,
        symmetry: bool = True,
        progress: Progress | None = None,
    ) -> dict[str, Any]:
        """Explore every schedule.

        Raises
        ------
        MemoryError
            There was not even memory for what was found so far.
        """
        search = native_explorer.Search(
            self._image,
            self._mode,
            self._gil_held,
            self._only,
            symmetry,
            max_states,
            max_bytes,
        )
        self._partial = None
        result, problem = explore(search, Pulse(max_seconds, progress))
        if problem is not None:
            self._partial = result
            raise problem
        assert result is not None
        return result

    def search(
        self, max_states: int, max_seconds: float, max_bytes: int
    ) -> dict[str, Any]:
        """Explore every schedule and count none: what can happen, not how often."""
        search = native_explorer.Search(
            self._image,
            self._mode,
            self._gil_held,
            self._only,
            True,
            max_states,
            max_bytes,
        )
        pulse = Pulse(max_seconds, None)
        while search.advance() != "done":
            if not pulse.beat(search.numbers):
                search.stop("seconds")
        numbers = search.numbers()
        return {
            "states": numbers["states"],
            "limit": numbers["limit"],
            "kinds": list(search.schedules()),
            "is_misused": search.misuse() is not None,
        }

    def partial(self) -> dict[str, Any] | None:
        """Return what the last exploration, or sample, had found when interrupted."""
        return self._partial

    # --------------------------------------------------------------- replaying

    def _walk(
        self, use: Callable[[native_explorer.Walk], bool]
    ) -> native_explorer.Walk:
        """Use a walk, again with more room as long as `use` says it lacks some."""
        capacity = [0] * native_explorer.N_CAPACITIES
        while True:
            walk = native_explorer.Walk(
                self._image, self._mode, self._gil_held, self._only, capacity
            )
            if use(walk):
                return walk
            grow(capacity, walk.numbers()["lacks"])

    def replay(self, schedule: Sequence[int]) -> dict[str, Any]:
        """Take the steps of a schedule; return what each of them did."""
        replays: list[_Replay] = []

        def use(walk: native_explorer.Walk) -> bool:
            replays.append(_Replay(self._lowered, walk))
            return replays[-1].run(schedule)

        self._walk(use)
        return replays[-1].result()

    def choices(self, schedule: Sequence[int]) -> list[int]:
        """Return the codes that are possible after a schedule; none at a run's end.

        Raises
        ------
        ValueError
            If a step of the schedule is not possible itself.
        """
        reached = "ran"

        def use(walk: native_explorer.Walk) -> bool:
            nonlocal reached
            reached = walk.begin()
            for code in schedule:
                if reached != "ran":
                    break
                reached = walk.take(code)
            return reached != "grow"

        walk = self._walk(use)
        return walk.choices() if reached == "ran" else []

    def follow(
        self, schedule: Sequence[int], max_steps: int
    ) -> tuple[list[int], int, list[str]]:
        """Take what is possible of a schedule, then go on to the end of the run.

        A code that is not possible is left out.  After the last one the thread that
        stepped last goes on as long as it can, then the lowest that can.

        Returns
        -------
        codes taken, number of preemptions, kinds of the run so far
        """
        codes: list[int] = []

        def use(walk: native_explorer.Walk) -> bool:
            codes.clear()
            progress = walk.begin()
            wanted = list(reversed(schedule))
            while progress == "ran" and len(codes) < max_steps:
                choices = walk.choices()
                while wanted and wanted[-1] not in choices:
                    wanted.pop()
                codes.append(wanted.pop() if wanted else _natural(walk))
                progress = walk.take(codes[-1])
            return progress != "grow"

        numbers = self._walk(use).numbers()
        return codes, numbers["preemptions"], kinds_of(numbers["kinds"])

    def branch(
        self, prefix: Sequence[int], max_steps: int
    ) -> tuple[list[int], list[tuple[int, int, int]], list[str]]:
        """Take a prefix, which must be possible, then go on as `follow` does.

        Returns
        -------
        codes taken; what else could have been done behind the prefix, as (step,
        preemptions up to and with it, code); kinds of the run
        """
        codes: list[int] = []
        others: list[tuple[int, int, int]] = []

        def use(walk: native_explorer.Walk) -> bool:
            codes.clear()
            others.clear()
            progress = walk.begin()
            while progress == "ran" and len(codes) < max_steps:
                at = len(codes)
                code = prefix[at] if at < len(prefix) else _natural(walk)
                before = walk.numbers()["preemptions"]
                for other in walk.choices() if at >= len(prefix) else ():
                    if other != code:
                        others.append((at, before + walk.preempts(other), other))
                codes.append(code)
                progress = walk.take(code)
            return progress != "grow"

        kinds = self._walk(use).numbers()["kinds"]
        return codes, others, kinds_of(kinds)

    # ---------------------------------------------------------------- sampling

    def sample(
        self,
        runs: int,
        strategy: str,
        depth: int,
        seed: int,
        max_seconds: float,
        max_steps: int,
        progress: Progress | None = None,
    ) -> dict[str, Any]:
        """Run under random schedules, and tally how the runs end.

        What an interrupt leaves of it, `partial` has.
        """
        plan = Plan(runs, strategy, depth, seed, max_steps)
        self._partial = None
        result, problem = sample(self._open_sample, plan, Pulse(max_seconds, progress))
        if problem is not None:
            self._partial = result
            raise problem
        assert result is not None
        return result

    def _open_sample(
        self, capacity: list[int], plan: Plan, horizon: int
    ) -> native_explorer.Sample:
        return native_explorer.Sample(
            self._image,
            self._mode,
            self._gil_held,
            capacity,
            plan.strategy == "pct",
            plan.depth,
            plan.max_steps,
            horizon,
            plan.seed,
        )


def _natural(walk: native_explorer.Walk) -> int:
    """Return the choice that switches threads only where it must."""
    choices = walk.choices()
    last = 4 * walk.numbers()["last"]
    return last if last in choices else choices[0]


class _Replay:
    """One run along a schedule, recorded."""

    def __init__(self, lowered: Lowered, walk: native_explorer.Walk) -> None:
        self._walk = walk
        self._reader = Reader(lowered, walk.shape(), walk.count_of)
        self._steps: list[dict[str, Any]] = []
        self._misfit: str | None = None
        self._progress = "ran"

    def run(self, schedule: Sequence[int]) -> bool:
        """Take a schedule; False: the state needs more room."""
        walk = self._walk
        self._progress = walk.begin()
        numbers = walk.numbers()
        if self._progress == "ended":
            self._reader.found(numbers["last_kinds"], numbers["culprit"], None)
        for code in schedule:
            if self._progress == "grow":
                return False
            if self._progress != "ran":
                self._misfit = "the run is over before the schedule is"
                break
            if code not in walk.choices():
                self._misfit = self._reader.misfit(code, walk.choices())
                break
            seen = walk.look(code)
            self._steps.append(self._reader.record(code, seen))
            if seen["progress"] == "ended":
                self._reader.found(seen["kinds"], seen["culprit"], code // 4)
            self._progress = walk.take(code)
        return self._progress != "grow"

    def result(self) -> dict[str, Any]:
        """Return the records and what became of the run."""
        walk, reader = self._walk, self._reader
        numbers, words = walk.numbers(), walk.words()
        kinds = kinds_of(numbers["kinds"])
        is_over = self._progress == "ended"
        waits: list[dict[str, Any]] = []
        if "deadlock" in kinds:
            waits = [reader.waits(t, word, words) for t, word in walk.waits()]
            reader.deadlocked()
        elif is_over and numbers["last_kinds"] == 0:
            reader.judged(words, walk.owners())
        is_misused = self._progress == "misused"
        return {
            "steps": self._steps,
            "fits": len(self._steps),
            "misfit": self._misfit,
            "ended": is_over,
            "kinds": kinds,
            "findings": reader.findings(native_explorer.KINDS),
            "waits": waits,
            "preemptions": numbers["preemptions"],
            "error": native_explorer.misuse_message(numbers["misuse"])
            if is_misused
            else None,
            "error_thread": numbers["at_thread"],
            "error_statement": numbers["at_statement"],
            "enabled": walk.choices() if self._progress == "ran" else [],
            "state": reader.state(words),
        }

"""`Session`: a program in a mode, and the operations of the core on it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from os import PathLike
from typing import Any, Literal, cast

from refrace._base.arguments import a_kind, check_choice
from refrace._base.safe_repr import shown
from refrace._native import explorer as native_explorer
from refrace.catalogue.mode import Mode
from refrace.catalogue.mode import mode as mode_called
from refrace.environment import GIL_SETTINGS
from refrace.errors import InvalidArgument, InvalidArgumentType, LimitReached
from refrace.explorer.diagnostics import check_operations, not_a_program
from refrace.explorer.limits import Limit
from refrace.explorer.model.capacity import grow, kinds_of
from refrace.explorer.model.deadline import Deadline, OutOfTime
from refrace.explorer.model.exploration import explore
from refrace.explorer.model.lower import Lowered, lower
from refrace.explorer.model.replaying import Recorder
from refrace.explorer.model.results import (
    Explored,
    Replay,
    Sampled,
    Searched,
)
from refrace.explorer.model.sampling import Plan, sample
from refrace.explorer.program_size import check_program, check_state
from refrace.programs import Program
from refrace.traces.schedule import runners_of

__all__ = ["Session", "session_of", "within_memory"]

Gil = Literal["released", "held"]


@contextmanager
def within_memory() -> Iterator[None]:
    """Turn a failed allocation of the core into `LimitReached`.

    Raises
    ------
    LimitReached
        If there was no memory even for the results so far.
    """
    try:
        yield
    except MemoryError:
        raise LimitReached(
            "there is not enough memory to start; end other programs, lower the "
            "limits, or make the program smaller"
        ) from None


def session_of(program: Any, mode: Any, gil: Any) -> Session:
    """Check the arguments and return their session.

    `program` may be text, or the path of a file.

    Raises
    ------
    InvalidArgumentType, InvalidProgram, UnknownMode, InvalidArgument
        If an argument has the wrong type, is malformed, or is unknown, or if the
        program uses an operation that the mode does not have.
    """
    mixed_up = not_a_program(program, mode)
    if mixed_up:
        raise InvalidArgument(mixed_up)
    if isinstance(program, str | bytes | PathLike):
        program = Program.parse(program)
    if not isinstance(program, Program):
        raise InvalidArgumentType(
            f"program={shown(program, 60)} is {a_kind(program)}; pass a "
            "refrace.Program, the text of one, or a pathlib.Path"
        )
    chosen = mode_called(mode)
    setting = cast(Gil, check_choice("gil", gil, GIL_SETTINGS))
    check_operations(program, chosen)
    return Session(program, chosen, setting)


class Session:
    """A program in a mode, with or without the GIL; schedules belong to a session.

    Parameters
    ----------
    program : Program
    mode : Mode
    gil : {"released", "held"}
        Default: ``"released"``.
    only : str, optional
        The one thread that runs; default: all do.  What the others hold at the start
        counts as owned at the end.

    Notes
    -----
    The interpreter's GIL is released while the core works.  Every call works on its own
    copy of the state.  Schedules consist of the core's codes, as returned by
    :func:`refrace.traces.schedule.codes_of`.
    """

    def __init__(
        self,
        program: Program,
        mode: Mode,
        gil: Gil = "released",
        only: str | None = None,
    ) -> None:
        self.program = program
        self.mode = mode
        self.gil: Gil = gil
        self._only = -1 if only is None else self.runners.index(only)
        self._partial: Explored | Sampled | None = None

    @cached_property
    def lowered(self) -> Lowered:
        """The program as flat arrays.

        Raises
        ------
        ProgramTooLarge
            If it is larger than the core can hold.
        """
        check_program(self.program)
        lowered = lower(self.program)
        check_state(self.program, lowered, self.mode, self.gil == "held")
        return lowered

    @cached_property
    def runners(self) -> tuple[str, ...]:
        """The threads that can take steps, in the order of the core's numbers."""
        return runners_of(self.program)

    @cached_property
    def _setting(self) -> tuple[native_explorer.Image, int, bool]:
        image = native_explorer.Image(self.lowered.image)
        return image, self.mode.number, self.gil == "held"

    # --------------------------------------------------------------- exploring

    def explore(
        self,
        max_states: int,
        max_seconds: float,
        max_bytes: int,
        symmetry: bool = True,
        progress: Callable[[native_explorer.SearchNumbers], object] | None = None,
    ) -> Explored:
        """Explore every schedule.

        After an interrupt, `explored_until_interrupt` returns the partial result.

        Raises
        ------
        MemoryError
            There was no memory even for the results so far.
        """
        search = native_explorer.Search(
            *self._setting, self._only, symmetry, max_states, max_bytes
        )
        on_look = None if progress is None else lambda: progress(search.numbers())
        self._partial = None
        result, problem = explore(search, Deadline(max_seconds, on_look))
        if problem is not None:
            self._partial = result
            raise problem
        return result

    def search(self, max_states: int, max_seconds: float, max_bytes: int) -> Searched:
        """Explore every schedule without counting: what can happen, not how often."""
        search = native_explorer.Search(
            *self._setting, self._only, True, max_states, max_bytes
        )
        deadline = Deadline(max_seconds)
        while search.advance() != "done":
            if not deadline.check():
                search.stop("seconds")
        numbers = search.numbers()
        return Searched(
            numbers.states,
            cast(Limit | None, numbers.limit),
            list(search.schedules()),
            search.misuse() is not None,
        )

    def explored_until_interrupt(self) -> Explored | None:
        """Return the partial result of an interrupted exploration; None if none."""
        return self._partial if isinstance(self._partial, Explored) else None

    def sampled_until_interrupt(self) -> Sampled | None:
        """Return the partial result of an interrupted sample; None if none."""
        return self._partial if isinstance(self._partial, Sampled) else None

    # --------------------------------------------------------------- replaying

    def _walk(
        self, use: Callable[[native_explorer.Walk], bool]
    ) -> native_explorer.Walk:
        """Call `use` with a walk; retry with more capacity while it returns False."""
        capacity = [0] * native_explorer.N_CAPACITIES
        while True:
            walk = native_explorer.Walk(*self._setting, self._only, capacity)
            if use(walk):
                return walk
            grow(capacity, walk.numbers().lacks)

    def replay(self, schedule: Sequence[int], cpu_deadline: float = math.inf) -> Replay:
        """Take the steps of a schedule; return the effect of each.

        Raises
        ------
        OutOfTime
            At the deadline, a time of `time.thread_time`.  (The deadlines of the
            methods below are times of `time.monotonic`.)
        """
        recorders: list[Recorder] = []

        def use(walk: native_explorer.Walk) -> bool:
            recorders.append(Recorder(self.lowered, walk))
            return recorders[-1].run(schedule, cpu_deadline)

        self._walk(use)
        return recorders[-1].result()

    def choices(self, schedule: Sequence[int]) -> list[int]:
        """Return the codes that are possible after a schedule; none if the run ended.

        Raises
        ------
        ValueError
            If a step of the schedule is not possible.
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

    def measure(
        self, schedule: Sequence[int], kind: str, deadline: float = math.inf
    ) -> tuple[int, int]:
        """Take a schedule up to a kind of finding; return preemptions and steps.

        If the schedule does not lead to the finding, take all of it.
        """
        wanted = 1 << native_explorer.KINDS.index(kind)
        measured = 0, 0

        def use(walk: native_explorer.Walk) -> bool:
            nonlocal measured
            progress = walk.begin()
            numbers = walk.numbers()
            steps = 0
            for code in schedule:
                if progress != "ran" or numbers.kinds & wanted:
                    break
                _keep(deadline)
                progress = walk.take(code)
                numbers = walk.numbers()
                steps += 1
            measured = numbers.preemptions, steps
            return progress != "grow"

        self._walk(use)
        return measured

    def follow(
        self, schedule: Sequence[int], max_steps: int, deadline: float = math.inf
    ) -> tuple[list[int], int, list[str]]:
        """Take the possible steps of a schedule, then continue to the end of the run.

        A code that is not possible is skipped.  After the last code, the thread that
        stepped last continues while it can, then the lowest thread that can.

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
                _keep(deadline)
                choices = walk.choices()
                while wanted and wanted[-1] not in choices:
                    wanted.pop()
                codes.append(wanted.pop() if wanted else _natural(walk))
                progress = walk.take(codes[-1])
            return progress != "grow"

        numbers = self._walk(use).numbers()
        return codes, numbers.preemptions, kinds_of(numbers.kinds)

    def branch(
        self, prefix: Sequence[int], max_steps: int, deadline: float = math.inf
    ) -> tuple[list[int], list[tuple[int, int, int]], list[str]]:
        """Take a prefix, which must be possible, then continue as `follow` does.

        Returns
        -------
        codes taken; the alternatives after the prefix, as (step, preemptions including
        it, code); kinds of the run
        """
        codes: list[int] = []
        others: list[tuple[int, int, int]] = []

        def use(walk: native_explorer.Walk) -> bool:
            codes.clear()
            others.clear()
            progress = walk.begin()
            while progress == "ran" and len(codes) < max_steps:
                _keep(deadline)
                at = len(codes)
                code = prefix[at] if at < len(prefix) else _natural(walk)
                before = walk.numbers().preemptions
                for other in walk.choices() if at >= len(prefix) else ():
                    if other != code:
                        others.append((at, before + walk.preempts(other), other))
                codes.append(code)
                progress = walk.take(code)
            return progress != "grow"

        kinds = self._walk(use).numbers().kinds
        return codes, others, kinds_of(kinds)

    # ---------------------------------------------------------------- sampling

    def sample(
        self,
        plan: Plan,
        max_seconds: float,
        progress: Callable[[int], object] | None = None,
    ) -> Sampled:
        """Run under random schedules, and tally how the runs end.

        After an interrupt, `sampled_until_interrupt` returns the partial result.
        """
        self._partial = None
        result, problem = sample(self._open_sample, plan, max_seconds, progress)
        if problem is not None:
            self._partial = result
            raise problem
        assert result is not None
        return result

    def _open_sample(
        self, capacity: list[int], plan: Plan, horizon: int
    ) -> native_explorer.Sample:
        return native_explorer.Sample(
            *self._setting,
            capacity,
            plan.strategy == "pct",
            plan.depth,
            plan.max_steps,
            horizon,
            plan.seed,
        )


def _keep(deadline: float) -> None:
    if time.monotonic() >= deadline:
        raise OutOfTime


def _natural(walk: native_explorer.Walk) -> int:
    """Return the choice that switches threads only if it must."""
    choices = walk.choices()
    last = 4 * walk.numbers().last
    return last if last in choices else choices[0]

"""`Session`: a program in a mode, and the operations of the core on it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
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
from refrace.explorer.memory import SC, Memory, check_modelled, weak_of
from refrace.explorer.mode_ways import known_ways
from refrace.explorer.model.deadline import Deadline
from refrace.explorer.model.exploration import explore
from refrace.explorer.model.lower import Lowered, lower
from refrace.explorer.model.results import (
    Explored,
    Sampled,
    Searched,
)
from refrace.explorer.model.sampling import Plan, horizon_of, sample
from refrace.explorer.program_size import check_program, check_state
from refrace.explorer.walking import Walks
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
        If there was no memory to start, or none to keep the states.
    """
    try:
        yield
    except MemoryError:
        raise LimitReached(
            "there is not enough memory to start, or to keep the states; end other "
            "programs, lower the limits, or make the program smaller"
        ) from None


def session_of(program: Any, mode: Any, gil: Any, memory: Memory = SC) -> Session:
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
    if memory.model == "c11":
        check_modelled(program)
    return Session(program, chosen, setting, memory=memory)


class Session(Walks):
    """A program in a mode, with or without the GIL; schedules belong to a session.

    Parameters
    ----------
    program, mode : Program, Mode
    gil : {"released", "held"}
        Default: ``"released"``.
    only : str, optional
        The one thread that runs; default: all do.  What the others hold at the start
        counts as owned at the end.
    memory : Memory, optional
        The memory model.  Default: sequentially consistent.

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
        memory: Memory = SC,
    ) -> None:
        self.program = program
        self.mode = mode
        self.gil: Gil = gil
        self.memory = memory
        self._only = -1 if only is None else self.runners.index(only)
        self._partial: Explored | Sampled | None = None

    def under(self, memory: Memory) -> Session:
        """Return a session of the same program with another memory."""
        other = Session(self.program, self.mode, self.gil, memory=memory)
        other._only = self._only
        other.__dict__["lowered"] = self.lowered  # it was checked already
        return other

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
    def setting(self) -> tuple[native_explorer.Image, int, bool]:
        """The program, the number of the mode, and whether the GIL is held."""
        image = native_explorer.Image(self.lowered.image, self._weak)
        return image, self.mode.number, self.gil == "held"

    @cached_property
    def _weak(self) -> native_explorer.Weak | None:
        """The core's settings of C11; None under sequential consistency."""
        if self.memory.model == "sc":
            return None
        return weak_of(self.memory, known_ways(self.mode))

    def sites(self) -> list[tuple[str, int, str, str]]:
        """Return (file, line, text, order) of the mode's accesses that were reached.

        Empty under sequential consistency.
        """
        return [] if self._weak is None else self._weak.sites()

    # --------------------------------------------------------------- exploring

    def explore(
        self,
        max_states: int,
        max_seconds: float,
        max_bytes: int,
        symmetry: bool = True,
        counts: bool = True,
        progress: Callable[[native_explorer.SearchNumbers], object] | None = None,
        workers: int = 1,
        fewest: int = 0,
        spill: str | None = None,
    ) -> Explored:
        """Explore every schedule; without counts, in a reduced graph.

        `workers` threads find the states once `fewest` of them wait (0: as many as are
        worth the start of a thread).  What exceeds `max_bytes` goes to the folder
        `spill`; None: the search ends.
        After an interrupt, `explored_until_interrupt` returns the partial result.

        Raises
        ------
        MemoryError
            There was no memory to start, or none to keep the states.
        """
        search = native_explorer.Search(
            *self.setting,
            self._only,
            symmetry,
            max_states,
            max_bytes,
            not counts,
            workers,
            fewest,
            None if spill is None else os.fsencode(spill),
        )
        on_look = None if progress is None else lambda: progress(search.numbers())
        self._partial = None
        result, problem = explore(search, Deadline(max_seconds, on_look), counts)
        if problem is not None:
            self._partial = result
            raise problem
        return result

    def search(
        self,
        max_states: int,
        max_seconds: float,
        max_bytes: int,
        on_look: Callable[[], object] | None = None,
    ) -> Searched:
        """Explore every schedule without counting: what can happen, not how often.

        `on_look` is called every tenth of a second.
        """
        search = native_explorer.Search(
            *self.setting, self._only, True, max_states, max_bytes
        )
        deadline = Deadline(max_seconds, on_look)
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

    def horizon(self, plan: Plan, max_seconds: float) -> int | None:
        """Return the length of a run that PCT expects; None for another strategy."""
        return horizon_of(self._open_sample, plan, max_seconds)

    def _open_sample(
        self, capacity: list[int], plan: Plan, horizon: int
    ) -> native_explorer.Sample:
        return native_explorer.Sample(
            *self.setting,
            capacity,
            plan.strategy == "pct",
            plan.depth,
            plan.max_steps,
            horizon,
            plan.seed,
            plan.first,
        )

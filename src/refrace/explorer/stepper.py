"""Step through a program by hand, and see where each choice leads."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from refrace._base.arguments import check_integer
from refrace._base.safe_repr import shown
from refrace.display.html import Html, preformatted
from refrace.display.page import page
from refrace.display.pictures.files import check_file
from refrace.display.stepper.embedding import data_text, embedded
from refrace.errors import InvalidArgument, LimitReached, MissingPackage
from refrace.explorer.memory import HISTORY, Model, memory_of
from refrace.explorer.model.results import Misuse
from refrace.explorer.model.step_graph import (
    MisusedAt,
    StepGraph,
    TooManyStates,
    step_graph,
)
from refrace.explorer.session import Session, session_of, within_memory
from refrace.explorer.step_data import step_data
from refrace.explorer.traced import misuse_error, trace
from refrace.explorer.walk import Walk
from refrace.programs import Program
from refrace.traces.schedule import (
    branch_of,
    choice_of,
    codes_of,
    labels_of,
    thread_of,
)
from refrace.traces.trace import Trace

__all__ = ["Stepper", "step"]

_DRAIN = 2
MOST_STEP_STATES = 50_000
"""The largest limit of states: pages with more are slow to open."""


@within_memory()
def step(
    program: Any,
    mode: Any = "atomic",
    gil: Literal["released", "held"] = "released",
    *,
    schedule: Sequence[str] = (),
    max_states: int = 5000,
    memory: Model = "sc",
    history: int = HISTORY,
) -> Stepper:
    r"""Step through a small program by hand.

    Parameters
    ----------
    program : Program, str, bytes or pathlib.Path
        The program, its text, or a file with it.
    mode : str or Mode
        The refcount mode.  Default: ``"atomic"``.
    gil : {"released", "held"}
        Whether threads can be switched anywhere, or only where the GIL changes hands.
    schedule : sequence of str
        The steps to begin with, as in :attr:`Trace.schedule`.  Default: none.
    max_states : int
        The limit of states, 1 to 50,000.  Default: 5000.
    memory : {"sc", "c11"}
        The memory model, as for :func:`refrace.explore`.  With ``"c11"`` a step also
        chooses which write a read sees.  Default: ``"sc"``.
    history : int
        With ``memory="c11"``: how many writes of a cell threads may still read, 1 to
        15.  Default: 8.

    Returns
    -------
    Stepper
        Displays itself in a notebook; ``save("page.html")`` writes a page that needs
        neither a kernel nor the network.

    Raises
    ------
    InvalidArgumentType, InvalidArgument, InvalidProgram, UnknownMode
        If an argument has the wrong type, is malformed, or is unknown, or if a run of
        the program ends in misuse.
    InvalidData
        If `schedule` is not one of the program.
    ProgramTooLarge
        If the program is larger than the explorer can hold, or needs more history.
    LimitReached
        If the program has more states.

    Notes
    -----
    All states are computed at once, so every step shows the exact number of runs that
    go on from there and of those that go wrong.  States in which equal threads are
    exchanged count separately, so there may be more of them than in
    :func:`refrace.explore`.

    Examples
    --------
    >>> import refrace
    >>> refrace.step("T1: x = new A ; decref x").states
    4
    >>> late = "int N = 0\nT1: N = 1 relaxed\nT2: n = N relaxed"
    >>> walk = refrace.step(late, memory="c11").walk()
    >>> walk.take(0)  # T1 stores
    True
    >>> [choice.reads for choice in walk.choices]
    ['reads 1 of step 1, the newest', 'reads old 0 from the start']
    """
    session = session_of(program, mode, gil, memory_of(memory, history))
    max_states = check_integer("max_states", max_states, low=1, high=MOST_STEP_STATES)
    begins = codes_of(schedule, session.runners)
    return stepper_of(session, begins, max_states)


def stepper_of(session: Session, begins: Sequence[int], max_states: int) -> Stepper:
    """Return the stepper of a session; errors as in :func:`step`."""
    try:
        graph = step_graph(session.setting, max_states, _ignore)
    except TooManyStates:
        raise LimitReached(
            f"the program has more than {max_states:,} states; raise max_states, make "
            "the program smaller, or use refrace.explore"
        ) from None
    except MisusedAt as misused:
        numbers = session.replay(misused.schedule)
        message = numbers.error or ""
        raise misuse_error(session, Misuse(misused.schedule, message)) from None
    data = step_data(session, graph)
    data["shortest"] = _shortest(graph, data["kinds"])
    misfit = session.replay(begins).misfit
    if misfit is not None:
        steps = shown(labels_of(begins, session.runners), 60)
        raise InvalidArgument(
            f"schedule={steps} is no schedule of the program: {misfit}; pass the "
            "schedule of one of its traces"
        )
    data["begins"] = list(begins)
    return Stepper(session, data)


def _ignore(_states: int) -> None:
    pass


def _shortest(graph: StepGraph, kinds: Sequence[Sequence[str]]) -> list[int] | None:
    """Return the run to a finding with fewest preemptions, then fewest steps.

    An old write that a step takes counts as a preemption.
    """
    queue: list[tuple[int, int, int, int, tuple[int, ...]]] = [(0, 0, 0, -1, ())]
    seen: set[tuple[int, int]] = set()
    while queue:
        preemptions, steps, state, last, codes = heapq.heappop(queue)
        if (state, last) in seen:
            continue
        seen.add((state, last))
        if kinds[state]:
            return list(codes)
        edges = graph.nodes[state].edges
        last_can = any(
            thread_of(e.code) == last and branch_of(e.code) < _DRAIN for e in edges
        )
        for edge in edges:
            drains, thread = branch_of(edge.code) == _DRAIN, thread_of(edge.code)
            preempts = last_can and not drains and thread != last
            after = (
                preemptions + preempts + (choice_of(edge.code) > 0),
                steps + 1,
                edge.target,
                last if drains else thread,
                (*codes, edge.code),
            )
            heapq.heappush(queue, after)
    return None


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Stepper:
    """A program to step through by hand: outcome of :func:`refrace.step`.

    In a notebook it displays itself; keys: arrows step, 1 to 9 choose a thread, Home
    and End go to the start and to the counterexample, ``t`` copies the replay token.
    It shows the count of each object and its true count, locals, locks and store
    buffers, and for every possible step how many of the runs from there go wrong.
    Under C11 it also shows the writes that each thread may still read, and which
    accesses of others are not ordered before its next step.
    """

    _session: Session
    data: dict[str, Any]
    """Everything that is shown, ready for JSON."""

    @property
    def program(self) -> Program:
        """The program."""
        return self._session.program

    @property
    def states(self) -> int:
        """Number of states."""
        return len(self.data["states"])

    @property
    def size_bytes(self) -> int:
        """Size of the data in a page, in bytes."""
        return len(data_text(self.data).encode())

    def trace(self, codes: Sequence[int] | None = None) -> Trace:
        """Return a run as a trace, by default the counterexample.

        Parameters
        ----------
        codes : sequence of int, optional
            The steps; the attribute `codes` of :meth:`widget` has those on display.
        """
        chosen = self.data["shortest"] or [] if codes is None else codes
        return trace(self._session, chosen)

    def walk(self) -> Walk:
        """Return a walk through the program, for terminals and scripts.

        Returns
        -------
        Walk
            It takes steps and goes back, and says how many runs from there go wrong;
            `refrace step` shows it.
        """
        return Walk(self.data, self.data["begins"])

    @property
    def _setting(self) -> str:
        return self.walk().setting

    def _fallback(self) -> str:
        first = f"<p>{self}</p>{preformatted(str(self.program))}"
        if self.data["shortest"] is None:
            return first
        return f"{first}{self.trace().plot().inline()}"

    def html(self) -> str:
        """Return a complete page that needs neither a kernel nor the network."""
        title = f"Stepper: {self._setting}"
        return page(title, self._repr_html_())

    def save(self, path: str | Path) -> None:
        """Write a complete page; the suffix is ``.html``.

        Raises
        ------
        InvalidArgumentType, InvalidArgument
            If it is no path, the suffix is another one, or the folder does not exist.
        OSError
            If the file cannot be written.
        """
        check_file(path, (".html",)).write_text(self.html(), encoding="utf-8")

    def widget(self) -> Any:
        """Return the stepper as a widget, whose `codes` are the steps on display.

        Raises
        ------
        MissingPackage
            If anywidget is not installed: ``pip install 'refrace[notebook]'``.
        """
        from refrace.display.stepper.widget import stepper_widget

        return stepper_widget(self.data)

    def __repr__(self) -> str:
        return (
            f"<Stepper of a program in {self._setting}: "
            f"{self.states:,} states, {self.size_bytes:,} bytes>"
        )

    def __str__(self) -> str:
        return (
            f"Stepper of a program in {self._setting}: "
            f"{self.states:,} states. It needs JavaScript; save('page.html') writes a "
            "page."
        )

    def _repr_html_(self) -> str:
        return embedded(self.data, self._fallback())

    def _display_(self) -> Any:
        # marimo calls this.  It runs scripts of HTML in a frame of its own, which has a
        # fixed height and does not know the theme of the page.
        try:
            return self.widget()
        except MissingPackage:
            return Html(self._repr_html_())

"""Show that each memory order of a mode is needed, by making one weaker at a time."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import lru_cache
from typing import Literal, NamedTuple, cast

from refrace._base.arguments import check_callback, check_choice, check_number
from refrace._base.interrupts import interrupted
from refrace.catalogue.mode import Mode
from refrace.catalogue.mode import mode as mode_called
from refrace.explorer.corpus import EFFORTS, corpus
from refrace.explorer.explore import MOST_SECONDS
from refrace.explorer.limits import ProofLimit
from refrace.explorer.memory import MOST_HISTORY, Memory
from refrace.explorer.model.lower import Lowered, lower
from refrace.explorer.proving import MOST_BYTES, MOST_STATES
from refrace.explorer.scenarios import scenarios_of
from refrace.explorer.session import Session, session_of, within_memory
from refrace.explorer.traced import trace
from refrace.explorer.weakening import Site, Tried, Weaker, at_once, weaker_orders
from refrace.explorer.weakening_report import WeakenedOrder, WeakeningReport
from refrace.findings import FindingKind
from refrace.programs import Program
from refrace.traces.outcome_text import in_order
from refrace.traces.trace import Trace

__all__ = ["weaken"]

Effort = Literal["small", "large"]


@within_memory()
def weaken(
    mode: str | Mode,
    effort: Effort = "small",
    *,
    max_seconds: float = 600.0,
    progress: Callable[[int, int], None] | None = None,
) -> WeakeningReport:
    """Make each memory order of a mode weaker, one at a time, to see which are needed.

    Parameters
    ----------
    mode : str or Mode
        One of :func:`refrace.modes`.
    effort : {"small", "large"}
        The corpus, as for :func:`refrace.prove`.  Default: ``"small"``.
    max_seconds : float
        Time limit in seconds, 0 to 1e9.  Default: 600.
    progress : callable, optional
        Called in the calling thread with the number of weaker orders that are decided
        and of all of them.  Default: none.

    Returns
    -------
    WeakeningReport
        For each weaker order: the smallest program that goes wrong, or that none of
        the corpus does.

    Raises
    ------
    InvalidArgumentType, UnknownMode, InvalidArgument
        If an argument has the wrong type, is unknown, or is out of range.
    LimitReached
        If there is not enough memory to start, or to make the stored states longer
        under C11.
    Interrupted
        On Ctrl-C; its `report` has what is known by then.

    Notes
    -----
    First the corpus and the scenarios of :func:`refrace.prove` are explored under C11
    with the orders as they are.  Then each access and fence that they reach is made one
    order weaker, and the programs that reach it are explored again.  A safe program
    stays safe if an order becomes stronger.  So single steps down are enough, there is
    nothing to learn from stronger orders, and several orders can be tried in one
    exploration: if it finds nothing, each of them alone does no harm either.

    "Not needed" holds for these programs and is no advice to weaken anything: a larger
    program may need the order.  Each order is judged with the others as they are, so
    two that stand in for each other are both not needed.  Therefore all orders that
    are not needed are also made weaker together (`together`).

    Examples
    --------
    >>> import refrace
    >>> report = refrace.weaken("atomic")
    >>> report.is_sufficient
    True
    """
    chosen = mode_called(mode)
    effort = cast(Effort, check_choice("effort", effort, list(EFFORTS)))
    max_seconds = check_number("max_seconds", max_seconds, low=0, high=MOST_SECONDS)
    check_callback("progress", progress)
    work = _Work(chosen, effort, max_seconds, progress)
    try:
        work.run()
        return work.report()
    except KeyboardInterrupt:
        work.limit = "interrupt"
        raise interrupted(work.report) from None


@lru_cache(maxsize=4096)
def _prepared(text: str) -> tuple[Program, Lowered]:
    """Return a program of the corpus in the core's form, which no mode changes.

    To parse it takes longer than to explore it, and all modes have the same programs.
    """
    program = Program.parse(text)
    return program, lower(program)


class _Case(NamedTuple):
    """A program in the mode, and the places of the mode that it reaches."""

    session: Session
    sites: frozenset[Site]


class _Work:
    """The state of one call.

    Most orders of a mode are needed, and some small program shows it.  The others cost
    most: every program has to be explored.  So each program is explored with all orders
    weakened that are not decided yet.  If it is safe then, it is safe with each of them
    alone, since a stronger order adds no finding.  Otherwise halves are tried, down to
    single orders.  Only a program that went wrong with several at once can still go
    wrong with all those together that turn out not to be needed.
    """

    def __init__(
        self,
        mode: Mode,
        effort: Effort,
        max_seconds: float,
        progress: Callable[[int, int], None] | None,
    ) -> None:
        self.mode = mode
        self.effort: Effort = effort
        self.progress = progress
        self.began = time.monotonic()
        self.ends = self.began + max_seconds
        self.cases: list[_Case] = []
        self.sites: dict[Site, None] = {}
        self.tried: dict[Weaker, Tried] = {}
        self.went_wrong: list[_Case] = []
        self.together: bool | None = None
        self.together_witness: Trace | None = None
        self.witness: Trace | None = None
        self.is_complete = False
        self.is_decided = False  # whether each order alone is needed
        self.limit: ProofLimit | None = None

    def run(self) -> None:
        """Explore everything as it is, then with weaker orders."""
        for text in self._programs():
            if not self._look_at(text):
                return
        self.is_complete = True
        self.tried = {
            Weaker(site, order): Tried()
            for site in sorted(self.sites)
            for order in weaker_orders(site)
        }
        for case in self.cases:
            self._report_progress()
            if not self._left():
                self.limit = "seconds"
                break
            here = [
                weaker
                for weaker, tried in self.tried.items()
                if tried.witness is None and weaker.site in case.sites
            ]
            for weaker in here:
                self.tried[weaker].programs += 1
            if here:
                self._try(case, here)
        self.is_decided = self.limit is None
        self._try_together()
        self._report_progress(is_over=True)

    def _report_progress(self, is_over: bool = False) -> None:
        if self.progress is None:
            return
        n = len(self.tried)
        needed = sum(tried.witness is not None for tried in self.tried.values())
        self.progress(n if is_over else needed, n)

    def _programs(self) -> list[str | Program]:
        programs: list[str | Program] = [
            text
            for threads, most in EFFORTS[self.effort]
            for n in range(threads, most + 1)
            for text in corpus(threads, n, "c11")
        ]
        return programs + [
            one.program
            for one in scenarios_of("c11")
            if one.why_not_in(self.mode) is None
        ]

    def _left(self) -> float:
        return max(0.0, self.ends - time.monotonic())

    def _look_at(self, program: str | Program) -> bool:
        """Explore a program with the orders as they are; False ends the work."""
        if not self._left():
            self.limit = "seconds"
            return False
        session = self._session(program)
        found = session.search(MOST_STATES, self._left(), MOST_BYTES)
        self.limit = found.limit
        if found.kinds:
            self.witness = self._trace(session)
            return False
        sites = frozenset(Site(*site) for site in session.sites())
        self.sites.update(dict.fromkeys(sites))
        self.cases.append(_Case(session, sites))
        return found.limit is None

    def _session(self, program: str | Program) -> Session:
        memory = Memory("c11", MOST_HISTORY)
        if isinstance(program, Program):
            return session_of(program, self.mode, "released", memory)
        parsed, lowered = _prepared(program)
        session = Session(parsed, self.mode, memory=memory)
        session.__dict__["lowered"] = lowered
        return session

    def _try(self, case: _Case, some: list[Weaker]) -> None:
        """Find which of some weaker orders a program shows to be needed."""
        session = case.session.under(Memory("c11", MOST_HISTORY, at_once(some)))
        found = session.search(MOST_STATES, self._left(), MOST_BYTES)
        if not found.kinds and found.limit is None:
            return
        if len(some) == 1:
            tried = self.tried[some[0]]
            if found.kinds:
                tried.witness = self._trace(session)
                tried.limit = None if tried.witness else found.limit or "seconds"
            else:
                tried.limit = tried.limit or found.limit
            return
        if case not in self.went_wrong[-1:]:
            self.went_wrong.append(case)
        half = len(some) // 2
        self._try(case, some[:half])
        self._try(case, some[half:])

    def _try_together(self) -> None:
        """Find whether all orders that are not needed can be weaker at once."""
        rest = [weaker for weaker, tried in self.tried.items() if not tried.witness]
        if len(rest) < 2 or self.limit or any(self.tried[w].limit for w in rest):
            return
        for case in self.went_wrong:
            here = [weaker for weaker in rest if weaker.site in case.sites]
            session = case.session.under(Memory("c11", MOST_HISTORY, at_once(here)))
            found = session.search(MOST_STATES, self._left(), MOST_BYTES)
            if found.kinds:
                self.together_witness = self._trace(session)
                self.together = False
                return
            if found.limit is not None:
                return
        self.together = True

    def _trace(self, session: Session) -> Trace | None:
        """Return the smallest run to a finding."""
        found = session.explore(MOST_STATES, self._left() + 1, MOST_BYTES)
        ways = found.schedules
        kinds = sorted(
            in_order(map(FindingKind, ways)),
            key=lambda kind: (ways[kind].preemptions, ways[kind].steps),
        )
        return trace(session, ways[kinds[0]].schedule, kinds[0]) if kinds else None

    def report(self) -> WeakeningReport:
        """Return what is known now."""
        undecided = None if self.is_decided else self.limit
        orders = [
            WeakenedOrder(
                file=site.file,
                line=site.line,
                text=site.text,
                order=site.order,
                weaker="none" if site.is_fence and order == "relaxed" else order,
                programs=tried.programs,
                witness=tried.witness,
                limit=None if tried.witness else tried.limit or undecided,
            )
            for (site, order), tried in self.tried.items()
        ]
        orders += [
            WeakenedOrder(
                site.file, site.line, site.text, site.order, None, 0, None, None
            )
            for site in self.sites
            if not weaker_orders(site)
        ]
        limit = self.limit or next((o.limit for o in orders if o.limit), None)
        return WeakeningReport(
            mode=self.mode.name,
            effort=self.effort,
            programs=len(self.cases),
            orders=tuple(sorted(orders, key=lambda o: (o.file, o.line, o.text))),
            is_sufficient=self.is_complete and self.witness is None,
            witness=self.witness,
            limit=limit,
            elapsed_s=time.monotonic() - self.began,
            together=self.together,
            together_witness=self.together_witness,
        )

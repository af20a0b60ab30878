"""Whether a child that makes no progress is deadlocked, hangs, or is only slow.

Wall time alone cannot tell these apart: on a busy machine, a slow program looks like
one that hangs.  What counts is what each thread waits for, and whether it runs any
Python code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from refrace.hunting.limits import GIVE_UP_S, SPIN_CPU_S, WAIT_S
from refrace.hunting.processes.thread_states import ThreadState, Wait

__all__ = ["Stall", "StallVerdict"]

_LOOK_S = 0.1
_STACKS_S = 1.0
_LEAST_STACKS = 4
_MOST_S = 120.0
# A thread that waits for the GIL asks for it every 5 ms, or every switch interval.
_POLLS_PER_S = 4.0
_IDLE_SHARE = 0.05

_INSIDE = "hunting/execution/invoke.py"
_NOISE = "hunting/execution/noise.py"
_HARNESS = "/hunting/execution/"


@dataclass(frozen=True)
class StallVerdict:
    """What a stalled child does.

    Attributes
    ----------
    kind : {"deadlock", "hang", "slow"}
        ``"slow"`` is no finding: the program is left.
    message : str
        One clause that says why.
    stacks : tuple of str
        The Python stack of each thread.
    """

    kind: Literal["deadlock", "hang", "slow"]
    message: str
    stacks: tuple[str, ...]


class Stall:
    """The observation of a child since it stopped making progress.

    Parameters
    ----------
    states : callable
        Returns the states of the threads now.
    stacks : callable
        Returns the Python stack of each thread that has one, by number.
    began : float
        Time of the last progress in seconds.
    """

    def __init__(
        self,
        states: Callable[[], Sequence[ThreadState]],
        stacks: Callable[[], Mapping[int, str]],
        began: float,
    ) -> None:
        self._states = states
        self._stacks = stacks
        self._began = began
        self._first: dict[int, ThreadState] = {}
        self._first_at = 0.0
        self._looked = self._stacked = -1e9
        self._waits_of: dict[int, Wait] = {}
        self._gil_is_wanted = False
        self._waiting_since: float | None = None
        self._waiting_from: dict[int, ThreadState] = {}
        self._last_stacks: Mapping[int, str] = {}
        self._same = 0
        self._cpu_at_same = 0.0

    def look(self, now: float) -> StallVerdict | None:
        """Look at the threads, at most ten times a second; None if nothing is known."""
        if now - self._looked < _LOOK_S:
            return None
        self._looked = now
        if now - self._stacked >= _STACKS_S:
            self._stacked = now
            self._compare(self._stacks())
        states = [self._settled(state) for state in self._states()]
        counted = self._counted(states)
        self._gil_is_wanted = any(state.wait == "timed-lock" for state in states)
        return self._waits(counted, now) or self._spins(counted, now)

    def _counted(self, states: Sequence[ThreadState]) -> list[ThreadState]:
        return [s for s in states if _counts(self._last_stacks.get(s.thread, ""))]

    def _settled(self, state: ThreadState) -> ThreadState:
        """Return the state with the last wait of a thread that runs at this moment.

        A thread that waits for the GIL runs for an instant whenever it asks again; the
        processor time that it uses tells it from a thread that works.
        """
        if state.wait != "none":
            self._waits_of[state.thread] = state.wait
        return replace(state, wait=self._waits_of.get(state.thread, "none"))

    def _compare(self, stacks: Mapping[int, str]) -> None:
        """Note whether the threads that count are where they were."""

        def counted(of: Mapping[int, str]) -> dict[int, str]:
            return {thread: text for thread, text in of.items() if _counts(text)}

        same = bool(stacks) and counted(stacks) == counted(self._last_stacks)
        self._last_stacks = stacks
        self._same = self._same + 1 if same else 0
        if not same:
            self._first = {}

    def _waits(self, counted: Sequence[ThreadState], now: float) -> StallVerdict | None:
        """Return a deadlock if all threads that count wait for nothing but locks."""
        waits = {state.wait for state in counted}
        if not counted or not waits <= {"lock", "timed-lock"} or "lock" not in waits:
            self._waiting_since = None
            return None
        if self._waiting_since is None:
            self._waiting_since = now
            self._waiting_from = {state.thread: state for state in counted}
            return None
        waited = now - self._waiting_since
        polls = "timed-lock" in waits
        if waited < (2 * WAIT_S if polls else WAIT_S) or not self._same:
            return None
        if not all(self._still_waits(state, waited) for state in counted):
            return None
        return StallVerdict("deadlock", self._deadlock_text(counted), self._texts())

    def _still_waits(self, state: ThreadState, waited: float) -> bool:
        first = self._waiting_from.get(state.thread)
        if first is None or state.cpu_s - first.cpu_s > _IDLE_SHARE * waited:
            return False
        # A long wait with a limit ends by itself; one that asks again and again is a
        # wait for the GIL.
        polls = (state.switches - first.switches) / waited
        return state.wait == "lock" or polls >= _POLLS_PER_S

    def _spins(self, counted: Sequence[ThreadState], now: float) -> StallVerdict | None:
        """Return a hang if processor time goes by without a new line of Python."""
        if not self._first:
            self._first = {state.thread: state for state in counted}
            self._first_at = now
        used = sum(
            state.cpu_s - self._first[state.thread].cpu_s
            for state in counted
            if state.thread in self._first
        )
        if self._same >= _LEAST_STACKS and used >= SPIN_CPU_S:
            return StallVerdict(
                "hang",
                f"one call used {used:.1f} s of processor time, and {self._same + 1} "
                "looks at it saw no other line of Python",
                self._texts(),
            )
        stalled = now - self._began
        busy = self._same and used > 0.02 * (now - self._first_at)
        if stalled >= _MOST_S or (stalled >= GIVE_UP_S and not busy):
            why = (
                "Python code went on running"
                if not self._same
                else "a thread waited for something outside of the process"
            )
            return StallVerdict(
                "slow", f"no round ended in {stalled:.0f} s; {why}", self._texts()
            )
        return None

    def _deadlock_text(self, counted: Sequence[ThreadState]) -> str:
        inside = [s for s in counted if _INSIDE in self._last_stacks.get(s.thread, "")]
        inside = inside or list(counted)
        for_gil = sum(state.wait == "timed-lock" for state in inside)
        for_locks = len(inside) - for_gil
        if len(inside) == 1 and self._gil_is_wanted:
            return "a thread waits for a lock, and the others for the GIL, which it has"
        if len(inside) == 1:
            return "the only thread waits for a lock that no other thread can release"
        if not for_gil:
            return f"{for_locks} threads wait for locks; none can go on"
        waits = "1 thread waits" if for_locks == 1 else f"{for_locks} threads wait"
        return f"{waits} for a lock and {for_gil} for the GIL; none can go on"

    def _texts(self) -> tuple[str, ...]:
        return tuple(text for text in self._last_stacks.values() if _counts(text))


def _counts(stack: str) -> bool:
    """Return whether a thread with this stack has to make progress.

    Noise and the thread that waits for the others need not.  A thread of the subject's
    own does: it may be what the others wait for.
    """
    if _NOISE in stack:
        return False
    return _INSIDE in stack or _HARNESS not in stack

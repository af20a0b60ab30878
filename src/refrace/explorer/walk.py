"""A walk through the states of a program: choose a thread, go back, see the chances.

It says the same as the ES module of `display.stepper`, for terminals and scripts.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from refrace._base.arguments import check_choice
from refrace.errors import InvalidArgument
from refrace.traces.schedule import branch_of, choice_of, thread_of

__all__ = ["GOALS", "Choice", "Walk", "WalkedStep"]

GOALS = ("explore", "fail", "safe")
"""What to do: look around, make the run go wrong, or keep it from going wrong."""
_DRAIN = 2
# Of an edge under C11: the message that it reads, and where the next ones come from.
_READ, _MOVED = 3, 4


class WalkedStep(NamedTuple):
    """A step that was taken.

    Attributes
    ----------
    code : int
        The choice, as in :attr:`Walk.codes`.
    before, after : int
        The numbers of the states.
    shown : dict
        What the step does, from the data of the stepper.
    preempts : bool
        Whether another thread could have gone on.
    reads : str
        Which write it reads, if it could read another one or reads an old one; else "".
    """

    code: int
    before: int
    after: int
    shown: dict[str, Any]
    preempts: bool
    reads: str = ""


class Choice(NamedTuple):
    """A possible next step: its code, its thread, what it does, where it leads.

    Under C11, `reads` says which write it reads, if it could read another one.
    """

    code: int
    thread: str
    shown: dict[str, Any]
    chances: str
    share: Fraction | None
    reads: str = ""


class Walk:
    r"""A run that is chosen step by step.

    Parameters
    ----------
    data : dict
        :attr:`Stepper.data`.
    codes : sequence of int
        The steps to begin with.

    Examples
    --------
    >>> import refrace
    >>> program = "hold T1.x = A\nhold T2.x = A\nT1: decref x\nT2: decref x"
    >>> walk = refrace.step(program, "unlocked").walk()
    >>> walk.verdict
    'From here, 4 of 6 runs go wrong.'
    >>> [(choice.thread, choice.chances) for choice in walk.choices]
    [('T1', '2 of 3 runs go wrong'), ('T2', '2 of 3 runs go wrong')]
    """

    def __init__(self, data: dict[str, Any], codes: Sequence[int] = ()) -> None:
        self.data = data
        self.codes: list[int] = []
        self.at = 0
        self._goal = "explore"
        self.go(codes)

    # ---------------------------------------------------------------- the run

    @property
    def taken(self) -> list[int]:
        """The codes of the steps up to now."""
        return self.codes[: self.at]

    def steps(self) -> list[WalkedStep]:
        """Return the steps up to now."""
        return self._walked()[0]

    def _walked(self) -> tuple[list[WalkedStep], list[int]]:
        """Return the steps, and of which step each message of the state is."""
        state, last = 0, -1
        walked: list[WalkedStep] = []
        sources: list[int] = []
        for code in self.taken:
            edges = self.data["edges"][state]
            edge = next(edge for edge in edges if edge[0] == code)
            thread, drains = thread_of(code), branch_of(code) == _DRAIN
            last_can = any(
                thread_of(e[0]) == last and branch_of(e[0]) < _DRAIN for e in edges
            )
            preempts = last_can and not drains and thread != last
            shown = self.data["steps"][edge[2]]
            reads = self._reads(edge, edges, sources)
            walked.append(WalkedStep(code, state, edge[1], shown, preempts, reads))
            state, last = edge[1], last if drains else thread
            if len(edge) > _READ:
                sources = [
                    _source(sources, place) if place else len(walked)
                    for place in self.data["moves"][edge[_MOVED]]
                ]
        return walked, sources

    def _reads(
        self, edge: list[int], edges: list[list[int]], sources: list[int]
    ) -> str:
        shown = self.data["steps"][edge[2]]
        same = [
            each
            for each in edges
            if thread_of(each[0]) == thread_of(edge[0])
            and branch_of(each[0]) == branch_of(edge[0])
        ]
        if len(edge) <= _READ or len(same) < 2:
            return ""
        if not edge[_READ]:
            newest = choice_of(edge[0]) == 0
            return "behind the newest write" if newest else "behind an older write"
        value, is_old = shown["reads"]
        source = _source(sources, edge[_READ])
        of = f"of step {source}" if source else "from the start"
        return (
            f"reads old {value} {of}" if is_old else f"reads {value} {of}, the newest"
        )

    @property
    def state(self) -> int:
        """The number of the present state."""
        walked = self.steps()
        return walked[-1].after if walked else 0

    @property
    def choices(self) -> list[Choice]:
        """The possible next steps; empty at the end of the run."""
        walked, sources = self._walked()
        edges = self.data["edges"][walked[-1].after if walked else 0]
        return [
            Choice(
                edge[0],
                self.data["threads"][thread_of(edge[0])],
                self.data["steps"][edge[2]],
                self.chances(edge[1]),
                self.share(edge[1]),
                self._reads(edge, edges, sources),
            )
            for edge in edges
        ]

    @property
    def kinds(self) -> list[str]:
        """The findings of the run, once it is over."""
        kinds: list[str] = self.data["kinds"][self.state]
        return kinds

    @property
    def is_over(self) -> bool:
        """Whether the run has ended or has a finding."""
        return not self.data["edges"][self.state] or bool(self.kinds)

    @property
    def preemptions(self) -> int:
        """The number of preemptions up to now."""
        return sum(step.preempts for step in self.steps())

    @property
    def old_values(self) -> int:
        """The number of steps up to now that chose an old write (C11)."""
        return sum(choice_of(code) > 0 for code in self.taken)

    @property
    def size(self) -> str:
        """The length of the run up to now: ``"4 steps, 1 preemption"``."""
        size = f"{_counted(self.at, 'step')}, "
        size += _counted(self.preemptions, "preemption")
        old = self.old_values
        return f"{size}, {_counted(old, 'old value')}" if old else size

    @property
    def setting(self) -> str:
        """The mode, the GIL and the memory model: ``"atomic, GIL released"``."""
        setting = f"{self.data['mode']}, GIL {self.data['gil']}"
        return f"{setting}, C11" if "memory" in self.data else setting

    # ------------------------------------------------------------- the moves

    def take(self, code: int) -> bool:
        """Take a step; return whether it is possible."""
        if code not in [choice.code for choice in self.choices]:
            return False
        if self.at == len(self.codes) or self.codes[self.at] != code:
            self.codes = [*self.taken, code]
        self.at += 1
        return True

    def back(self) -> None:
        """Undo one step."""
        self.at = max(0, self.at - 1)

    def forward(self) -> None:
        """Redo one step, or take the only one that is possible."""
        if self.at < len(self.codes):
            self.at += 1
        elif len(self.choices) == 1:
            self.take(self.choices[0].code)

    def start(self) -> None:
        """Go back to the first state."""
        self.at = 0

    def counterexample(self) -> bool:
        """Go to the smallest run with a finding; return whether there is one."""
        if self.data["shortest"] is None:
            return False
        self.go(self.data["shortest"])
        return True

    def go(self, codes: Sequence[int]) -> None:
        """Go to the state after some steps.

        Raises
        ------
        InvalidArgument
            If one of them is not possible; the walk then stays where it is.
        """
        before = self.codes, self.at
        self.codes, self.at = [], 0
        for place, code in enumerate(codes):
            if not self.take(code):
                self.codes, self.at = before
                raise InvalidArgument(
                    f"codes[{place}] is {code!r:.40}, which is no possible step there; "
                    "pass the codes of a run of this program"
                )

    # ------------------------------------------------------------ what it says

    @property
    def goal(self) -> str:
        """What to do: one of `GOALS`.  A new goal begins a new run."""
        return self._goal

    @goal.setter
    def goal(self, goal: str) -> None:
        self._goal = check_choice("goal", goal, GOALS)
        self.codes, self.at = [], 0

    def share(self, state: int) -> Fraction | None:
        """Return the share of the runs from a state that go wrong; None if unknown."""
        runs, wrong = self.data["runs"][state], self.data["wrong"][state]
        if wrong == "0":
            return Fraction(0)
        return (
            None if runs is None or wrong is None else Fraction(int(wrong), int(runs))
        )

    def chances(self, state: int) -> str:
        """Return how many runs from a state go wrong, in words."""
        runs, wrong = self.data["runs"][state], self.data["wrong"][state]
        if runs == "1":
            return "goes wrong" if wrong == "1" else "ends intact"
        if runs is not None and runs == wrong:
            return f"all {int(runs):,} runs go wrong"
        some = "infinitely many" if wrong is None else f"{int(wrong):,}"
        some = "none" if wrong == "0" else some
        whole = "infinitely many" if runs is None else f"{int(runs):,}"
        return f"{some} of {whole} runs go wrong"

    @property
    def verdict(self) -> str:
        """What is known of the present state, in a sentence."""
        if self.kinds:
            return f"This run goes wrong: {', '.join(self.kinds)}."
        if self.is_over:
            return "This run ends intact."
        if self.goal == "fail":
            return "Find a run that goes wrong."
        if self.goal == "safe":
            return "Let no run go wrong."
        only = "the only run " if self.data["runs"][self.state] == "1" else ""
        return f"From here, {only}{self.chances(self.state)}."

    @property
    def judgement(self) -> str:
        """Whether the goal was reached; "" while the run goes on."""
        if self.goal == "explore" or not self.is_over:
            return ""
        wants_failure = self.goal == "fail"
        if bool(self.kinds) == wants_failure:
            best = self.data["shortest"] if wants_failure else None
            smallest = f" The smallest such run has {len(best)} steps." if best else ""
            return f"You did it, in {self.size}.{smallest}"
        for place, step in enumerate(self.steps(), 1):
            runs, wrong = self.data["runs"][step.after], self.data["wrong"][step.after]
            is_lost = wrong is not None and wrong == runs
            if wrong == "0" if wants_failure else is_lost:
                return f"It was decided in step {place}: go back and choose again."
        return "Not this time."

    @property
    def waits(self) -> list[str]:
        """Which thread waits for what, in a deadlock."""
        waits: list[str] = self.data["waits"][self.state]
        return waits

    def variables(self) -> list[tuple[str, str, str | None]]:
        """Return the name, the value and the former value of each variable.

        The former value is None if the last step did not change it, and "" if the
        variable is new.
        """
        walked = self.steps()
        before = walked[-1].before if walked else self.state
        rows = []
        for place, name in enumerate(self.data["variables"]):
            now = self._value(self.state, place)
            old = self._value(before, place)
            if now is not None:
                rows.append((name, now, None if old == now else old or ""))
        return rows

    def _value(self, state: int, place: int) -> str | None:
        values = self.data["states"][state]
        number = values[place] if place < len(values) else -1
        return None if number < 0 else self.data["values"][number]

    def next_lines(self) -> dict[int, list[str]]:
        """Return the lines of the program that come next, with their threads."""
        lines: dict[int, list[str]] = {}
        for choice in self.choices:
            threads = lines.setdefault(choice.shown["line"] or 0, [])
            if choice.thread not in threads:
                threads.append(choice.thread)
        lines.pop(0, None)
        return lines


def _source(sources: Sequence[int], place: int) -> int:
    """Return the step that wrote a message; 0: it is from before the run."""
    return sources[place - 1] if place <= len(sources) else 0


def _counted(n: int, noun: str) -> str:
    return f"{n} {noun}{'' if n == 1 else 's'}"

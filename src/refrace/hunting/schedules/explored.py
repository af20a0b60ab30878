"""How much of the schedules was tried: figures that add up over programs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Literal

__all__ = ["ExploredSchedules", "Level"]

Level = Literal["accesses", "calls"]


@dataclass(frozen=True)
class ExploredSchedules:
    """What a hunt with schedules has tried.

    Attributes
    ----------
    programs : int
        Programs whose schedules were tried.
    complete : int
        Programs of which every schedule within the bound ran, or has the result of one
        that ran.  A thread may be preempted at every point.  This is not a proof: the
        number of preemptions is bounded, nothing is preempted inside the interpreter,
        and other programs behave differently.
    schedules : int
        Schedules that ran.
    points : int
        The most points of one run: memory accesses, locks, and calls of the C API.
    calls : int
        The most calls of the C API in one run.
    hints : int
        Pairs of accesses that nothing orders, one of them a write: data races, which
        may be harmless.  They are not findings.
    incomplete_because : tuple of (str, int)
        The reasons why other programs are incomplete, with their numbers.
    preemptions : int or None
        The bound; None for random schedules.
    level : {"accesses", "calls"}
        Where a thread can be preempted: at memory accesses, locks and calls; or only at
        calls of the C API and of libc, in an extension that was not built for it.
    """

    programs: int = 0
    complete: int = 0
    schedules: int = 0
    points: int = 0
    calls: int = 0
    hints: int = 0
    incomplete_because: tuple[tuple[str, int], ...] = ()
    preemptions: int | None = None
    level: Level = "accesses"

    @property
    def sentence(self) -> str:
        """What was tried, in one sentence."""
        points = f"{self.points:,} {'calls' if self.level == 'calls' else 'points'}"
        if not self.complete or self.preemptions is None:
            return (
                f"{self.schedules:,} schedules of {_programs(self.programs)} ran, "
                f"with at most {points} each; there are more."
            )
        if self.programs == 1:
            where = f"at the {points} of this program"
        else:
            where = f"at the points of {_programs(self.complete)}, up to {points} each,"
        unfinished = self.programs - self.complete
        rest = f" {_programs(unfinished)} had more." if unfinished else ""
        s = "" if self.preemptions == 1 else "s"
        return (
            f"Every schedule with at most {self.preemptions} preemption{s} {where} was "
            f"tried, up to the order of steps that do not depend on each other.{rest}"
        )

    def plus(self, other: ExploredSchedules) -> ExploredSchedules:
        """Return the figures of both."""
        reasons = Counter(dict(self.incomplete_because))
        reasons.update(dict(other.incomplete_because))
        return ExploredSchedules(
            self.programs + other.programs,
            self.complete + other.complete,
            self.schedules + other.schedules,
            max(self.points, other.points),
            max(self.calls, other.calls),
            self.hints + other.hints,
            tuple(sorted(reasons.items())),
            self.preemptions,
            self.level,
        )


def _programs(number: int) -> str:
    return "1 program" if number == 1 else f"{number:,} programs"

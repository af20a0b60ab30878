"""What became of threads that took two locks each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal, NamedTuple

from refrace.display.blocks import Block, Paragraph, Table
from refrace.display.report import Report
from refrace.environment import Environment
from refrace.findings import Finding, FindingKind

__all__ = ["DeadlockReport", "WaitEdge"]


class WaitEdge(NamedTuple):
    """One thread of a deadlock.

    Threads and objects are numbered from 0; the lock of an object has its number.
    """

    thread: int
    """The thread that waits."""
    holds: int
    """The object whose lock it holds, for which the thread before it waits."""
    waits_for: int
    """The object whose lock it waits for, which the next thread holds."""


@dataclass(frozen=True, slots=True)
class DeadlockReport(Report):
    """Outcome of :func:`refrace.deadlock`.

    Attributes
    ----------
    order : {"opposite", "same"}
        Whether each thread took the lock of its own object first, or all took the
        lower object's first.
    lock : {"object", "global"}
        Whether each object had a lock of its own, or one lock stood for all.
    threads : int
        Threads that took locks, and objects.
    timeout_s : float
        Seconds after which all waits were to be given up.
    cycle : tuple of WaitEdge
        The deadlock: each thread waits for what the next one holds, and the last for
        what the first holds.  It begins with the victim.  Empty if there was none.
    finished : int
        Threads that had both locks.
    waits : int
        How often a thread had to wait for a lock, the victim's refused wait included.
    timed_out : bool
        Whether the timeout was reached.
    elapsed_s : float
        Seconds from the making of the locks to the last thread's end.
    environment : Environment
        Where it ran.

    Notes
    -----
    A deadlock that is reported happened.  That none happened is a fact about this run;
    that none can, for ``order="same"`` and ``lock="global"``, follows from the order of
    the locks, not from the run.
    """

    format_name: ClassVar[str] = "refrace/deadlock"

    order: Literal["opposite", "same"]
    lock: Literal["object", "global"]
    threads: int
    timeout_s: float
    cycle: tuple[WaitEdge, ...]
    finished: int
    waits: int
    timed_out: bool
    elapsed_s: float
    environment: Environment

    def _misfit(self) -> str | None:
        if len(self.cycle) == 1:
            return "a cycle has two threads or more, or there is none"
        if self.finished > self.threads:
            return "more threads finished than there were"
        return None

    @property
    def deadlocked(self) -> bool:
        """Whether threads waited for one another in a cycle."""
        return bool(self.cycle)

    @property
    def victim(self) -> int | None:
        """The thread whose wait was refused to undo the deadlock; None without one."""
        return self.cycle[0].thread if self.cycle else None

    @property
    def conclusive(self) -> bool:
        """Whether a deadlock was seen, or all threads finished without one."""
        return self.inconclusive_because is None

    def _missing(self) -> str | None:
        if self.finished == self.threads:
            return None
        return (
            f"{self.finished} of {self.threads} threads finished, which says nothing "
            "about deadlocks; allow a longer timeout, or fewer threads"
        )

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The deadlock, if there was one."""
        if not self.deadlocked:
            return ()
        first = self.cycle[0]
        message = (
            f"{len(self.cycle)} threads wait for one another: thread {first.thread} "
            f"holds object {first.holds} and waits for object {first.waits_for}, which "
            f"{self._others()}"
        )
        return (Finding(FindingKind.DEADLOCK, None, message),)

    def _others(self) -> str:
        if len(self.cycle) == 2:
            other = self.cycle[1]
            return f"thread {other.thread} holds, waiting for object {other.waits_for}"
        return f"thread {self.cycle[1].thread} holds, and so on around"

    @property
    def answer(self) -> str:
        """The result in one sentence."""
        name = f"{self.order} order, {self._locks()}"
        if self.deadlocked:
            return f"{name}: deadlock, {len(self.cycle)} threads wait for one another."
        if self.conclusive:
            all_of_them = "both" if self.threads == 2 else f"all {self.threads}"
            return f"{name}: no deadlock, {all_of_them} threads finished."
        why = (
            f"the timeout of {self.timeout_s:g} s was reached"
            if self.timed_out
            else "it was stopped early"
        )
        return (
            f"{name}: undecided, {why} with {self.finished} of {self.threads} "
            "threads finished."
        )

    def _locks(self) -> str:
        return "one global lock" if self.lock == "global" else "a lock per object"

    def _story(self) -> str:
        last = self.threads - 1
        if self.order == "opposite":
            turn = f"thread {last} object {last} and then object 0"
        else:
            turn = f"thread {last} too the lower first: object 0 and then {last}"
        whose = "its one lock" if self.lock == "global" else "its first lock"
        return (
            f"Thread 0 locks object 0 and then object 1, and so on; {turn}.  In "
            f"between, each waits until every other thread has {whose} or is blocked "
            "at it."
        )

    def _meaning(self) -> str:
        if self.deadlocked:
            return (
                f"Seen when the wait of thread {self.victim} closed the cycle, and "
                "undone: that wait was refused, the thread released what it held, and "
                f"{self.finished} of {self.threads} threads finished."
            )
        if not self.conclusive:
            return self._reason()
        if self.lock == "global":
            return (
                "With one lock there is no second one to wait for: whoever has it "
                "takes it again at once.  No run can deadlock."
            )
        return (
            "Where all take locks in one order, whoever has the highest lock waits for "
            "nobody.  No run can deadlock."
        )

    def body(self) -> list[Block]:
        """Return the setting, who held and waited, and how it ended."""
        blocks: list[Block] = [Paragraph(self._story())]
        if self.deadlocked:
            after = (*self.cycle[1:], self.cycle[0])
            rows = [
                (
                    f"thread {edge.thread}",
                    f"object {edge.holds}",
                    f"object {edge.waits_for}",
                    f"thread {next_edge.thread}",
                )
                for edge, next_edge in zip(self.cycle, after, strict=True)
            ]
            header = ("", "holds", "waits for", "held by")
            blocks.append(Table(header, rows, align="<<<<"))
        numbers = [
            ("threads finished", f"{self.finished}", f"of {self.threads}"),
            ("waits for a lock", f"{self.waits}", ""),
            ("elapsed", f"{self.elapsed_s * 1e3:.2f} ms", f"of {self.timeout_s:g} s"),
        ]
        blocks.append(Table(("", "", ""), numbers, align="<><"))
        blocks.append(Paragraph(self._meaning()))
        blocks.append(Paragraph(f"{self.environment}."))
        return blocks

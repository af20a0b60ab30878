"""The result of threads that took two locks each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal, NamedTuple

from refrace.display.blocks import Block, Illustration, Paragraph, Table
from refrace.display.pictures.picture import Picture
from refrace.display.pictures.ring import ring_picture
from refrace.display.report import Report
from refrace.environment import Environment
from refrace.findings import Finding, FindingKind, Findings

__all__ = ["DeadlockReport", "WaitEdge"]


class WaitEdge(NamedTuple):
    """One thread of a deadlock.

    Threads and objects are numbered from 0; the lock of an object has its number.
    """

    thread: int
    """The thread that waits."""
    holds: int
    """The object whose lock it holds; the previous thread waits for it."""
    waits_for: int
    """The object whose lock it waits for; the next thread holds it."""


@dataclass(frozen=True, slots=True)
class DeadlockReport(Report):
    """Outcome of :func:`refrace.deadlock`.

    Attributes
    ----------
    order : {"opposite", "same"}
        Whether each thread took the lock of its own object first, or each took the
        lower object's lock first.
    lock : {"object", "global"}
        Whether each object had its own lock, or all shared one lock.
    threads : int
        Number of threads, and of objects.
    timeout_s : float
        Time limit of all waits in seconds.
    cycle : tuple of WaitEdge
        The deadlock: each thread waits for the next thread's lock, and the last one for
        the first thread's lock.  It begins with the victim.  Empty without a deadlock.
    finished : int
        Threads that got both locks.
    waits : int
        Number of waits for a lock, including the victim's refused wait.
    timed_out : bool
        Whether the timeout was reached.
    elapsed_s : float
        Seconds from the creation of the locks to the end of the last thread.
    environment : Environment
        Where it ran.

    Notes
    -----
    A reported deadlock did happen.  The absence of a deadlock is a fact about this run;
    that none is possible with ``order="same"`` or ``lock="global"`` follows from the
    order of the locks, not from the run.
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
            return "a cycle has two or more threads, or is empty"
        if self.finished > self.threads:
            return "more threads finished than there were"
        return None

    @property
    def deadlocked(self) -> bool:
        """Whether threads waited for each other in a cycle."""
        return bool(self.cycle)

    @property
    def victim(self) -> int | None:
        """The thread whose wait was refused to resolve the deadlock; None if none."""
        return self.cycle[0].thread if self.cycle else None

    @property
    def conclusive(self) -> bool:
        """Whether a deadlock was detected, or all threads finished without one."""
        return self.inconclusive_because is None

    def _missing(self) -> str | None:
        if self.finished == self.threads:
            return None
        return (
            f"{self.finished} of {self.threads} threads finished, which neither shows "
            "nor excludes a deadlock; allow a longer timeout, or fewer threads"
        )

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The deadlock, if there was one."""
        if not self.deadlocked:
            return ()
        first = self.cycle[0]
        message = (
            f"{len(self.cycle)} threads wait for each other: thread {first.thread} "
            f"holds object {first.holds} and waits for object {first.waits_for}, which "
            f"{self._others()}"
        )
        return Findings([Finding(FindingKind.DEADLOCK, None, message)])

    def _others(self) -> str:
        if len(self.cycle) == 2:
            other = self.cycle[1]
            return f"thread {other.thread} holds, waiting for object {other.waits_for}"
        return f"thread {self.cycle[1].thread} holds, and so on around the ring"

    @property
    def answer(self) -> str:
        """The result in one sentence."""
        name = f"{self.order} order, {self._locks()}"
        if self.deadlocked:
            return f"{name}: deadlock, {len(self.cycle)} threads wait for each other."
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
            turn = f"thread {last} locks object {last} and then object 0"
        else:
            turn = f"thread {last} also locks the lower first: 0 and then {last}"
        whose = "the one lock" if self.lock == "global" else "its first lock"
        return (
            f"Thread 0 locks object 0 and then object 1, and so on; {turn}.  In "
            f"between, each waits until every other thread has {whose} or is blocked "
            "on it."
        )

    def _meaning(self) -> str:
        if self.deadlocked:
            return (
                f"Detected when the wait of thread {self.victim} closed the cycle, and "
                "resolved: that wait was refused, the thread released its lock, and "
                f"{self.finished} of {self.threads} threads finished."
            )
        if not self.conclusive:
            return self._reason()
        if self.lock == "global":
            return (
                "With one lock there is no second one to wait for: the thread that has "
                "it takes it again at once.  No run can deadlock."
            )
        return (
            "All threads take locks in the same order, so the thread with the highest "
            "lock never waits.  No run can deadlock."
        )

    def _picture(self) -> Picture:
        edges = [
            (
                f"thread {edge.thread}",
                f"lock {edge.holds}",
                f"lock {edge.waits_for}",
            )
            for edge in self.cycle
        ]
        title = f"Locks in {self.order} order, {self._locks()}"
        return ring_picture(title, self.answer, edges, is_bad=self.deadlocked)

    def body(self) -> list[Block]:
        """Return the setting, the locks held and waited for, and the outcome."""
        blocks: list[Block] = [Paragraph(self._story())]
        if self.deadlocked:
            blocks.append(Illustration(self._picture()))
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

"""The chapters of the story: each measures what it claims."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cached_property, partial
from typing import TypeVar

from refrace._experiments import (
    count_a_real_object,
    drop_elsewhere,
    drop_of_a_sleeper,
)
from refrace.environment import gil_is_enabled
from refrace.reports.comparison import Comparison, ComparisonRow
from refrace.reports.parallelism import Verdict
from refrace.reports.race import RaceReport
from refrace.reports.story import Chapter, Measured
from refrace.verbs.append import lost_append
from refrace.verbs.compare import compare
from refrace.verbs.deadlock import deadlock
from refrace.verbs.explain import explain_refcount
from refrace.verbs.parallelism import parallelism
from refrace.verbs.race import race

__all__ = ["Teller"]

Result = TypeVar("Result")

# For how many seconds something is measured again until it shows what it is to show:
# on a busy machine two threads may not meet.  The whole story takes less than 30.
PATIENCE_S = 2.5
OBJECTS = 1000
HOLD = 256
ROUNDS = 41
MODES = ("unlocked", "object_lock", "global_lock", "atomic", "biased")

# What the story claims of each workload, and the verdict that bears it out.
WITH_GIL: dict[str, tuple[str, Verdict]] = {
    "pure_python": ("Python code runs on one core", "serial"),
    "sleep": ("waiting needs neither core nor GIL", "waiting"),
    "hashing": ("hashing runs outside the GIL", "parallel"),
    "compression": ("compression runs outside the GIL", "parallel"),
    "numpy": ("NumPy crunches numbers outside the GIL", "parallel"),
    "c_loop": ("a C loop that releases the GIL uses all cores", "parallel"),
    "c_loop_held": ("a C loop that keeps the GIL uses one", "serial"),
}
WITHOUT_GIL: dict[str, tuple[str, Verdict]] = {
    "pure_python": ("Python code runs on all cores", "parallel"),
    "sleep": ("waiting needs no core", "waiting"),
    "hashing": ("hashing runs on all cores", "parallel"),
    "compression": ("compression runs on all cores", "parallel"),
    "numpy": ("NumPy crunches numbers on all cores", "parallel"),
    "c_loop": ("a C loop runs on all cores", "parallel"),
}


class Teller:
    """One telling; what several chapters need is measured once."""

    @property
    def chapters(self) -> tuple[Callable[[], Chapter], ...]:
        safe = self.gil_makes_it_safe if gil_is_enabled() else self.real_counts_are_safe
        return (
            self.objects_count_references,
            self.two_threads_lose_counts,
            safe,
            self.a_lock_per_object,
            self.two_locks_can_deadlock,
            self.one_global_lock,
            self.an_append_is_lost,
            self.outside_the_gil,
            self.free_threaded_cpython,
        )

    @cached_property
    def comparison(self) -> Comparison:
        return _until(
            lambda comparison: comparison.is_conclusive,
            partial(compare, MODES, threads=(1, 2), rounds=ROUNDS),
        )

    def ratio(self, mode: str, threads: int, objects: str) -> str:
        return f"{self.row(mode, threads, objects).ratio.median:.1f}x"

    def row(self, mode: str, threads: int, objects: str) -> ComparisonRow:
        wanted = (mode, threads, objects)
        return next(
            row
            for row in self.comparison.rows
            if (row.mode, row.threads, row.objects) == wanted
        )

    # ---- the chapters

    def objects_count_references(self) -> Chapter:
        a: list[int] = []
        b = a
        explanation = explain_refcount(b)
        return Chapter(
            "Every Python object counts its references",
            (
                "When the count reaches zero the object is freed. `a = []; b = a`: "
                "this is what the list's count is made of.",
            ),
            (
                Measured(
                    "an object counts its references",
                    explanation.answer,
                    is_shown=True,
                ),
            ),
        )

    def two_threads_lose_counts(self) -> Chapter:
        report = _until(
            lambda report: report.leaked > 0 and report.freed_early > 0,
            partial(race, "unlocked", objects=OBJECTS, hold=HOLD),
        )
        return Chapter(
            "Two threads that count without a lock lose counts",
            (
                "`count++` is a load and a store. Both threads load 5, both store 6: "
                "one increment is lost, and the object is freed while someone still "
                "points to it. A lost decrement is the mirror image: it leaks.",
            ),
            (
                _seen(
                    report,
                    "a lost decrement leaks",
                    report.leaked,
                    f"{report.leaked:,} of {report.objects:,} objects never freed",
                ),
                _seen(
                    report,
                    "a lost increment leaves a dangling pointer",
                    report.freed_early,
                    f"{report.freed_early:,} freed early, then used "
                    f"{report.dangling_uses:,} times",
                ),
            ),
        )

    def gil_makes_it_safe(self) -> Chapter:
        report = race("unlocked", objects=OBJECTS, hold=HOLD, gil="held")
        return Chapter(
            "This is why CPython has a GIL: the same code, made safe",
            (
                "The very same C loop, but each thread holds the global interpreter "
                "lock while it counts. Nobody can come between load and store.",
            ),
            (
                Measured(
                    "unlocked counts are safe under the GIL",
                    f"{report.intact:,} of {report.objects:,} intact, threads inside "
                    f"together {report.overlap:.0%} of the time",
                    report.intact == report.objects,
                ),
            ),
        )

    def real_counts_are_safe(self) -> Chapter:
        before, after, taken = count_a_real_object()
        return Chapter(
            "This interpreter has no GIL to hold: its counts are safe by themselves",
            (
                "There is no GIL here that could make the loop of the last chapter "
                "safe. Python's own objects do not need one: two threads took and "
                "dropped references to one list.",
            ),
            (
                Measured(
                    "CPython's own counts are exact without a GIL",
                    f"{before} before and {after} after {taken:,} references",
                    before == after,
                ),
            ),
        )

    def a_lock_per_object(self) -> Chapter:
        report = _until(
            lambda report: report.is_conclusive,
            partial(race, "object_lock", objects=OBJECTS, hold=HOLD),
        )
        return Chapter(
            "A lock for each object works, and costs",
            (
                "Load and store under the object's own lock: nothing is lost. But "
                "every count now takes and gives back a lock, and two threads at one "
                "object queue for it.",
            ),
            (
                Measured(
                    "a lock per object counts correctly",
                    f"{report.intact:,} of {report.objects:,} intact, threads inside "
                    f"together {report.overlap:.0%} of the time",
                    report.intact == report.objects and report.is_conclusive,
                ),
                Measured(
                    "a lock per object costs",
                    f"{self.ratio('object_lock', 1, 'private')} alone, "
                    f"{self.ratio('object_lock', 2, 'shared')} with two threads at "
                    "one object",
                    self.row("object_lock", 2, "shared").is_conclusive,
                ),
            ),
        )

    def two_locks_can_deadlock(self) -> Chapter:
        opposite = deadlock("opposite")
        same = deadlock("same")
        return Chapter(
            "Two such locks, taken in opposite order, deadlock",
            (
                "Whoever needs two objects at once needs two locks. Each thread takes "
                "its own object's lock and then wants the other's. (The deadlock is "
                "detected and undone.)",
            ),
            (
                Measured(
                    "locks taken in opposite order deadlock",
                    "; ".join(
                        f"thread {edge.thread} holds lock {edge.holds} and waits for "
                        f"{edge.waits_for}"
                        for edge in opposite.cycle
                    )
                    or "no deadlock was seen",
                    opposite.deadlocked,
                ),
                Measured(
                    "locks taken in the same order do not",
                    f"{same.finished} of {same.threads} threads finished",
                    not same.deadlocked and same.is_conclusive,
                ),
            ),
        )

    def one_global_lock(self) -> Chapter:
        one = deadlock("opposite", lock="global")
        row = self.row("global_lock", 2, "private")
        per_object = self.row("object_lock", 2, "private")
        return Chapter(
            "One lock for all objects cannot deadlock, but gives one core",
            (
                "With a single lock there is nothing to take in the wrong order. But "
                "now threads that share no object at all wait for one another.",
            ),
            (
                Measured(
                    "one global lock cannot deadlock",
                    f"{one.finished} of {one.threads} threads finished",
                    not one.deadlocked and one.is_conclusive,
                ),
                Measured(
                    "one global lock gives one core",
                    f"two threads on private objects do {row.scaling.median:.2f} times "
                    "the work of one (with a lock per object "
                    f"{per_object.scaling.median:.2f} times)",
                    row.is_conclusive and row.scaling.median < 1.2,
                ),
            ),
        )

    def an_append_is_lost(self) -> Chapter:
        lost = _until(lambda report: report.lost > 0, lost_append)
        locked = lost_append(locked=True)
        held = (
            "each step runs with the GIL held, but between two steps the interpreter "
            "may hand it over"
            if lost.gil == "held"
            else "there is no GIL here, and it would not help: between two steps "
            "another thread can come in"
        )
        return Chapter(
            "A GIL keeps counts right, not your data",
            (
                "An append in three steps: read the index, store the item, publish the "
                f"length; {held}.",
            ),
            (
                Measured(
                    "an append is lost"
                    + (" although the GIL is held" if lost.gil == "held" else ""),
                    f"{lost.lost:,} of {lost.appends:,} items lost",
                    lost.lost > 0,
                ),
                Measured(
                    "a lock around the three steps loses none",
                    f"{locked.lost:,} of {locked.appends:,} items lost",
                    locked.lost == 0,
                ),
            ),
        )

    def outside_the_gil(self) -> Chapter:
        report = _until(lambda report: report.is_conclusive, parallelism)
        cores = report.environment.cores
        claims = WITH_GIL if gil_is_enabled() else WITHOUT_GIL
        return Chapter(
            "Waiting and number crunching run outside the GIL"
            if gil_is_enabled()
            else "Without a GIL, Python code runs side by side as well",
            (
                f"{report.threads} threads against one, each doing the same work: how "
                "many cores did they use?",
            ),
            tuple(
                Measured(
                    claims[row.workload][0],
                    f"{row.cores_used.median:.2f} of {cores} cores used",
                    row.verdict(cores) == claims[row.workload][1],
                )
                for row in report.rows
                if row.skipped is None and row.workload in claims
            ),
        )

    def free_threaded_cpython(self) -> Chapter:
        shared = self.row("atomic", 2, "shared")
        private = self.row("atomic", 2, "private")
        owner, biased = (self.row("biased", n, "private") for n in (1, 2))
        atomic = self.row("atomic", 1, "private")
        outlived, lives_on = drop_elsewhere("biased")
        waits = drop_of_a_sleeper("biased")
        goes = not drop_of_a_sleeper("biased_suspend")
        return Chapter(
            "What free-threaded CPython does instead",
            (
                "No lock: atomic operations. They are exact and scale on private "
                "objects, but cost even there, and much more where threads share. So "
                "CPython's free-threaded build biases them (PEP 703): the thread that "
                "made an object counts in a field of its own, without atomics; only "
                "the others pay, and what they drop last waits until its owner comes "
                "by, or, in CPython's main since gh-157838, is merged by whoever drops "
                "it where the owner sleeps. Immortal objects (None, small ints) are "
                "not counted at all.",
            ),
            (
                Measured(
                    "atomic counts need no lock",
                    f"{shared.corrupted + private.corrupted} of "
                    f"{shared.settled + private.settled} objects corrupted",
                    shared.corrupted + private.corrupted == 0 and shared.is_conclusive,
                ),
                Measured(
                    "atomic counts cost, shared ones most",
                    f"{private.ratio.median:.1f}x on private objects (two threads do "
                    f"{private.scaling.median:.2f} times the work of one), "
                    f"{shared.ratio.median:.1f}x on shared ones",
                    shared.is_conclusive and private.is_conclusive,
                ),
                Measured(
                    "biased counts are exact too, and cheap for the owner",
                    f"{biased.corrupted} of {biased.settled} objects corrupted; "
                    f"{owner.ratio.median:.1f}x where atomic ones cost "
                    f"{atomic.ratio.median:.1f}x",
                    biased.corrupted == 0
                    and owner.ratio.median < atomic.ratio.median
                    and owner.is_conclusive,
                ),
                Measured(
                    "what others drop last waits for its owner",
                    "alive until its owner's next quiescent point, then freed"
                    if outlived and not lives_on
                    else "freed at once",
                    outlived and not lives_on,
                ),
                Measured(
                    "an owner that sleeps need not hold it up",
                    "alive in biased while its owner slept, freed in biased_suspend"
                    if waits and goes
                    else "the same in biased and in biased_suspend",
                    waits and goes,
                ),
            ),
        )


def _until(
    is_telling: Callable[[Result], bool], measure: Callable[[], Result]
) -> Result:
    """Measure until the result tells what it is to tell, or patience is at its end."""
    began = time.monotonic()
    result = measure()
    while not is_telling(result) and time.monotonic() - began < PATIENCE_S:
        result = measure()
    return result


def _seen(report: RaceReport, claim: str, times: int, figure: str) -> Measured:
    """Return a claim that a race shows by having something happen `times` times."""
    if times:
        return Measured(claim, figure, is_shown=True)
    return Measured(
        claim,
        f"did not happen; threads were together {report.overlap:.1%} of the time",
        is_shown=False,
    )

"""Chapters on locks: one per object, two in opposite order, one for all objects."""

from __future__ import annotations

from functools import partial

from refrace.lessons.deadlock import deadlock
from refrace.story.chapters.measures import Measures, intact_in, race_in, until
from refrace.story.story_report import Chapter, Measured

__all__ = ["a_lock_per_object", "one_global_lock", "two_locks_can_deadlock"]


def a_lock_per_object(measures: Measures) -> Chapter:
    """Show that one lock for each object is safe, and its cost."""
    report = until(
        lambda report: report.conclusive,
        partial(race_in, "object_lock"),
    )
    return Chapter(
        "A lock for each object works, but is slow",
        (
            "With load and store under the object's own lock, nothing is lost. But "
            "every operation now takes and releases a lock, and two threads that "
            "count one object queue for it.",
        ),
        (
            Measured(
                "a lock per object counts correctly",
                intact_in(report),
                report.intact == report.objects and report.conclusive,
            ),
            Measured(
                "a lock per object is slow",
                f"{measures.ratio('object_lock', 1, 'private')} on one thread, "
                f"{measures.ratio('object_lock', 2, 'shared')} with two threads on "
                "one object",
                measures.row("object_lock", 2, "shared").conclusive,
            ),
        ),
    )


def two_locks_can_deadlock(_measures: Measures) -> Chapter:
    """Show that two such locks can deadlock."""
    opposite = deadlock("opposite")
    same = deadlock("same")
    return Chapter(
        "Two such locks, taken in opposite order, deadlock",
        (
            "A thread that needs two objects at once needs two locks. Each thread "
            "takes its own object's lock and then requests the other's. (The "
            "deadlock is detected and resolved.)",
        ),
        (
            Measured(
                "locks taken in opposite order deadlock",
                "; ".join(
                    f"thread {edge.thread} holds lock {edge.holds} and waits for "
                    f"{edge.waits_for}"
                    for edge in opposite.cycle
                )
                or "no deadlock was detected",
                opposite.deadlocked,
            ),
            Measured(
                "locks taken in the same order do not",
                f"{same.finished} of {same.threads} threads finished",
                not same.deadlocked and same.conclusive,
            ),
        ),
    )


def one_global_lock(measures: Measures) -> Chapter:
    """Show that one lock for all objects uses one core."""
    one = deadlock("opposite", lock="global")
    row = measures.row("global_lock", 2, "private")
    per_object = measures.row("object_lock", 2, "private")
    return Chapter(
        "One lock for all objects cannot deadlock, but uses one core",
        (
            "With a single lock there is no wrong order. But now even threads that "
            "share no objects wait for each other.",
        ),
        (
            Measured(
                "one global lock cannot deadlock",
                f"{one.finished} of {one.threads} threads finished",
                not one.deadlocked and one.conclusive,
            ),
            Measured(
                "one global lock uses one core",
                f"two threads on private objects do {row.scaling.median:.2f} times "
                "the work of one (with a lock per object "
                f"{per_object.scaling.median:.2f} times)",
                row.conclusive and row.scaling.median < 1.2,
            ),
        ),
    )

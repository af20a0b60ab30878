"""Chapters on reference counts, lost updates, and the reason for the GIL."""

from __future__ import annotations

from refrace.catalogue.interpreter_mode import INTERPRETER
from refrace.lessons.explain_refcount import explain_refcount
from refrace.story.chapters.measures import (
    Measures,
    intact_in,
    race_in,
    race_to_show,
    seen,
)
from refrace.story.experiments import count_a_real_object
from refrace.story.story_report import Chapter, Measured

__all__ = [
    "gil_makes_it_safe",
    "objects_count_references",
    "real_counts_are_safe",
    "two_threads_lose_counts",
]


def objects_count_references(_measures: Measures) -> Chapter:
    """Show that a real object is freed when its count reaches zero."""
    a: list[int] = []
    b = a
    explanation = explain_refcount(b)
    return Chapter(
        "Every Python object counts its references",
        (
            "When the count reaches zero, the object is freed. These are the "
            "references to the list after `a = []; b = a`.",
        ),
        (
            Measured(
                "an object counts its references",
                explanation.answer,
                is_shown=True,
            ),
        ),
    )


def two_threads_lose_counts(_measures: Measures) -> Chapter:
    """Show that unlocked counting loses updates."""
    report = race_to_show(
        lambda report: report.leaked > 0 and report.freed_early > 0, "unlocked"
    )
    return Chapter(
        "Two threads that count without a lock lose updates",
        (
            "`count++` is a load and a store. Both threads load 5 and both store 6: "
            "one increment is lost, and the object is freed while a reference still "
            "exists. If a decrement is lost, the object leaks.",
        ),
        (
            seen(
                report,
                "a lost decrement leaks",
                report.leaked,
                f"{report.leaked:,} of {report.objects:,} objects never freed",
            ),
            seen(
                report,
                "a lost increment leaves a dangling pointer",
                report.freed_early,
                f"{report.freed_early:,} freed early, then used "
                f"{report.dangling_uses:,} times",
            ),
        ),
    )


def gil_makes_it_safe(_measures: Measures) -> Chapter:
    """Show that the same code under the GIL loses nothing."""
    report = race_in("unlocked", gil="held")
    without = race_to_show(lambda report: report.corrupted > 0, INTERPRETER)
    held = race_in(INTERPRETER, gil="held")
    return Chapter(
        "This is why CPython has a GIL: the same code, made safe",
        (
            "The same C loop, but each thread holds the global interpreter lock "
            "while it counts. No other thread can run between load and store. "
            "`Py_INCREF` and `Py_DECREF` of the Python that runs here need it too: "
            "without the lock, they lose counts like the loop.",
        ),
        (
            Measured(
                "unlocked counts are safe under the GIL",
                f"{report.intact:,} of {report.objects:,} intact, threads "
                f"overlapped {report.overlap:.0%} of the time",
                report.intact == report.objects,
            ),
            seen(
                without,
                "this interpreter's own counts are wrong without the GIL",
                without.corrupted,
                f"{without.corrupted:,} of {without.objects:,} objects corrupted",
            ),
            Measured(
                "this interpreter's own counts are right with the GIL",
                f"{held.intact:,} of {held.objects:,} intact",
                held.intact == held.objects,
            ),
        ),
    )


def real_counts_are_safe(_measures: Measures) -> Chapter:
    """Show that the counts of an interpreter without a GIL are exact."""
    before, after, taken = count_a_real_object()
    raced = race_in(INTERPRETER)
    return Chapter(
        "This interpreter has no GIL: its counts are safe without one",
        (
            "There is no GIL here to make the loop of the last chapter safe. "
            "Python's own objects do not need one: two threads took and dropped "
            "references to one list. In the C loop, too, `Py_INCREF` and `Py_DECREF` "
            "lose nothing.",
        ),
        (
            Measured(
                "CPython's own counts are exact without a GIL",
                f"{before} before and {after} after {taken:,} references",
                before == after,
            ),
            Measured(
                "so they are in the C loop",
                intact_in(raced),
                raced.corrupted == 0 and raced.conclusive,
            ),
        ),
    )

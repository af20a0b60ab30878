"""The chapter on hunting: the same bugs in real objects, in a planted extension."""

from __future__ import annotations

from importlib.util import find_spec

from refrace._native.planted import Planted
from refrace.canaries.harness import hold, new, quiesce, record, release
from refrace.canaries.spec import CanarySpec
from refrace.errors import RefraceError
from refrace.hunting.hunt import hunt
from refrace.hunting.hunt_report import HuntReport
from refrace.story.chapters.measures import Measures
from refrace.story.story_report import Chapter, Measured

__all__ = ["a_hunt_finds_bugs_in_extensions"]

HUNTS_FOR_S = (1.0, 4.0)
"""Time limits of a hunt, the second if the machine was too busy for the first."""
NEEDED = ("hypothesis", "cloudpickle")


def a_hunt_finds_bugs_in_extensions(_measures: Measures) -> Chapter:
    """Show that a hunt finds the planted bugs of an extension, and no others."""
    words: tuple[str, ...] = (
        "Real extensions count with Py_INCREF and Py_DECREF, and a forgotten or a "
        "surplus one corrupts objects even on one thread. refrace passes canaries to "
        "them: real Python objects that record every reference and their own death. "
        "Here they go to a small extension of refrace with planted bugs.",
    )
    measured = [_dropped_twice(), _never_dropped()]
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        hint = (
            "`refrace hunt` calls your extension with canaries by itself; it needs "
            f"{' and '.join(missing)} (the extra `hunt`)."
        )
        words = (*words, hint)
    else:
        measured += [_hunted("Drop"), _hunted("Correct")]
    return Chapter("A hunt finds such bugs in extensions", words, tuple(measured))


def _dropped_twice() -> Measured:
    canary = new(CanarySpec())
    number = hold(canary)
    Planted(True).drop(canary)
    del canary
    quiesce()
    died = record(number).deaths > 0
    release(number)
    return Measured(
        "a reference that is dropped twice shows on a canary",
        "it died although one reference to it was held"
        if died
        else "it lived as long as one reference to it was held",
        died,
    )


def _never_dropped() -> Measured:
    canary = new(CanarySpec())
    number = hold(canary)
    Planted(True).leak(canary)
    del canary
    release(number)
    quiesce()
    seen = record(number)
    lives = seen.state == "live"
    return Measured(
        "a reference that is never dropped shows on a canary",
        f"alive, with a count of {seen.count}, after everything let go of it"
        if lives
        else "it died with the last reference to it",
        lives,
    )


def _hunted(name: str) -> Measured:
    """Hunt in one subject of `refrace.hunting.planted`."""
    is_correct = name == "Correct"
    claim = (
        "a hunt finds nothing in the fixed code"
        if is_correct
        else "a hunt finds a reference that is dropped twice"
    )
    try:
        report = _hunt(name)
    except RefraceError as error:
        return Measured(claim, str(error), is_shown=False)
    kinds = ", ".join(dict.fromkeys(str(one.kind) for one in report.findings))
    programs = f"{report.programs:,} programs, {report.rounds:,} rounds"
    is_shown = bool(report.programs) and (not kinds if is_correct else bool(kinds))
    return Measured(claim, f"{kinds or 'nothing'} in {programs}", is_shown)


def _hunt(name: str) -> HuntReport:
    from refrace.hunting import planted

    for seconds in HUNTS_FOR_S:
        report = hunt(
            getattr(planted, name), threads=1, seconds=seconds, seed=1, store=False
        )
        if report.judgement != "inconclusive":
            break
    return report

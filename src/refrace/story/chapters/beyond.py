"""Chapters on the limits of a GIL, on work outside it, and on its replacement."""

from __future__ import annotations

from refrace.environment import gil_is_enabled
from refrace.lessons.append import lost_append
from refrace.lessons.parallelism import parallelism
from refrace.lessons.parallelism_report import ParallelismReport
from refrace.lessons.parallelism_row import ParallelismRow, Verdict
from refrace.story.chapters.measures import Measures, intact_in, race_in, until
from refrace.story.experiments import drop_elsewhere, drop_of_a_detached_owner
from refrace.story.story_report import Chapter, Measured

__all__ = ["an_append_is_lost", "free_threaded_cpython", "outside_the_gil"]

# The claim about each workload, and the verdict that supports it.
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


def an_append_is_lost(_measures: Measures) -> Chapter:
    """Show that a GIL does not protect data."""
    lost = until(lambda report: report.lost > 0, lost_append)
    locked = lost_append(locked=True)
    held = (
        "each step runs with the GIL held, but another thread can get the GIL "
        "between two steps"
        if lost.gil == "held"
        else "there is no GIL here, and it would not help: another thread can run "
        "between two steps"
    )
    return Chapter(
        "A GIL keeps counts right, not your data",
        (
            "An append has three steps: read the index, store the item, publish the "
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


def outside_the_gil(_measures: Measures) -> Chapter:
    """Show which work runs outside the GIL."""
    report = until(lambda report: report.conclusive, parallelism)
    claims = WITH_GIL if gil_is_enabled() else WITHOUT_GIL
    return Chapter(
        "Waiting and number crunching run outside the GIL"
        if gil_is_enabled()
        else "Without a GIL, Python code runs in parallel as well",
        (
            f"{report.threads} threads compared with one, each doing the same work: "
            "how many cores did they use?",
        ),
        tuple(
            _cores_used(row, report, *claims[row.workload])
            for row in report.rows
            if row.skipped is None and row.workload in claims
        ),
    )


def _cores_used(
    row: ParallelismRow, report: ParallelismReport, claim: str, expected: Verdict
) -> Measured:
    """Return a claim about a workload; if it is not shown, with the reason."""
    cores = report.environment.cores
    is_shown = row.verdict(cores) == expected
    figure = f"{row.cores_used.median:.2f} of {cores} cores used"
    if not is_shown:
        speedup = row.speedup
        figure += (
            f", {speedup.median:.2f} times the work of one thread "
            f"({speedup.low:.2f} to {speedup.high:.2f}): "
            f"{row.cause(report.environment, report.machine_is_fit)}"
        )
    return Measured(claim, figure, is_shown)


def free_threaded_cpython(measures: Measures) -> Chapter:
    """Show how free-threaded CPython counts references."""
    shared = measures.row("atomic", 2, "shared")
    private = measures.row("atomic", 2, "private")
    owner, biased = (measures.row("biased", n, "private") for n in (1, 2))
    atomic = measures.row("atomic", 1, "private")
    prices = {mode: measures.ratio(mode, 1, "private") for mode in ("atomic", "biased")}
    outlived, lives_on = drop_elsewhere("biased")
    waits = drop_of_a_detached_owner("biased")
    goes = not drop_of_a_detached_owner("biased_suspend")
    raced = race_in("atomic")
    return Chapter(
        "What free-threaded CPython does instead",
        (
            "Atomic operations need no lock. They are exact and scale on private "
            "objects, but they are slower even there, and much slower on shared "
            "objects. CPython's free-threaded build therefore uses biased counts "
            "(PEP 703): the thread that made an object counts in its own field, "
            "without atomics, and only other threads pay. An object that another "
            "thread drops last waits for its owner's next quiescent point; if the "
            "owner is detached, the thread that drops it merges the counts instead "
            "(CPython's gh-157838). Immortal objects (None, small ints) are not "
            "counted at all.",
        ),
        (
            Measured(
                "atomic counts need no lock",
                intact_in(raced),
                raced.corrupted == 0 and raced.conclusive,
            ),
            Measured(
                "atomic counts are slower, most of all on shared objects",
                f"{prices['atomic']} the cost of plain counting on one thread; two "
                f"threads do {private.scaling.median:.2f} times the work of one on "
                f"private objects, and pay {shared.ratio.median:.1f}x on a shared one",
                shared.conclusive and private.conclusive,
            ),
            Measured(
                "biased counts are exact too, and cheap for the owner",
                f"{biased.corrupted} of {biased.settled} objects corrupted; "
                f"{prices['biased']}, atomic counts {prices['atomic']}",
                biased.corrupted == 0
                and owner.ratio.median < atomic.ratio.median
                and owner.conclusive,
            ),
            Measured(
                "an object that others drop last waits for its owner",
                "alive until its owner's next quiescent point, then freed"
                if outlived and not lives_on
                else "freed at once",
                outlived and not lives_on,
            ),
            Measured(
                "a detached owner need not delay it",
                "alive in biased while its owner is detached, freed in biased_suspend"
                if waits and goes
                else "the same in biased and in biased_suspend",
                waits and goes,
            ),
        ),
    )

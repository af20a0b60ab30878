"""Run a lesson of the teaching path, and count its runs."""

from __future__ import annotations

from refrace import gallery
from refrace._base.arguments import check_integer
from refrace.errors import InvalidData
from refrace.explorer.explore import explore
from refrace.explorer.session import Session, session_of, within_memory
from refrace.explorer.traced import trace
from refrace.gallery import LessonPlan, Variant
from refrace.gallery.lesson_report import Lesson, LessonStep
from refrace.traces.schedule import codes_of, labels_of
from refrace.traces.step_cells import doing

__all__ = ["lesson"]

# A lesson shows a run that fits on a screen; counting more runs than this is too slow.
MOST_RUNS = 10_000


@within_memory()
def lesson(number: int) -> Lesson:
    """Return a lesson: a run up to a question, the answer, the fix and its proof.

    Parameters
    ----------
    number : int
        The lesson, from 1; ``refrace.gallery.lessons`` has all plans.

    Returns
    -------
    Lesson
        Each call counts its runs one by one and proves its fix.

    Raises
    ------
    InvalidArgumentType, InvalidArgument
        If `number` is not the number of a lesson.
    LimitReached
        If memory runs out.
    Interrupted
        On Ctrl-C.

    Examples
    --------
    >>> import refrace
    >>> first = refrace.lesson(1)
    >>> first.title, str(first.right_answer)
    ('The lost decrement', 'T2: n = rc x')
    >>> [(step.wrong, step.runs) for step in first.steps]
    [(0, 1), (2, 2)]
    """
    plans = gallery.lessons
    number = check_integer("number", number, low=1, high=len(plans))
    return lesson_of(plans[number - 1], number, len(plans))


def lesson_of(plan: LessonPlan, number: int, count: int) -> Lesson:
    """Return the lesson of a plan.

    Raises
    ------
    InvalidData
        If the question of the plan does not have exactly one answer.
    """
    pattern = gallery.pattern(plan.pattern)
    variant: Variant = next(v for v in pattern.variants if v.id == plan.variant)
    bug = explore(variant.buggy, variant.mode, plan.gil).counterexample()
    session = session_of(variant.buggy, variant.mode, plan.gil)
    codes = codes_of(bug.schedule, session.runners)[: plan.shown]
    steps = _possible(session, codes)
    if sum(bool(step.wrong) for step in steps) != 1 or len(steps) < 2:
        raise InvalidData(
            f"lesson {number} asks after {plan.shown} steps, where "
            f"{'; '.join(map(str, steps)) or 'nothing'} can come next, but not exactly "
            "one of several steps can lead to a bug; change its `shown`"
        )
    return Lesson(
        number=number,
        count=count,
        title=plan.title,
        pattern=plan.pattern,
        variant=plan.variant,
        rule=pattern.rule,
        gil=plan.gil,
        before=plan.before,
        after=plan.after,
        beginning=trace(session, codes),
        steps=steps,
        bug=bug,
        fix=variant.fix,
        proof=explore(variant.fixed, variant.mode, plan.gil),
    )


def _possible(session: Session, codes: tuple[int, ...]) -> tuple[LessonStep, ...]:
    steps = []
    for code in session.replay(codes).enabled:
        going = [*codes, code]
        step = trace(session, going).steps[-1]
        (runner,) = labels_of([code], session.runners)
        steps.append(LessonStep(runner, doing(step), *_count(session, going)))
    return tuple(steps)


def _count(session: Session, codes: list[int]) -> tuple[int, int]:
    """Return how many runs with this prefix have findings, and how many there are."""
    wrong = runs = 0
    rest = [codes]
    while rest:
        going = rest.pop()
        found = session.replay(going)
        rest += [[*going, code] for code in found.enabled]
        if not found.enabled:
            runs += 1
            wrong += bool(found.findings)
        if runs > MOST_RUNS:
            raise InvalidData(
                f"more than {MOST_RUNS:,} runs have this lesson's prefix; show more "
                "steps, or use a smaller program"
            )
    return wrong, runs

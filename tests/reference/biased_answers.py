"""What the biased family answers: attempts to count, and whether a count is one."""

from __future__ import annotations

from .access import Done, Run
from .biased_words import attempt, others_of, owner_of
from .state import MERGED, UNTOUCHED, Others


def load_mine_to_try(run: Run) -> str:
    run.operation.read = run.word()
    return "store mine" if run.operation.read else "others'"


def load_to_try(run: Run) -> str | Done:
    run.operation.read = others_of(run)
    return try_or_refuse(run)


def try_or_refuse(run: Run) -> str | Done:
    count, stage = run.operation.read
    return Done(0) if count == 0 and stage in (UNTOUCHED, MERGED) else "try"


def try_others(run: Run) -> str | Done:
    count, stage = run.operation.read
    if attempt(run, Others(count + 1, stage)):
        return Done(1)
    return try_or_refuse(run)


def is_it_mine(run: Run) -> str | Done:
    return "is mine one" if owner_of(run) == run.name else Done(0)


def is_mine_one(run: Run) -> str | Done:
    return "have others none" if run.word() == 1 else Done(0)


def have_others_none(run: Run) -> Done:
    count, stage = others_of(run)
    return Done(int(count == 0 and stage == UNTOUCHED))

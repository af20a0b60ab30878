"""How the biased family makes an object immortal, and enables attempts to count it."""

from __future__ import annotations

from .access import Done, Row, Run
from .biased_words import attempt, is_immortal, others_of, set_others
from .state import NOBODY, OWNERS_IMMORTAL, TRIED, UNTOUCHED, Others


def look_to_immortalise(run: Run) -> str | Done:
    return Done(1) if is_immortal(run.word()) else "give to nobody"


def give_to_nobody(run: Run) -> str:
    run.check(writes=True)
    run.known.owner = NOBODY
    return "store immortal"


def store_immortal(run: Run) -> str:
    run.set_word(OWNERS_IMMORTAL)
    return "forget others"


def forget_others(run: Run) -> Done:
    set_others(run, Others(0, UNTOUCHED))
    return Done(1)


def look_to_enable(run: Run) -> str | Done:
    return Done(1) if is_immortal(run.word()) else "look at others to enable"


def look_at_others_to_enable(run: Run) -> str | Done:
    run.operation.read = others_of(run)
    return enable_or_leave(run)


def enable_or_leave(run: Run) -> str | Done:
    return "enable" if run.operation.read.stage == UNTOUCHED else Done(1)


def enable(run: Run) -> str | Done:
    enabled = run.operation.read._replace(stage=TRIED)
    return Done(1) if attempt(run, enabled) else enable_or_leave(run)


IMMORTALISE: Row = {
    "": look_to_immortalise,
    "give to nobody": give_to_nobody,
    "store immortal": store_immortal,
    "forget others": forget_others,
}
ENABLE_TRY: Row = {
    "": look_to_enable,
    "look at others to enable": look_at_others_to_enable,
    "enable": enable,
}

"""Counts that are biased towards an owner: operations, hooks, and what waits in queues.

The owner counts in the object's own word, everybody else in the others' word: a number
and the stage that the object has come to.  A merge gives all to the others' word.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .access import Done, Row, Run
from .biased_answers import (
    have_others_none,
    is_it_mine,
    is_mine_one,
    load_mine_to_try,
    load_to_try,
    try_others,
)
from .biased_words import attempt, is_immortal, others_of, owner_of, set_others
from .program import Program, Step
from .state import (
    MERGED,
    NOBODY,
    NOTHING_LEFT,
    QUEUED,
    TRIED,
    UNTOUCHED,
    Others,
)
from .whole_counts import ENABLE_TRY, IMMORTALISE

if TYPE_CHECKING:
    from .state import Object

TRIES = {"try_incref", "upgrade"}


def maker_of(program: Program, name: str) -> str | None:
    """Return who owns a named object at first: the first thread that holds it."""
    return next((who for who, _, held in program.holds if held == name), None)


def begin_count(known: Object, maker: str | None, program: Program) -> None:
    """Give a new object to its maker; what nobody made or counts begins merged."""
    if maker is None or known.count <= 0:
        known.others, known.count = Others(known.count, MERGED), 0
        return
    steps = [s for body in program.bodies.values() for s in body if isinstance(s, Step)]
    used = {step.operation for step in steps}
    is_tried = bool(used & TRIES) and "enable_try" not in used
    known.owner, known.others = maker, Others(0, TRIED if is_tried else UNTOUCHED)


def in_queue(run: Run) -> int:
    """Return how many references a place in a queue is."""
    return 0 if run.mode == "biased_weak_queue" else 1


# -- the owner


def whose(run: Run) -> str:
    owner = owner_of(run)
    if owner == NOBODY:
        return "look whether immortal"
    return "mine" if owner == run.name else "others'"


def look_whether_immortal(run: Run) -> str | Done:
    return Done(1) if is_immortal(run.word()) else "others'"


def load_mine(run: Run) -> str:
    run.operation.read = run.word()
    return "store mine"


def store_one_more(run: Run) -> Done:
    run.set_word(run.operation.read + 1)
    return Done(1)


def store_one_less(run: Run) -> str | Done:
    run.set_word(run.operation.read - 1)
    return "look for others" if run.operation.read == 1 else Done(1)


def look_for_others(run: Run) -> str | Done:
    return Done(1, True) if others_of(run) == Others(0, UNTOUCHED) else "resign"


def resign(run: Run) -> str:
    run.check(writes=True)
    run.known.owner = None
    return "look again"


def look_at_others(run: Run) -> str:
    run.operation.read = others_of(run)
    return "hand over"


def hand_over(run: Run) -> str | Done:
    left = run.operation.read._replace(stage=MERGED)
    return Done(1, left == NOTHING_LEFT) if attempt(run, left) else run.again


# -- the others


def add_to_others(run: Run) -> Done:
    count, stage = others_of(run)
    set_others(run, Others(count + 1, stage))
    return Done(1)


def load_to_drop(run: Run) -> str:
    run.operation.read = others_of(run)
    return "drop"


def drop(run: Run) -> str | Done:
    """Drop one of the others'; where they have none, it is one of the owner's."""
    count, stage = run.operation.read
    is_owners = count == 0 and stage in (UNTOUCHED, TRIED)
    left = Others(in_queue(run) - 1, QUEUED) if is_owners else Others(count - 1, stage)
    if not attempt(run, left):
        return run.again
    return "whose queue" if is_owners else Done(1, left == NOTHING_LEFT)


def whose_queue(run: Run) -> str | Done:
    run.operation.kept = owner_of(run)
    if run.operation.kept not in (None, NOBODY):
        return "push"
    if not in_queue(run):
        return Done(1)
    return "drop what was to wait" if run.operation.kept is None else "look once more"


def look_once_more(run: Run) -> str | Done:
    return Done(1) if is_immortal(run.word()) else "drop what was to wait"


def drop_what_was_to_wait(run: Run) -> Done:
    count, stage = others_of(run)
    left = Others(count - 1, stage)
    set_others(run, left)
    return Done(1, left == NOTHING_LEFT)


def push(run: Run) -> str | Done:
    """Put it in its owner's queue, if it is in none: no access to its memory."""
    owner = run.state.threads[run.operation.kept]
    if owner.is_closed:
        return "load owner's"
    threads = run.state.threads.values()
    if not any(run.operation.identity in thread.queue for thread in threads):
        owner.queue = (*owner.queue, run.operation.identity)
    return Done(1)


# -- both counts made one


def load_owners(run: Run) -> str | Done:
    operation = run.operation
    operation.kept = run.word()
    if not is_immortal(operation.kept):
        return "clear owner's"
    if operation.suspended:
        operation.read = False
        return "resume"
    return Done(operation.kept if operation.kind == "merge" else 1)


def clear_owners(run: Run) -> str:
    run.set_word(0)
    return "clear owner"


def clear_owner(run: Run) -> str:
    run.check(writes=True)
    run.known.owner = None
    return "load others'"


def load_others(run: Run) -> str:
    run.operation.read = others_of(run)
    return "merge"


def merge(run: Run) -> str | Done:
    is_asked_for = run.operation.kind == "merge"
    dropped = 1 if run.operation.resigns else in_queue(run)
    dropped = 0 if is_asked_for else dropped
    count = run.operation.read.count + run.operation.kept - dropped
    if not attempt(run, Others(count, MERGED)):
        return run.again
    return Done(count) if is_asked_for else Done(1, count == 0)


MERGING: Row = {
    "load owner's": load_owners,
    "clear owner's": clear_owners,
    "clear owner": clear_owner,
    "load others'": load_others,
    "merge": merge,
}


# -- the end of a resurrection


def load_mine_to_end(run: Run) -> str:
    run.operation.kept = run.word()
    return "look at others to end"


def look_at_others_to_end(run: Run) -> str | Done:
    is_alone = others_of(run) == Others(0, UNTOUCHED)
    if is_immortal(run.operation.kept):
        return Done(1)
    run.operation.kept = run.operation.kept == 1 and is_alone
    return "whose to end"


def whose_to_end(run: Run) -> str:
    if whose(run) != "mine":
        return "others'"
    run.operation.resigns = not run.operation.kept
    return "load owner's" if run.operation.resigns else "store none"


def store_none(run: Run) -> Done:
    run.set_word(0)
    return Done(1, True)


# -- the whole count


def begin_merge(run: Run) -> str | Done:
    """Do the first access of a merge as the mode does it."""
    return TABLE.get(run.mode, BIASED)["merge"]["load owner's"](run)


# -- the queue


def pop(run: Run) -> str | Done:
    """Take out what was pushed last."""
    thread = run.state.threads[run.name]
    if not thread.queue:
        return Done(0)
    *rest, run.operation.identity = thread.queue
    thread.queue = tuple(rest)
    return "load owner's"


def pop_or_close(run: Run) -> str | Done:
    came = pop(run)
    run.state.threads[run.name].is_closed = isinstance(came, Done)
    return came


BIASED: dict[str, Row] = {
    "incref": {
        "": whose,
        "look whether immortal": look_whether_immortal,
        "mine": load_mine,
        "store mine": store_one_more,
        "others'": add_to_others,
    },
    "decref": MERGING
    | {
        "": whose,
        "look whether immortal": look_whether_immortal,
        "mine": load_mine,
        "store mine": store_one_less,
        "look for others": look_for_others,
        "resign": resign,
        "look again": look_at_others,
        "hand over": hand_over,
        "others'": load_to_drop,
        "drop": drop,
        "whose queue": whose_queue,
        "look once more": look_once_more,
        "drop what was to wait": drop_what_was_to_wait,
        "push": push,
    },
    "resurrect_end": MERGING
    | {
        "": load_mine_to_end,
        "look at others to end": look_at_others_to_end,
        "whose to end": whose_to_end,
        "store none": store_none,
        "others'": load_to_drop,
        "drop": drop,
        "whose queue": whose_queue,
        "look once more": look_once_more,
        "drop what was to wait": drop_what_was_to_wait,
        "push": push,
    },
    "try_incref": {
        "": whose,
        "look whether immortal": look_whether_immortal,
        "mine": load_mine_to_try,
        "store mine": store_one_more,
        "others'": load_to_try,
        "try": try_others,
    },
    "unique": {
        "": is_it_mine,
        "is mine one": is_mine_one,
        "have others none": have_others_none,
    },
    "immortalise": IMMORTALISE,
    "merge": MERGING | {"": begin_merge},
    "enable_try": ENABLE_TRY,
    "quiesce": MERGING | {"": pop},
    "leave": MERGING | {"": pop_or_close},
}


# -- what the twins do otherwise


def hand_over_first(run: Run) -> str | Done:
    came = hand_over(run)
    if isinstance(came, str) or came.ends_life:
        return came
    return "resign late"


def resign_late(run: Run) -> Done:
    resign(run)
    return Done(1)


def load_owners_to_publish(run: Run) -> str | Done:
    came = load_owners(run)
    return "load others'" if came == "clear owner's" else came


def publish(run: Run) -> str:
    came = merge(run)
    if isinstance(came, str):
        return came
    run.operation.read = came
    return "clear owner's"


def clear_owner_late(run: Run) -> Done:
    clear_owner(run)
    return run.operation.read


AS_PRINTED: Row = {
    "look for others": look_at_others,
    "hand over": hand_over_first,
    "resign late": resign_late,
}
PUBLISH_FIRST: Row = {
    "load owner's": load_owners_to_publish,
    "merge": publish,
    "clear owner": clear_owner_late,
}


def varied(otherwise: Row) -> dict[str, Row]:
    """Return the family's operations with some accesses done otherwise."""
    return {kind: row | otherwise for kind, row in BIASED.items()}


TABLE: dict[str, dict[str, Row]] = {
    "biased": BIASED,
    "biased_as_printed": varied(AS_PRINTED),
    "biased_publish_first": varied(PUBLISH_FIRST),
    "biased_weak_queue": BIASED,  # see in_queue()
    "biased_undrained": {k: row for k, row in BIASED.items() if k != "leave"},
}

"""Counts that are biased towards an owner: operations, hooks, and what waits in queues.

The owner counts in the object's own word, everybody else in the others' word: a number
and the stage that the object has come to.  A merge gives all to the others' word.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .access import Done, Row, Run, believed
from .program import Program, Step
from .state import MERGED, NOTHING_LEFT, QUEUED, TRIED, UNTOUCHED, Others

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
    is_tried = any(step.operation in TRIES for step in steps)
    known.owner, known.others = maker, Others(0, TRIED if is_tried else UNTOUCHED)


# -- the words


def owner_of(run: Run) -> str | None:
    run.check(writes=False)
    return run.known.owner


def others_of(run: Run) -> Others:
    run.check(writes=False)
    return run.known.others


def set_others(run: Run, others: Others) -> None:
    run.check(writes=True)
    before = believed(run.mode, run.known)
    run.known.others = others
    run.judge(before)


def attempt(run: Run, others: Others) -> bool:
    """Put that in place of what was seen last; to fail is to see something else."""
    seen = others_of(run)
    if seen == run.operation.read:
        set_others(run, others)
        return True
    run.operation.read = seen
    return False


def in_queue(run: Run) -> int:
    """Return how many references a place in a queue is."""
    return 0 if run.mode == "biased_weak_queue" else 1


# -- the owner


def whose(run: Run) -> str:
    return "mine" if owner_of(run) == run.name else "others'"


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
    if run.operation.kept is not None:
        return "push"
    return "drop what was to wait" if in_queue(run) else Done(1)


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


def load_owners(run: Run) -> str:
    run.operation.kept = run.word()
    return "clear owner's"


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
    dropped = 1 if run.operation.resigns else in_queue(run)
    count = run.operation.read.count + run.operation.kept - dropped
    return Done(1, count == 0) if attempt(run, Others(count, MERGED)) else run.again


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


def look_at_others_to_end(run: Run) -> str:
    is_alone = others_of(run) == Others(0, UNTOUCHED)
    run.operation.kept = run.operation.kept == 1 and is_alone
    return "whose to end"


def whose_to_end(run: Run) -> str:
    if whose(run) == "others'":
        return "others'"
    run.operation.resigns = not run.operation.kept
    return "load owner's" if run.operation.resigns else "store none"


def store_none(run: Run) -> Done:
    run.set_word(0)
    return Done(1, True)


# -- answers


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
        "mine": load_mine,
        "store mine": store_one_more,
        "others'": add_to_others,
    },
    "decref": MERGING
    | {
        "": whose,
        "mine": load_mine,
        "store mine": store_one_less,
        "look for others": look_for_others,
        "resign": resign,
        "look again": look_at_others,
        "hand over": hand_over,
        "others'": load_to_drop,
        "drop": drop,
        "whose queue": whose_queue,
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
        "drop what was to wait": drop_what_was_to_wait,
        "push": push,
    },
    "try_incref": {
        "": whose,
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


def load_owners_to_publish(run: Run) -> str:
    load_owners(run)
    return "load others'"


def publish(run: Run) -> str:
    came = merge(run)
    if isinstance(came, str):
        return came
    run.operation.kept = int(came.ends_life)
    return "clear owner's"


def clear_owner_late(run: Run) -> Done:
    clear_owner(run)
    return Done(1, bool(run.operation.kept))


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

"""Modes that put work off in lanes: their operations and hooks, access by access.

A lane is a word that a thread has for an object, kept with the object.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .access import EPOCHS_ON, PINS, Done, Row, Run, believed

if TYPE_CHECKING:
    from collections.abc import Callable

SIGN = {"incref": 1, "try_incref": 1, "upgrade": 1, "decref": -1}
OFFLINE = 0  # a thread announces this, or an epoch plus one


def lane_of(run: Run, number: int = 0) -> int:
    run.check(writes=False)
    return run.known.lanes.get((run.name, number), 0)


def set_lane(run: Run, value: int, number: int = 0) -> None:
    run.check(writes=True)
    before = believed(run.mode, run.known)
    run.known.lanes.pop((run.name, number), None)
    if value:
        run.known.lanes[run.name, number] = value
    run.judge(before)


def add(run: Run, difference: int) -> Done:
    """Add to the word at the end of a piece of a hook; zero ends the life."""
    run.set_word(run.known.count + difference)
    return Done(1, run.known.count == 0)


def find(run: Run, lanes: Callable[[str, int], bool]) -> bool:
    """Look for the oldest object with a lane that is not 0 among those."""
    for identity, known in run.state.objects.items():
        if any(lanes(*lane) for lane in known.lanes):
            run.operation.identity = identity
            return True
    return False


def load_lane(run: Run) -> str:
    run.operation.read = lane_of(run)
    return "store lane"


def store_lane(run: Run) -> Done:
    set_lane(run, run.operation.read + SIGN[run.operation.kind])
    return Done(1)


def try_word(run: Run) -> str | Done:
    return Done(0) if run.word() == 0 else "load lane"


def never_unique(run: Run) -> Done:
    run.word()
    return Done(0)


def look_for_mine(run: Run) -> str | Done:
    return "take" if find(run, lambda who, _: who == run.name) else Done(0)


def take(run: Run) -> str:
    run.operation.read = lane_of(run, run.operation.kept or 0)
    return "clear"


def clear(run: Run) -> str:
    set_lane(run, 0, run.operation.kept or 0)
    return "apply"


def apply_all(run: Run) -> Done:
    return add(run, run.operation.read)


def look_for_any(run: Run) -> str | Done:
    return "take all" if find(run, lambda *_: True) else Done(0)


def take_all(run: Run) -> str:
    run.operation.read = sum(run.known.lanes.values())
    run.known.lanes = {}
    return "apply"


SETTLING = {"take": take, "clear": clear, "apply": apply_all}
COLLAPSING = {"take all": take_all, "apply": apply_all}
IN_LANES = {"load lane": load_lane, "store lane": store_lane}
PLAIN_LANES = {
    "incref": IN_LANES | {"": load_lane},
    "decref": IN_LANES | {"": load_lane},
    "try_incref": IN_LANES | {"": try_word},
    "unique": {"": never_unique},
}


# -- deferred: twice what is not settled plus 1 in a lane, a pin for it in the word


def touch(run: Run) -> str:
    run.operation.read = lane_of(run)
    return "store lane" if run.operation.read else "pin"


def pin(run: Run) -> str:
    run.set_word(run.known.count + 1)
    run.operation.read = 1
    return "store lane"


def store_twice(run: Run) -> Done:
    set_lane(run, run.operation.read + 2 * SIGN[run.operation.kind])
    return Done(1)


def pin_unless_zero(run: Run) -> str | Done:
    if run.word() == 0:
        return Done(0)
    run.set_word(run.known.count + 1)
    return "look at lane"


def look_at_lane(run: Run) -> str:
    run.operation.read = lane_of(run) or 1
    return "unpin" if lane_of(run) else "store lane"


def unpin(run: Run) -> str:
    run.set_word(run.known.count - 1)
    return "store lane"


def mine_of_all(run: Run) -> str:
    run.operation.read = lane_of(run)
    return "compare"


def only_mine(run: Run) -> Done:
    word, mine = run.word(), run.operation.read
    references = (word >> 8) + (mine - 1) // 2 if mine else word >> 8
    return Done(int((word & PINS) == (mine != 0) and references == 1))


def apply_twice(run: Run) -> Done:
    return add(run, (run.operation.read - 1) // 2 * (PINS + 1) - 1)


TOUCHING = {"": touch, "pin": pin, "store lane": store_twice}
SETTLING_TWICE = SETTLING | {"": look_for_mine, "apply": apply_twice}
DEFERRED = {
    "incref": TOUCHING,
    "decref": TOUCHING,
    "try_incref": {
        "": pin_unless_zero,
        "look at lane": look_at_lane,
        "unpin": unpin,
        "store lane": store_twice,
    },
    "unique": {"": mine_of_all, "compare": only_mine},
    "quiesce": SETTLING_TWICE,
    "leave": SETTLING_TWICE,
}


# -- epochs: increments at once, decrements in the lane of the epoch announced


def add_one(run: Run) -> Done:
    run.set_word(run.known.count + 1)
    return Done(1)


def add_unless_zero(run: Run) -> Done:
    return Done(0) if run.word() == 0 else add_one(run)


def load_announced(run: Run) -> str:
    run.operation.kept = run.state.threads[run.name].announced % 4
    return "load its lane"


def load_its_lane(run: Run) -> str:
    run.operation.read = lane_of(run, run.operation.kept)
    return "store its lane"


def store_its_lane(run: Run) -> Done:
    set_lane(run, run.operation.read + 1, run.operation.kept)
    return Done(1)


def begin_quiescence(run: Run) -> str | Done:
    announced = run.state.threads[run.name].announced
    return Done(0) if announced == OFFLINE else "look for ripe"


def look_for_ripe(run: Run) -> str:
    ripe = (run.state.threads[run.name].announced - EPOCHS_ON[run.mode]) % 4
    run.operation.kept = ripe
    return "take" if find(run, lambda *lane: lane == (run.name, ripe)) else "see epoch"


def see_epoch(run: Run) -> str:
    run.operation.read = run.state.epoch
    is_news = run.state.threads[run.name].announced != run.state.epoch + 1
    return "announce" if is_news else "look for waiting"


def announce(run: Run) -> Done:
    run.state.threads[run.name].announced = run.operation.read + 1
    return Done(1)


def look_for_waiting(run: Run) -> str | Done:
    found = find(run, lambda who, _: who == run.name)
    run.operation.identity = None
    return "ask all" if found else Done(0)


def ask_all(run: Run) -> str | Done:
    mine = run.state.threads[run.name].announced
    said = {thread.announced for thread in run.state.threads.values()}
    return "move on" if said <= {OFFLINE, mine} else Done(0)


def move_on(run: Run) -> Done:
    if run.state.epoch == run.operation.read:
        run.state.epoch = (run.operation.read + 1) % 4
    return Done(1)


def go_offline(run: Run) -> Done:
    run.state.threads[run.name].announced = OFFLINE
    return Done(0)


def drop(run: Run) -> Done:
    return add(run, -run.operation.read)


IN_EPOCHS = {
    "incref": {"": add_one},
    "decref": {
        "": load_announced,
        "load its lane": load_its_lane,
        "store its lane": store_its_lane,
    },
    "try_incref": {"": add_unless_zero},
    "unique": {"": never_unique},
    "quiesce": SETTLING
    | {
        "": begin_quiescence,
        "look for ripe": look_for_ripe,
        "apply": drop,
        "see epoch": see_epoch,
        "announce": announce,
        "look for waiting": look_for_waiting,
        "ask all": ask_all,
        "move on": move_on,
    },
    "leave": {"": go_offline},
    "collapse": COLLAPSING | {"": look_for_any, "apply": drop},
}

SETTLING_PLAINLY = SETTLING | {"": look_for_mine}
TABLE: dict[str, dict[str, Row]] = {
    "per_thread": PLAIN_LANES | {"collapse": COLLAPSING | {"": look_for_any}},
    "decrements_first": PLAIN_LANES
    | {"quiesce": SETTLING_PLAINLY, "leave": SETTLING_PLAINLY},
    "deferred": DEFERRED,
    "epoch": IN_EPOCHS,
    "epoch_too_soon": IN_EPOCHS,
}

"""Modes that put work off: their operations and their hooks, access by access.

An access does one thing and names the access after it, or says what came of the whole.
A lane is a word that a thread has for an object, kept with the object.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from .state import DYING, FREED, Finding, Object, Operation, State

if TYPE_CHECKING:
    from collections.abc import Callable

SIGN = {"incref": 1, "try_incref": 1, "upgrade": 1, "decref": -1}
PINS = 255  # the low bits of the word in deferred; above them is the count
EPOCHS_ON = {"epoch": 3, "epoch_too_soon": 2}  # how many later a decrement is due
OFFLINE = 0  # a thread announces this, or an epoch plus one


class Done(NamedTuple):
    """What came of an operation: its answer; of a hook, whether there may be more."""

    answer: int = 0
    ends_life: bool = False


@dataclass
class Run:
    """One access: whose it is, in which operation, and the object that it is at."""

    state: State
    mode: str
    name: str
    operation: Operation

    @property
    def known(self) -> Object:
        return self.state.objects[self.operation.identity]

    def check(self, *, writes: bool) -> None:
        is_look = self.operation.kind == "try_incref" and not writes
        if self.known.status == FREED and not (self.known.options.stable and is_look):
            raise Finding("use-after-free")

    def word(self) -> int:
        self.check(writes=False)
        return self.known.count

    def lane(self, number: int = 0) -> int:
        self.check(writes=False)
        return self.known.lanes.get((self.name, number), 0)

    def set_word(self, value: int) -> None:
        self.check(writes=True)
        before = believed(self.mode, self.known)
        self.known.count = value
        self.judge(before)

    def set_lane(self, value: int, number: int = 0) -> None:
        self.check(writes=True)
        before = believed(self.mode, self.known)
        self.known.lanes.pop((self.name, number), None)
        if value:
            self.known.lanes[self.name, number] = value
        self.judge(before)

    def judge(self, before: int) -> None:
        counts = self.operation.kind in ("incref", "try_incref")
        was_dead = self.known.status == DYING and before == 0
        if counts and was_dead and believed(self.mode, self.known) > 0:
            raise Finding("revival")

    def add(self, difference: int) -> Done:
        """Add to the word at the end of a piece of a hook; zero ends the life."""
        self.set_word(self.known.count + difference)
        return Done(1, self.known.count == 0)

    def find(self, lanes: Callable[[str, int], bool]) -> bool:
        """Look for the oldest object with a lane that is not 0 among those."""
        for identity, known in self.state.objects.items():
            if any(lanes(*lane) for lane in known.lanes):
                self.operation.identity = identity
                return True
        return False


def believed(mode: str, known: Object) -> int:
    """Return the references that an object's word and all its lanes stand for."""
    lanes = sum(known.lanes.values())
    if mode in EPOCHS_ON:
        return known.count - lanes
    if mode == "deferred":
        # Each pin is the 1 in some lane; one that is being made has no lane yet.
        return (known.count >> 8) + int((lanes - (known.count & PINS)) / 2)
    return known.count + lanes


def load_lane(run: Run) -> str:
    run.operation.read = run.lane()
    return "store lane"


def store_lane(run: Run) -> Done:
    run.set_lane(run.operation.read + SIGN[run.operation.kind])
    return Done(1)


def try_word(run: Run) -> str | Done:
    return Done(0) if run.word() == 0 else "load lane"


def never_unique(run: Run) -> Done:
    run.word()
    return Done(0)


def look_for_mine(run: Run) -> str | Done:
    return "take" if run.find(lambda who, _: who == run.name) else Done(0)


def take(run: Run) -> str:
    run.operation.read = run.lane(run.operation.kept or 0)
    return "clear"


def clear(run: Run) -> str:
    run.set_lane(0, run.operation.kept or 0)
    return "apply"


def apply_all(run: Run) -> Done:
    return run.add(run.operation.read)


def look_for_any(run: Run) -> str | Done:
    return "take all" if run.find(lambda *_: True) else Done(0)


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
    run.operation.read = run.lane()
    return "store lane" if run.operation.read else "pin"


def pin(run: Run) -> str:
    run.set_word(run.known.count + 1)
    run.operation.read = 1
    return "store lane"


def store_twice(run: Run) -> Done:
    run.set_lane(run.operation.read + 2 * SIGN[run.operation.kind])
    return Done(1)


def pin_unless_zero(run: Run) -> str | Done:
    if run.word() == 0:
        return Done(0)
    run.set_word(run.known.count + 1)
    return "look at lane"


def look_at_lane(run: Run) -> str:
    run.operation.read = run.lane() or 1
    return "unpin" if run.lane() else "store lane"


def unpin(run: Run) -> str:
    run.set_word(run.known.count - 1)
    return "store lane"


def mine_of_all(run: Run) -> str:
    run.operation.read = run.lane()
    return "compare"


def only_mine(run: Run) -> Done:
    word, mine = run.word(), run.operation.read
    references = (word >> 8) + (mine - 1) // 2 if mine else word >> 8
    return Done(int((word & PINS) == (mine != 0) and references == 1))


def apply_twice(run: Run) -> Done:
    return run.add((run.operation.read - 1) // 2 * (PINS + 1) - 1)


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
    run.operation.read = run.lane(run.operation.kept)
    return "store its lane"


def store_its_lane(run: Run) -> Done:
    run.set_lane(run.operation.read + 1, run.operation.kept)
    return Done(1)


def begin_quiescence(run: Run) -> str | Done:
    announced = run.state.threads[run.name].announced
    return Done(0) if announced == OFFLINE else "look for ripe"


def look_for_ripe(run: Run) -> str:
    ripe = (run.state.threads[run.name].announced - EPOCHS_ON[run.mode]) % 4
    run.operation.kept = ripe
    return "take" if run.find(lambda *lane: lane == (run.name, ripe)) else "see epoch"


def see_epoch(run: Run) -> str:
    run.operation.read = run.state.epoch
    is_news = run.state.threads[run.name].announced != run.state.epoch + 1
    return "announce" if is_news else "look for waiting"


def announce(run: Run) -> Done:
    run.state.threads[run.name].announced = run.operation.read + 1
    return Done(1)


def look_for_waiting(run: Run) -> str | Done:
    found = run.find(lambda who, _: who == run.name)
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
    return run.add(-run.operation.read)


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
TABLE: dict[str, dict[str, dict]] = {
    "per_thread": PLAIN_LANES | {"collapse": COLLAPSING | {"": look_for_any}},
    "decrements_first": PLAIN_LANES
    | {"quiesce": SETTLING_PLAINLY, "leave": SETTLING_PLAINLY},
    "deferred": DEFERRED,
    "epoch": IN_EPOCHS,
    "epoch_too_soon": IN_EPOCHS,
}
HOOKS = ("quiesce", "leave", "collapse")


def begin_count(known: Object, mode: str) -> None:
    """Make of a new object's count the word that the mode has for it."""
    if mode == "deferred":
        known.count *= PINS + 1


def has(mode: str, hook: str) -> bool:
    """Say whether a mode has something to do there."""
    return hook in TABLE.get(mode, {})


def access(state: State, mode: str, name: str) -> Done | None:
    """Do the next access of the operation that a thread is in; None: there are more."""
    operation = state.threads[name].operation
    kind = "try_incref" if operation.kind == "upgrade" else operation.kind
    came = TABLE[mode][kind][operation.accesses[0]](Run(state, mode, name, operation))
    if isinstance(came, Done):
        return came
    operation.accesses = (came,)
    return None

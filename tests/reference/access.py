"""One access of an operation described by rows of accesses, and its outcome.

An access does one thing and names the access after it, or says what came of the whole.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from .state import DYING, FREED, Finding, Object, Operation, State

PINS = 255  # the low bits of the word in deferred; above them is the count
EPOCHS_ON = {"epoch": 3, "epoch_too_soon": 2}  # how many later a decrement is due


# The accesses of an operation by their names; the first one is "".
Row = dict[str, Callable[["Run"], "str | Done"]]


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

    @property
    def again(self) -> str:
        """This very access, to be done once more."""
        return self.operation.accesses[0]

    def check(self, *, writes: bool) -> None:
        is_look = self.operation.kind == "try_incref" and not writes
        if self.known.status == FREED and not (self.known.options.stable and is_look):
            raise Finding("use-after-free")

    def word(self) -> int:
        self.check(writes=False)
        return self.known.count

    def set_word(self, value: int) -> None:
        self.check(writes=True)
        before = believed(self.mode, self.known)
        self.known.count = value
        self.judge(before)

    def judge(self, before: int) -> None:
        counts = self.operation.kind in ("incref", "try_incref")
        was_dead = self.known.status == DYING and before == 0
        if counts and was_dead and believed(self.mode, self.known) > 0:
            raise Finding("revival")


def believed(mode: str, known: Object) -> int:
    """Return the references that all of an object's words stand for."""
    lanes = sum(known.lanes.values())
    if mode in EPOCHS_ON:
        return known.count - lanes
    if mode == "deferred":
        # Each pin is the 1 in some lane; one that is being made has no lane yet.
        return (known.count >> 8) + int((lanes - (known.count & PINS)) / 2)
    return known.count + lanes + known.others.count

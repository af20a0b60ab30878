"""Any sequence of operations on a canary, against a model of it in Python."""

import sysconfig
from dataclasses import dataclass

from canaries.pointers import decref, hash_of, incref
from hypothesis import given
from hypothesis import strategies as st

from refrace import Canary
from refrace.canaries import harness

IS_FREE_THREADED = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))


@dataclass
class Model:
    """A canary as a few numbers: what its record must say."""

    references: int = 1
    expected: int = 1
    is_dead: bool = False
    drift_of_dead: int = 0
    deaths: int = 0
    touches: int = 0
    dead_touches: int = 0
    died_while_held: bool = False

    def incref(self):
        if self.is_dead:
            self.drift_of_dead += 1
        else:
            self.references += 1

    def decref(self):
        if self.is_dead:
            self.drift_of_dead -= 1
            # Without a GIL the count of a dead one is 0.
            self.deaths += IS_FREE_THREADED and self.drift_of_dead == 0
            return
        self.references -= 1
        if self.references == 0:
            self.is_dead = True
            self.deaths = 1
            self.died_while_held = self.expected > 0

    def touch(self):
        self.touches += 1
        self.dead_touches += self.is_dead

    def hold(self):
        if not self.is_dead:
            self.references += 1
            self.expected += 1

    def release(self):
        if self.expected > 0:
            self.expected -= 1
            if not self.is_dead:
                self.decref()


def apply(step, number, model):
    address = harness.address(number)
    getattr(model, step)()
    if step == "incref":
        incref(address)
    elif step == "decref":
        decref(address)
    elif step == "touch":
        hash_of(address)
    elif step == "hold":
        if harness.record(number).state == "live":
            harness.native.hold(number)
    elif harness.record(number).expected > 0:
        harness.release(number)


STEPS = st.lists(st.sampled_from(["incref", "decref", "touch", "hold", "release"]))


@given(
    steps=STEPS,
    tracked=st.booleans(),
    owner=st.sampled_from(["main", "worker", "merged"]),
)
def test_the_record_says_what_happened(steps, tracked, owner):
    number = harness.hold(Canary(tracked=tracked, owner=owner))
    model = Model()
    for step in steps:
        apply(step, number, model)
        harness.quiesce()
        record = harness.record(number)
        assert record.state == ("dead" if model.is_dead else "live")
        assert record.expected == model.expected
        assert record.drift == (
            model.drift_of_dead if model.is_dead else model.references - model.expected
        )
        assert record.deaths == model.deaths
        assert record.touches == model.touches
        assert record.dead_touches == model.dead_touches
        assert record.died_while_held == model.died_while_held
        assert record.first_dead_slot == ("hash" if model.dead_touches else None)
    while harness.record(number).expected > 0:
        harness.release(number)
    harness.reset()

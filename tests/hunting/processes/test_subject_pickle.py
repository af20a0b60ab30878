"""A subject is pickled with all that its strategies contain."""

import pickle
import threading

import pytest
from hypothesis import strategies as st

from refrace.hunting.processes.subject_pickle import dump_subject
from refrace.strategies import anything

pytest.importorskip("cloudpickle")


@pytest.mark.parametrize(
    "strategy",
    [st.floats(), st.lists(st.floats()), (st.integers() | anything()).map(str)],
    ids=repr,
)
def test_a_strategy_that_was_used_is_pickled(strategy):
    strategy.validate()  # fills the caches of Hypothesis

    loaded = pickle.loads(dump_subject(lambda: strategy))()

    assert repr(loaded) == repr(strategy)
    loaded.validate()


def test_a_lock_is_a_new_one_after_it_was_pickled():
    lock = threading.RLock()
    lock.acquire()

    loaded = pickle.loads(dump_subject({"lock": lock}))["lock"]

    assert type(loaded) is type(lock)
    assert loaded is not lock
    assert loaded.acquire(blocking=False)


@pytest.mark.parametrize("function", [len, "text".upper, [].append, threading.Lock])
def test_other_builtin_functions_are_pickled_as_usual(function):
    loaded = pickle.loads(dump_subject(function))

    assert repr(type(loaded)) == repr(type(function))
    assert loaded.__name__ == function.__name__

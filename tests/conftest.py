"""Settings of all tests."""

import gc
import signal

import pytest
from hypothesis import settings
from hypothesis.internal.conjecture import engine

# A property that fails shrinks its example for up to five minutes by default.  A dozen
# of them would take the time of all other checks.
engine.MAX_SHRINKING_SECONDS = 100

# No test may fail because the machine is busy.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
# For builds and interpreters that run the same tests once more: --hypothesis-profile.
settings.register_profile("quick", max_examples=10, deadline=None)


FROZEN_AT_START = gc.get_freeze_count()


def pytest_runtest_teardown(item):
    """Unfreeze what a hunt in this process froze: it would have no referrers."""
    if gc.get_freeze_count() > FROZEN_AT_START:
        gc.unfreeze()


@pytest.fixture
def quick_collections():
    """Leave what is there now out of the collections of a test that has many.

    What it leaves out has no referrers, and is in no garbage.
    """
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


def pytest_configure(config):
    # A shell ignores Ctrl-C in what it starts in the background, and the interpreter
    # keeps to that; tests of Ctrl-C would wait for ever.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(config, items):
    """Leave out what is marked `soak`, unless the expression of -m speaks of it."""
    if "soak" not in config.option.markexpr:
        soaks = [item for item in items if item.get_closest_marker("soak")]
        if soaks:
            config.hook.pytest_deselected(items=soaks)
            items[:] = [item for item in items if item not in soaks]

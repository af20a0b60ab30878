"""Settings of all tests."""

import gc
import os
import signal
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.internal.conjecture import engine

# A property that fails shrinks its example for up to five minutes by default.  A dozen
# of them would take the time of all other checks.
engine.MAX_SHRINKING_SECONDS = 100

# No test may fail because the machine is busy.  `make soak` runs the properties with
# "thorough"; those that set their own number of examples keep it.
settings.register_profile("unhurried", max_examples=30, deadline=None)
settings.register_profile("thorough", max_examples=200, deadline=None)
settings.load_profile("unhurried")
# For builds and interpreters that run the same tests once more: --hypothesis-profile.
settings.register_profile("quick", max_examples=10, deadline=None)


def pytest_collection_finish(session):
    """Leave pytest, the libraries and the tests out of all collections.

    They are a million objects, and some tests collect hundreds of times.
    """
    _make_the_generator_of_hypothesis()
    gc.collect()
    gc.freeze()


def _make_the_generator_of_hypothesis():
    """Run a property, so that Hypothesis has made its random generator.

    It warns if nothing refers to the generator, and what is frozen refers to nothing.
    """

    @settings(max_examples=1, database=None)
    @given(st.none())
    def is_true(_):
        pass

    is_true()


@pytest.fixture
def quick_collections():
    """Leave what is there now out of the collections of a test that has many.

    What it leaves out has no referrers, and is in no garbage.
    """
    gc.collect()
    gc.freeze()


def pytest_configure(config):
    # A shell ignores Ctrl-C in what it starts in the background, and the interpreter
    # keeps to that; tests of Ctrl-C would wait for ever.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers():
    """Run one worker more than there are processors.

    Many tests wait: for a child that is stuck on purpose, for threads that hand over to
    each other, for a build of another worker.
    """
    return (os.cpu_count() or 1) + 1


class _FromTheMiddle(pytest.Dir):
    """Collects its folders in an order that begins elsewhere in each worker.

    In a fresh clone pytest compiles each file.  The first worker to reach a file does
    it, and the others find the result.
    """

    def collect(self):
        nodes = list(super().collect())
        worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
        workers = os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")
        first = len(nodes) * (int(worker) % int(workers)) // int(workers)
        return nodes[first:] + nodes[:first]


def pytest_collect_directory(path, parent):
    if path == Path(__file__).parent:
        return _FromTheMiddle.from_parent(parent, path=path)
    return None


def pytest_addoption(parser):
    parser.addoption(
        "--share",
        type=int,
        default=1,
        metavar="N",
        help="of the tests that -m chooses, run about one in N, always the same ones",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    """Leave out what is marked `soak`, unless the expression of -m speaks of it.

    With ``--share N``, leave out all whose name has a checksum that N does not divide.
    All workers have to name the tests in one order.
    """
    items.sort(key=lambda item: item.path)
    share = config.option.share
    with_soaks = "soak" in config.option.markexpr

    def is_left_out(item):
        if item.get_closest_marker("soak") is not None and not with_soaks:
            return True
        return share < 1 or zlib.crc32(item.nodeid.encode()) % share != 0

    left_out = [item for item in items if is_left_out(item)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not is_left_out(item)]

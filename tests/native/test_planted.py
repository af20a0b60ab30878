"""The planted bugs: each is one, and each fixed form is correct."""

import os
import signal
import subprocess
import sys
import threading

import pytest

from refrace._native.planted import Planted


class Plain:
    """An object that is not immortal."""


def in_a_child(script):
    """Run a script with the debug allocator, which checks for the GIL."""
    return subprocess.run(
        [
            sys.executable,
            "-c",
            f"from refrace._native.planted import Planted\n{script}",
        ],
        env={**os.environ, "PYTHONMALLOC": "debug"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("operation", "change"), [(Planted.leak, +100), (Planted.drop, -100)]
)
def test_a_buggy_operation_changes_the_count_by_one_a_call(operation, change):
    planted, obj = Planted(buggy=True), Plain()
    references = [obj] * 200
    before = sys.getrefcount(obj)

    for _ in range(100):
        assert operation(planted, obj) is obj
    after = sys.getrefcount(obj)
    if change < 0:  # nothing that follows may free the object
        for _ in range(100):
            Planted(buggy=True).leak(obj)

    assert after - before == change
    assert len(references) == 200


@pytest.mark.parametrize("operation", [Planted.leak, Planted.drop])
def test_a_fixed_operation_leaves_the_count_as_it_was(operation):
    planted, obj = Planted(buggy=False), Plain()
    before = sys.getrefcount(obj)

    for _ in range(100):
        assert operation(planted, obj) is obj

    assert sys.getrefcount(obj) == before


def test_the_fixed_form_returns_the_item_that_the_callback_removed():
    first = Plain()

    assert Planted(buggy=False).first_before([first], list.clear) is first


def test_the_buggy_form_returns_an_item_that_is_dead():
    """The allocator gives the memory of the item to the next object of its size."""
    script = """
class Item: pass
kept = []
def replace(items):
    items.clear()
    kept.append(Item())
for _ in range(100):
    first = Planted(buggy=True).first_before([Item()], replace)
    if first is kept[-1]:
        import os
        os._exit(3)
"""
    # Without a GIL, its use can also crash.
    assert in_a_child(script).returncode in (3, -signal.SIGSEGV)


@pytest.mark.parametrize("buggy", [True, False])
def test_one_thread_adds_one_at_a_time(buggy):
    planted = Planted(buggy)

    assert [planted.add() for _ in range(5)] == [1, 2, 3, 4, 5]


def test_the_fixed_form_loses_no_addition_of_any_thread():
    planted, totals = Planted(buggy=False), []

    def work():
        totals.extend([planted.add() for _ in range(500)])

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(totals) == list(range(1, 2001))


DISCARD = """
class Item: pass
planted = Planted(buggy={buggy})
planted.store(Item())
planted.discard()
"""


def test_the_buggy_form_frees_without_the_gil():
    ran = in_a_child(DISCARD.format(buggy=True))

    assert ran.returncode < 0
    # From 3.14 on, the interpreter reads a thread state that is not there.
    assert "GIL" in ran.stderr or sys.version_info >= (3, 14)


def test_the_fixed_form_frees_with_the_gil():
    ran = in_a_child(DISCARD.format(buggy=False))

    assert (ran.returncode, ran.stderr) == (0, "")


def test_what_is_stored_is_dropped_once():
    planted, obj, other = Planted(buggy=False), Plain(), Plain()
    before = sys.getrefcount(obj), sys.getrefcount(other)

    planted.store(obj)
    planted.store(other)
    assert sys.getrefcount(obj) == before[0]
    assert sys.getrefcount(other) == before[1] + 1
    del planted

    assert sys.getrefcount(other) == before[1]


def test_a_list_without_an_item_has_no_first():
    for buggy in (True, False):
        with pytest.raises(IndexError):
            Planted(buggy).first_before([], list.clear)


def test_the_buggy_form_crashes():
    assert in_a_child("Planted(buggy=True).crash()").returncode == -signal.SIGSEGV


def test_the_buggy_form_waits_with_the_gil_for_ever():
    """No other thread of the interpreter gets to stop the process: the kernel does."""
    script = (
        "import signal\n"
        "signal.setitimer(signal.ITIMER_REAL, 0.2)\n"
        "Planted(buggy=True).wait()"
    )

    assert in_a_child(script).returncode == -signal.SIGALRM


def test_the_fixed_forms_neither_crash_nor_wait():
    planted = Planted(buggy=False)

    assert (planted.crash(), planted.wait()) == (None, None)

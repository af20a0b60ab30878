"""The lock that a thread keeps, on real threads: it is given up to waiting threads."""

import threading

import pytest

import refrace

HAS_GIL = refrace.Environment.current().gil_enabled
GIL_SETTINGS = ["released", "held"] if HAS_GIL else ["released"]


@pytest.mark.parametrize("gil", GIL_SETTINGS)
@pytest.mark.parametrize("threads", [2, 3, 8])
@pytest.mark.parametrize("shared", [True, False])
def test_every_thread_gets_its_turn_and_nothing_is_lost(threads, gil, shared):
    report = refrace.race(
        "gil", threads=threads, objects=40, hold=500, gil=gil, shared=shared, seed=1
    )

    assert report.findings == ()
    assert report.operations == report.objects * (
        2 * 500 * (threads if shared else 1) + 1
    )


def test_a_phase_longer_than_the_switch_interval_is_shared():
    """Some ten million operations a thread: the lock has to change hands in between."""
    report = refrace.race("gil", threads=2, objects=1, hold=5_000_000, seed=1)

    assert report.findings == ()


@pytest.mark.parametrize("gil", GIL_SETTINGS)
def test_a_single_object_is_not_kept_from_other_threads(gil):
    hand = refrace.Object("gil")
    hand.incref(gil=gil)

    other = threading.Thread(target=hand.decref, kwargs={"gil": gil}, daemon=True)
    other.start()
    other.join(timeout=300)

    assert not other.is_alive()
    hand.decref(gil=gil)
    assert not hand.alive

"""Races on real threads: what must hold in every run."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

import refrace
from refrace._native import objects as native_objects

MODES = [mode.name for mode in refrace.modes()]
CORRECT = [mode.name for mode in refrace.modes() if mode.claim == "correct"]
GIL_SETTINGS = (
    ["released", "held"] if refrace.Environment.current().gil_enabled else ["released"]
)

races = st.fixed_dictionaries(
    {
        "threads": st.integers(1, 4),
        "objects": st.integers(1, 60),
        "hold": st.integers(1, 300),
        "gil": st.sampled_from(GIL_SETTINGS),
        "seed": st.integers(0, 2**64 - 1),
        "shared": st.booleans(),
        "owner": st.sampled_from(["racing", "elsewhere"]),
    }
)


@given(mode=st.sampled_from(MODES), setting=races)
def test_every_object_ends_as_exactly_one_thing_and_every_operation_is_counted(
    mode, setting
):
    report = refrace.race(mode, **setting, gaps="natural")

    objects = setting["objects"] * (1 if setting["shared"] else setting["threads"])
    takers = setting["threads"] if setting["shared"] else 1
    assert report.objects == report.objects_requested == objects
    assert report.intact + report.leaked + report.freed_early == objects
    assert report.operations == objects * (2 * takers * setting["hold"] + 1)
    assert report.corrupted == report.leaked + report.freed_early
    assert report.lost_increments >= 0
    assert report.lost_updates == report.lost_increments + report.lost_decrements
    assert 0 <= report.overlap <= 1
    assert bool(report.findings) == (
        report.corrupted + report.dangling_uses + report.double_frees > 0
    )


@given(mode=st.sampled_from(MODES), setting=races)
def test_drift_is_what_decrements_lost_minus_what_increments_lost(mode, setting):
    report = refrace.race(mode, **setting)

    if report.freed_early == 0:
        assert report.drift == report.lost_decrements - report.lost_increments
    if report.leaked == 0 and report.freed_early == 0:
        assert report.drift == 0
    if report.freed_early:
        assert report.lost_increments > 0


@given(mode=st.sampled_from(CORRECT), setting=races)
def test_a_mode_that_claims_to_be_correct_leaves_every_object_intact(mode, setting):
    report = refrace.race(mode, **setting)

    assert report.intact == report.objects
    assert (report.lost_updates, report.dangling_uses, report.drift) == (0, 0, 0)
    assert report.findings == ()
    assert not report.proved


@given(mode=st.sampled_from(MODES), setting=races)
def test_one_thread_is_intact_in_every_mode(mode, setting):
    report = refrace.race(mode, **(setting | {"threads": 1}))

    assert report.intact == report.objects
    assert report.overlap == 0


@given(mode=st.sampled_from(MODES), setting=races)
def test_objects_of_ones_own_are_intact_in_every_mode(mode, setting):
    report = refrace.race(mode, **(setting | {"shared": False}))

    assert report.intact == report.objects


@pytest.mark.skipif("held" not in GIL_SETTINGS, reason="there is no GIL to hold")
@given(setting=races)
def test_the_gil_makes_the_unlocked_code_safe_and_keeps_threads_apart(setting):
    report = refrace.race("unlocked", **(setting | {"gil": "held"}))

    assert report.intact == report.objects
    assert report.overlap == 0


@pytest.mark.skipif("held" in GIL_SETTINGS, reason="there is a GIL to hold")
def test_holding_a_gil_that_is_not_there_is_refused_with_the_cure():
    with pytest.raises(refrace.EnvironmentUnfit, match=r"gil='held'.*gil='released'"):
        refrace.race("unlocked", gil="held")


@given(mode=st.sampled_from(MODES), setting=races)
def test_a_report_survives_the_round_trip_through_json(mode, setting):
    report = refrace.race(mode, **setting)

    assert refrace.RaceReport.from_json(report.to_json()) == report


def test_an_unseeded_race_reports_a_seed_that_can_be_passed_back():
    report = refrace.race("unlocked", objects=1)

    assert refrace.race("unlocked", objects=1, seed=report.seed).seed == report.seed


def test_a_hold_larger_than_one_slice_of_work_is_counted_whole():
    report = refrace.race("atomic", objects=1, hold=300_000)

    assert report.operations == 2 * 2 * 300_000 + 1
    assert report.intact == 1


def test_an_object_has_an_owner_exactly_in_the_modes_that_count_otherwise_for_one():
    owned = [mode.name for mode in refrace.modes() if mode.has_owner]
    named = [mode.name for mode in refrace.modes() if "ob_tid" in mode.layout]

    assert "biased" in named
    assert set(owned) == {*named, "sign_split"}  # which knows whether there is one


@given(mode=st.sampled_from(MODES), setting=races)
def test_late_is_an_intact_object_of_a_mode_that_settles(mode, setting):
    report = refrace.race(mode, **setting)

    assert 0 <= report.freed_late <= report.intact
    assert report.freed_late == 0 or refrace.mode(mode).settles
    assert (report.late_s > 0) <= (report.freed_late > 0)


@given(setting=races)
def test_an_object_is_late_exactly_when_the_last_reference_is_not_its_owners(setting):
    """The referee drops last: he is the owner of what was made elsewhere."""
    report = refrace.race("biased", **setting)

    assert report.freed_late == (report.objects if setting["owner"] == "racing" else 0)


def test_as_many_threads_as_allowed_can_race_on_fewer_cores():
    report = refrace.race("atomic", threads=64, objects=2, hold=2)

    assert report.intact == 2


@pytest.mark.parametrize(
    ("argument", "error", "message"),
    [
        ({"threads": 0}, refrace.InvalidArgument, r"threads=0 .* from 1 to 64"),
        ({"threads": 65}, refrace.InvalidArgument, r"threads=65 .* from 1 to 64"),
        ({"threads": 2.0}, refrace.InvalidArgumentType, r"threads=2\.0 is a float"),
        ({"threads": True}, refrace.InvalidArgumentType, r"threads=True is a bool"),
        ({"objects": 0}, refrace.InvalidArgument, r"objects=0 .* from 1 to"),
        ({"objects": 10**10}, refrace.InvalidArgument, r"objects=10000000000 "),
        ({"objects": "9"}, refrace.InvalidArgumentType, r"objects='9' is a str"),
        ({"hold": 0}, refrace.InvalidArgument, r"hold=0 .* from 1 to"),
        ({"hold": 2**31}, refrace.InvalidArgument, r"hold=2147483648 "),
        ({"hold": None}, refrace.InvalidArgumentType, r"hold=None is a NoneType"),
        ({"gil": "hold"}, refrace.InvalidArgument, r"gil='hold' .*mean 'held'"),
        ({"gil": False}, refrace.InvalidArgumentType, r"gil=False is a bool"),
        ({"seed": -1}, refrace.InvalidArgument, r"seed=-1 .* from 0 to"),
        ({"seed": 2**64}, refrace.InvalidArgument, r"seed=18446744073709551616 "),
        ({"seed": "x"}, refrace.InvalidArgumentType, r"seed='x' is a str"),
        ({"shared": 1}, refrace.InvalidArgumentType, r"shared=1 is an int"),
        ({"owner": "me"}, refrace.InvalidArgument, "owner='me' is unknown"),
        ({"owner": 1}, refrace.InvalidArgumentType, "owner=1"),
        ({"mode": "unlockd"}, refrace.UnknownMode, r"mode='unlockd' .*mean 'unlocked'"),
        ({"mode": 3}, refrace.InvalidArgumentType, r"mode=3 is an int"),
    ],
)
def test_a_wrong_argument_names_value_and_cure_and_leaves_nothing_behind(
    argument, error, message
):
    threads = threading.active_count()
    blocks = native_objects.live_allocations()

    with pytest.raises(error, match=message):
        refrace.race(**({"mode": "unlocked"} | argument))

    assert threading.active_count() == threads
    assert native_objects.live_allocations() == blocks


def test_a_thread_that_cannot_be_started_ends_the_others_and_says_so(monkeypatch):
    start = threading.Thread.start
    started = []

    def refuse_the_third(thread):
        if len(started) == 2:
            raise RuntimeError("can't start new thread")
        started.append(thread)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", refuse_the_third)

    with pytest.raises(
        refrace.EnvironmentUnfit, match=r"thread 3 of 4 .*fewer threads"
    ):
        refrace.race("unlocked", threads=4)

    assert not any(thread.is_alive() for thread in started)


def test_an_interrupt_in_the_middle_gives_what_was_settled_until_then():
    def interrupt(settled, objects):
        raise KeyboardInterrupt

    with pytest.raises(refrace.Interrupted) as caught:
        refrace.race("atomic", objects=10**9, progress=interrupt)

    report = caught.value.report
    assert report.intact == report.objects < report.objects_requested == 10**9
    assert not report.is_conclusive
    assert "Stopped early" in str(report)


def test_progress_tells_objects_settled_of_objects_asked_for():
    seen = []

    def look(settled, objects):
        seen.append((settled, objects))
        if len(seen) == 2:
            raise KeyboardInterrupt

    with pytest.raises(refrace.Interrupted):
        refrace.race("atomic", objects=10**9, progress=look)

    assert [objects for _, objects in seen] == [10**9, 10**9]
    assert 0 <= seen[0][0] <= seen[1][0]

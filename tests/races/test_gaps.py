"""Races in parts: natural as asked for, in longer phases, and with widened gaps."""

import json
import threading

import pytest

import refrace
from refrace.races.race_part import RacePart

CORRECT = [mode.name for mode in refrace.modes() if mode.claim == "correct"]

PART = RacePart(
    gaps="natural",
    hold=10,
    objects=4,
    objects_requested=4,
    operations=164,
    intact=4,
    leaked=0,
    freed_early=0,
    dangling_uses=0,
    double_frees=0,
    freed_late=0,
    late_s=0.0,
    lost_increments=0,
    lost_decrements=0,
    drift=0,
    overlap=0.0,
    busy_s=1.0,
    elapsed_s=2.0,
    gap_waits=0,
    gaps_met=0,
)


def report_of(*parts):
    return refrace.RaceReport.of_parts(
        list(parts),
        mode="object_lock",
        threads=2,
        gil="released",
        shared=True,
        owner="racing",
        seed=7,
        environment=refrace.Environment("3.11.0", True, 2, "Linux x86_64"),
    )


def changed(part, **changes):
    values = {name: getattr(part, name) for name in RacePart.__slots__}
    return RacePart(**(values | changes))


WIDENED = changed(PART, gaps="widened", gap_waits=200, gaps_met=150)
BROKEN = changed(WIDENED, intact=1, leaked=3, lost_decrements=3, drift=3)


def test_a_mode_with_a_plain_word_is_corrupt_with_widened_gaps():
    """In some of thousands of gaps, seeded, a thread waits until the other has made an
    access: that it never comes to one within a millisecond, and that each object loses
    as many increments as decrements, does not happen."""
    for mode in ("unlocked", "mixed_width"):
        report = refrace.race(mode, gaps="widened", hold=32, seed=3, seconds=60.0)

        assert report.corrupted > 0
        assert report.gaps_met > 0
        assert report.is_conclusive


def test_a_race_that_finds_nothing_by_itself_goes_on_until_it_does():
    report = refrace.race("unlocked", objects=1, hold=1, seconds=60.0, seed=1)

    assert report.corrupted > 0
    assert report.parts[0].hold == 1
    assert len(report.parts) > 1


@pytest.mark.parametrize("mode", CORRECT)
def test_a_mode_that_claims_to_be_correct_is_intact_with_widened_gaps(mode):
    for seed in range(10):
        report = refrace.race(
            mode, gaps="widened", objects=6, hold=12, seed=seed, seconds=60.0
        )

        assert report.intact == report.objects == 6
        assert (report.lost_updates, report.dangling_uses, report.drift) == (0, 0, 0)
        assert report.gaps_met <= report.gap_waits


def test_natural_gaps_are_raced_in_as_asked_for_and_in_no_other_way():
    report = refrace.race("unlocked", gaps="natural", objects=1, hold=1)

    assert report.gaps == "natural"
    assert report.others == ()
    assert report.gap_waits == 0


def test_one_thread_and_the_gil_have_natural_parts_alone():
    alone = refrace.race("unlocked", threads=1, objects=3)

    assert alone.others == ()
    assert not alone.is_conclusive
    if refrace.Environment.current().gil_enabled:
        assert refrace.race("unlocked", gil="held", objects=3).others == ()


def test_without_time_there_is_no_more_than_what_was_asked_for():
    report = refrace.race("object_lock", objects=2, hold=2, seconds=0)

    assert report.parts == (report._telling_part,)


def test_an_operation_of_one_access_has_no_widened_part_among_others():
    report = refrace.race("atomic", objects=5)

    assert {part.gaps for part in report.parts} == {"natural"}
    widened = refrace.race("atomic", objects=5, gaps="widened")
    assert (widened.gaps, widened.gap_waits, widened.intact) == ("widened", 0, 5)
    assert "No thread reached a gap" in str(widened)


def test_until_corrupt_ends_with_what_was_found():
    report = refrace.race("unlocked", until_corrupt=True, seconds=60.0, seed=1)

    assert report.corrupted > 0


def test_until_corrupt_ends_with_the_time():
    report = refrace.race("object_lock", until_corrupt=True, seconds=0.05)

    assert report.corrupted == 0
    assert report.is_complete


def test_an_interrupt_in_a_later_part_gives_all_parts_until_then(monkeypatch):
    """The first part ends; then the thread that waits is interrupted."""
    from refrace.races import racing as _racing

    run_threads, calls = _racing.run_threads, []

    def interrupt_the_second(targets, *, stop, on_look):
        calls.append(None)
        if len(calls) == 2:
            raise KeyboardInterrupt
        run_threads(targets, stop=stop, on_look=on_look)

    monkeypatch.setattr(_racing, "run_threads", interrupt_the_second)

    with pytest.raises(refrace.Interrupted) as caught:
        refrace.race("object_lock", objects=5, hold=1)

    report = caught.value.report
    assert (report.objects, report.intact) == (5, 5)
    assert not report.is_complete
    assert not report.is_conclusive
    assert len(report.parts) == 2


@pytest.mark.parametrize(
    ("argument", "error", "message"),
    [
        ({"gaps": "wide"}, refrace.InvalidArgument, r"gaps='wide' .*'widened'"),
        ({"gaps": None}, refrace.InvalidArgumentType, "gaps=None"),
        ({"seconds": -1}, refrace.InvalidArgument, r"seconds=-1 .* from 0 to 86400"),
        ({"seconds": "2"}, refrace.InvalidArgumentType, "seconds='2' is a str"),
        ({"seconds": float("nan")}, refrace.InvalidArgument, "seconds=nan"),
        ({"until_corrupt": 1}, refrace.InvalidArgumentType, "until_corrupt=1"),
    ],
)
def test_a_wrong_argument_names_value_and_cure(argument, error, message):
    with pytest.raises(error, match=message):
        refrace.race("unlocked", **argument)


@pytest.mark.skipif(
    not refrace.Environment.current().gil_enabled, reason="there is no GIL to hold"
)
@pytest.mark.parametrize("argument", [{"gaps": "widened"}, {"until_corrupt": True}])
def test_what_needs_threads_that_meet_does_not_go_with_the_gil(argument):
    with pytest.raises(refrace.InvalidArgument, match=r"gil='held'.*gil='released'"):
        refrace.race("unlocked", gil="held", **argument)


# ---- the report ----------------------------------------------------------------------


def test_the_figures_are_those_of_the_part_that_found_something():
    report = report_of(PART, BROKEN)

    assert (report.gaps, report.objects, report.leaked) == ("widened", 4, 3)
    assert report.parts == (PART, BROKEN)
    assert report.answer.startswith(
        "object_lock, gaps widened: 3 of 4 objects corrupted"
    )
    assert report.is_conclusive


def test_the_figures_are_those_of_the_first_part_if_nothing_was_found():
    report = report_of(PART, changed(PART, hold=99), WIDENED)

    assert (report.gaps, report.hold) == ("natural", 10)
    assert [part.hold for part in report.parts] == [10, 99, 10]


def test_a_clean_race_is_conclusive_if_threads_met_in_some_part():
    assert not report_of(PART, PART).is_conclusive
    assert report_of(PART, WIDENED).is_conclusive
    assert report_of(PART, changed(PART, overlap=0.3)).is_conclusive
    assert not report_of(PART, changed(WIDENED, gaps_met=1)).is_conclusive
    assert not report_of(WIDENED, changed(PART, objects_requested=9)).is_conclusive


def test_the_first_line_says_in_which_part_threads_met():
    assert report_of(PART, WIDENED).answer == (
        "object_lock: all 4 objects intact, and all 4 with gaps widened, threads met "
        "in 150 of 200 gaps."
    )
    assert report_of(PART, changed(PART, overlap=0.3)).answer == (
        "object_lock: all 4 objects intact, and all 4 in longer phases, threads "
        "overlapped 30% of the time."
    )


def test_the_text_has_a_row_for_each_part_and_no_sum():
    text = str(report_of(PART, BROKEN))

    rows = [line.split()[:5] for line in text.splitlines()]
    assert ["as", "asked", "for", "10", "4"] in rows
    assert ["widened", "gaps", "10", "4", "1"] in rows


def test_the_table_of_the_parts_fits_80_columns_with_the_longest_phases():
    longest = changed(
        PART,
        hold=2**27,
        intact=0,
        leaked=2,
        freed_early=2,
        lost_increments=123_456_789,
        overlap=1.0,
    )
    first = changed(PART, objects=1_000_000, objects_requested=1_000_000)

    text = str(report_of(changed(first, intact=1_000_000), longest))

    assert "  longer phases  134.2M" in text
    assert max(map(len, text.splitlines())) <= 80


def test_the_first_line_says_in_which_part_objects_were_corrupted():
    damage = {"intact": 1, "leaked": 3}

    assert report_of(changed(PART, **damage)).answer.startswith("object_lock: 3 of 4")
    assert report_of(PART, changed(PART, **damage)).answer.startswith(
        "object_lock, in longer phases: 3 of 4 objects corrupted: 3 leaked, "
    )
    assert report_of(PART, changed(WIDENED, **damage)).answer.startswith(
        "object_lock, gaps widened: 3 of 4 objects corrupted: 3 leaked, "
    )


def test_parts_go_through_json_unchanged():
    report = report_of(PART, BROKEN)

    assert refrace.RaceReport.from_json(report.to_json()) == report


def test_a_result_of_the_first_version_is_a_natural_race():
    stored = json.loads(report_of(PART).to_json())
    for name in ("gaps", "gap_waits", "gaps_met", "others"):
        del stored[name]

    read = refrace.RaceReport.from_dict({**stored, "version": 1})

    assert read == report_of(PART)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"gaps_met": 201}, "met in more gaps"),
        ({"intact": 5}, "do not add up to objects"),
        ({"gaps": "auto"}, "expected one of"),
    ],
)
def test_a_part_that_cannot_be_is_refused_with_its_place(changes, message):
    stored = report_of(PART, WIDENED).to_dict()
    stored["others"] = [{**stored["others"][0], **changes}]

    with pytest.raises(refrace.InvalidData, match=rf"others\[0\].*{message}"):
        refrace.RaceReport.from_dict(stored)


# ---- a single object -----------------------------------------------------------------


def hammer(thing, n, calls):
    """Let two threads take references, the second one from the first one's start on."""
    start = threading.Barrier(2)

    def take():
        start.wait()
        for _ in range(calls):
            thing.incref(n)

    threads = [threading.Thread(target=take) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.parametrize(("n", "calls"), [(1, 4000), (4000, 1)])
def test_two_threads_at_one_unlocked_object_lose_counts(n, calls):
    """A thread that is alone waits in its gaps for the other, for 0.2 s in all; from
    then on each waits for the other, in a fourth of all gaps."""
    thing = refrace.Object("unlocked")
    hammer(thing, n, calls)

    assert thing.refcount < thing.ledger == 8001
    assert thing.gap_waits >= thing.gaps_met > 0
    assert "gaps widened" in repr(thing)
    assert "Threads waited in" in str(thing)


@pytest.mark.parametrize("mode", CORRECT)
def test_two_threads_at_one_object_of_a_correct_mode_lose_nothing(mode):
    thing = refrace.Object(mode, gaps="widened")
    hammer(thing, 200, 2)

    assert thing.refcount == thing.ledger == 801


def test_one_thread_alone_never_waits():
    for gaps in ("auto", "natural", "widened"):
        thing = refrace.Object("unlocked", gaps=gaps)
        thing.incref(40)
        thing.decref(40)

        assert (thing.gap_waits, thing.gaps_met) == (0, 0)
        assert "widened" not in repr(thing)


def test_natural_gaps_of_an_object_stay_natural_in_every_thread():
    thing = refrace.Object("unlocked", gaps="natural")
    hammer(thing, 100, 2)

    assert thing.gap_waits == 0


def test_an_object_with_unknown_gaps_is_refused():
    with pytest.raises(refrace.InvalidArgument, match=r"gaps='wide'"):
        refrace.Object("unlocked", gaps="wide")
    with pytest.raises(refrace.InvalidArgumentType, match="gaps=None"):
        refrace.Object("unlocked", gaps=None)

"""What a replay shows of each step, and what it says when a schedule does not fit."""

from explorer.model.models import PLENTY, model_of

import refrace
from refrace.explorer.session import Session
from refrace.findings import FindingKind
from refrace.traces.state import Found
from refrace.traces.steps import Change, Wait


def steps_of(model, kind):
    way = model.explore(**PLENTY).schedules[kind]
    return model.replay(way.schedule)


def test_a_lost_decrement_is_shown_access_by_access():
    model = model_of(
        "slot S = A\nhold T1.x = A\nhold T2.x = A\nT1: decref x\nT2: decref x",
        "unlocked",
    )

    replay = steps_of(model, "leak")

    shown = [(s.thread, s.c_text, s.before, s.after, s.preempts) for s in replay.steps]
    load = "rc_load_relaxed(&o->ob_refcnt)"
    store = "rc_store_relaxed(&o->ob_refcnt, n - 1)"
    assert shown == [
        ("T1", load, 3, 3, False),
        ("T2", load, 3, 3, True),
        ("T2", store, 3, 2, False),
        ("T1", store, 2, 2, False),
    ]
    assert {s.c_file for s in replay.steps} == {"cext/modes/unlocked.c"}
    assert [s.ledger for s in replay.steps] == [(3, 2), (2, 1), (1, 1), (1, 1)]
    assert replay.findings == (
        Found(FindingKind.LEAK, "A", thread=None, count=2, owners=1),
    )
    assert replay.preemptions == 1


def test_steps_name_places_values_and_the_statement_they_come_from():
    model = model_of("slot S = A\nobj A field f=B\nT1: x = S ; y = swap x.f null")

    replay = model.replay([0, 0])

    load, swap = replay.steps
    assert (load.place, load.before, load.result) == ("S", "A", "A")
    assert (swap.place, swap.before, swap.after) == ("A.f", "B", None)
    assert swap.result == "B"
    assert swap.changes == (Change("A", ".f", "B", None),)
    assert [s.statement for s in replay.steps] == ["x = S", "y = swap x.f null"]
    assert replay.state.objects["A"].fields == {"f": None}


def test_new_objects_are_called_after_their_type_in_the_order_they_come():
    model = model_of("T1: x = new A ; y = new A ; z = new B")

    replay = model.replay([0, 0, 0])

    assert [s.result for s in replay.steps] == ["A", "A2", "B"]
    assert [f.object for f in replay.findings] == ["A", "A2", "B"]


def test_a_deadlock_names_who_waits_for_whom():
    model = model_of(
        "lock L\nlock M\nT1: lock L ; lock M ; unlock M ; unlock L\n"
        "T2: lock M ; lock L ; unlock L ; unlock M"
    )

    replay = steps_of(model, "deadlock")

    assert replay.ended
    assert replay.waits == (Wait("T1", "M", "T2"), Wait("T2", "L", "T1"))


def test_an_await_that_nothing_ends_waits_for_no_lock():
    replay = steps_of(model_of("int N = 0\nT1: await N"), "deadlock")

    assert replay.steps == ()
    assert replay.waits == (Wait("T1", None, None),)


def test_the_choice_of_a_maybe_and_a_drain_are_shown():
    model = model_of("slot S = A\nborrow T1.x = A\nT1: put x ; maybe f\nfn f: gil")

    replay = model.replay([0, 2, 1, 0])

    assert [s.event for s in replay.steps] == ["step", "drain", "maybe", "step"]
    assert [s.taken for s in replay.steps] == [None, None, True, None]
    assert replay.ended


def test_a_schedule_that_does_not_fit_says_where_and_why():
    model = model_of("lock L\nT1: lock L ; unlock L\nT2: lock L ; unlock L")

    blocked = model.replay([0, 4])
    too_long = model.replay([0, 0, 4, 4, 0])
    nonsense = model.replay([99])

    assert (blocked.fits, blocked.misfit) == (1, "T2 cannot take a step here")
    assert blocked.enabled == [0]
    assert too_long.fits == 4
    assert too_long.misfit == "the run ends before the schedule"
    assert nonsense.misfit == "there is no choice 99"


def test_a_misuse_is_an_error_with_the_way_that_leads_there():
    model = model_of(
        "int N = 0\nlock L\nT1: N = 1\nT2: n = N\n  if n == 1 {\n    unlock L\n  }"
    )

    raw = model.explore(**PLENTY)

    assert raw.error == ([0, 4, 4], "unlocks a lock that it does not hold")
    replay = model.replay(raw.error.schedule)
    assert replay.error == raw.error.message


def test_a_thread_alone_leaves_to_the_others_what_they_hold():
    text = "hold T1.x = A\nhold T2.x = A\nT1: decref x\nT2: use x"
    program = refrace.Program.parse(text)

    for only, kinds in (("T1", set()), ("T2", {"leak"})):
        alone = Session(program, refrace.mode("atomic"), only=only)
        raw = alone.explore(**PLENTY)
        assert set(raw.schedules) == kinds

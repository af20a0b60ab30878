"""Stop-the-world: who stops, who does not, and what that orders under C11."""

import pytest

import refrace
from refrace.errors import InvalidProgram

ONE = "slot S = A\nborrow T1.x = A\n"
TWO = f"{ONE}borrow T2.x = A\n"


def explored(text, gil="released", mode="atomic"):
    return refrace.explore(text, mode, gil=gil)


def kinds(text, gil="released"):
    return {str(finding.kind) for finding in explored(text, gil).findings}


def actions(trace):
    return [(step.thread, step.operation, step.place) for step in trace.steps]


# -------------------------------------------------------------------- the meaning

STEADY = (
    "int N = 0\nT1: stop_world { n = N ; m = N ; assert n == m }\n"
    "T2: N = 1 ; gil ; N = 2"
)


def test_nothing_else_happens_while_the_world_is_stopped():
    result = explored(STEADY)

    assert result.verdict == "safe"
    # T1 asks before T2 begins, before `gil` or after it: T2 has stopped at `gil`, or
    # has ended.  In the first case it may stop before or after the others.
    assert result.interleavings == 4
    loose = STEADY.replace("stop_world { ", "").replace(" }", "")
    assert kinds(loose) == {"wrong-value"}


def test_the_world_does_not_stop_between_safe_points():
    text = (
        "int N = 0\nint M = 0\n"
        "T1: stop_world { n = N ; m = M ; assert n == m }\n"
        "T2: N = 1 ; {} ; M = 1"
    )

    assert explored(text.replace("{}", "k = N", 1)).verdict == "safe"
    for point in ("gil", "quiesce", "incref x ; decref x"):
        there = f"hold T2.x = A\n{text.replace('{}', point, 1)}"
        assert "wrong-value" in kinds(there), point
        unsafe = f"hold T2.x = A\n{text.replace('{}', f'nosafe {{ {point} }}', 1)}"
        assert "wrong-value" not in kinds(unsafe), point


def test_a_trace_says_who_asks_and_when_the_world_stops():
    text = "int N = 0\nT1: stop_world { N = 1 } ; n = N ; assert n == 0\nT2: gil"
    trace = explored(text).counterexample()

    of_t1 = [(op, place) for who, op, place in actions(trace) if who == "T1"]
    assert of_t1 == [
        ("stop_world", "the world"),
        ("stop_world", "the world"),
        ("store", "N"),
        ("stop_world-end", "the world"),
        ("load", "N"),
    ]
    for words in ("ask all", "the world", "start the", "runs -> T1", "T1 -> runs"):
        assert words in str(trace)


NATIVE = (
    "{} M\nT1: stop_world {{ gil }}\nT2: lock M ; gil ; unlock M\nT3: lock M ; unlock M"
)


def test_a_thread_that_waits_natively_has_not_stopped():
    trace = explored(NATIVE.format("native_lock")).counterexample()

    assert trace.finding.kind == "deadlock"
    said = str(trace.finding)
    assert "T1 waits in `stop_world` for T3, which is at no safe point" in said
    assert "T3 waits for M, which T2 holds" in said
    assert "T2 is stopped until T1 leaves its `stop_world`" in said
    assert explored(NATIVE.format("lock")).verdict == "safe"


def test_an_await_stops_and_a_spin_does_not():
    text = "int N = 0\nT1: stop_world { gil } ; N = 1\nT2: WAIT N"

    assert explored(text.replace("WAIT", "await")).verdict == "safe"
    assert kinds(text.replace("WAIT", "spin")) == {"deadlock"}


def test_a_wait_for_a_thread_that_is_stopped_is_said_to_be_one():
    text = "int N = 0\nT1: stop_world { await N }\nT2: gil ; N = 1"
    message = explored(text).counterexample("deadlock").finding.message

    assert "which no thread that goes on can make true" in message
    assert "T2 is stopped until T1 leaves its `stop_world`" in message
    alone = explored("int N = 0\nT1: await N").counterexample().finding.message
    assert "which no remaining thread can make true" in alone


def test_a_loop_without_a_safe_point_is_a_livelock():
    loop = "n = N ; while n == 0 { n = N ; gil }"
    text = "int N = 0\nT1: stop_world { gil } ; N = 1\nT2: LOOP"

    assert explored(text.replace("LOOP", loop)).verdict == "safe"
    endless = explored(text.replace("LOOP", f"nosafe {{ {loop} }}"))
    assert [str(finding.kind) for finding in endless.findings] == ["livelock"]
    assert "T2" in str(endless.counterexample().finding)


def test_a_nosafe_block_reaches_into_what_it_calls_and_what_ends_in_it():
    text = (
        "obj A final bye\nhold T2.x = A\nint N = 0\nint M = 0\n"
        "T1: stop_world {{ n = N ; m = M ; assert n == m }}\n"
        "T2: {} {{ N = 1 ; call f ; decref x }} ; gil\n"
        "fn f: gil\nfn bye: gil ; M = 1"
    )

    assert explored(text.format("nosafe")).verdict == "safe"
    assert kinds(text.format("repeat 1")) == {"wrong-value"}


def test_a_detached_thread_goes_on_until_it_attaches():
    text = (
        "int N = 0\nint M = 0\n"
        "T1: stop_world { n = N ; m = N ; assert n == m ; k = M }\n"
        "T2: detach ; N = 1 ; N = 2 ; attach ; M = 1"
    )

    assert "wrong-value" in kinds(text)
    after = text.replace("n = N ; m = N", "n = M ; m = M")
    assert explored(after).verdict == "safe"


def test_a_second_stop_waits_for_the_first_and_one_inside_for_ever():
    text = (
        "int N = 0\nT1: stop_world { n = N ; N = n + 1 }\n"
        "T2: stop_world { n = N ; N = n + 1 }\nend: n = N ; assert n == 2"
    )

    assert explored(text).verdict == "safe"
    trace = explored("T1: stop_world { stop_world { gil } }").counterexample()
    assert "T1 waits for the world, which it has stopped itself" in str(trace.finding)


def test_what_a_stopped_thread_holds_is_not_to_be_had():
    text = "lock L\nT1: stop_world { lock L ; unlock L }\nT2: lock L ; gil ; unlock L"
    trace = explored(text).counterexample()

    assert trace.finding.kind == "deadlock"
    assert "T1 waits for L, which T2 holds" in str(trace.finding)


def test_a_thread_suspends_its_sections_where_it_stops():
    text = (
        f"int N = 0\n{TWO}"
        "T1: stop_world { critical x { N = 1 } }\n"
        "T2: critical x { n = N ; INSIDE ; m = N ; assert n == m }"
    )
    trace = explored(text.replace("INSIDE", "gil")).counterexample()

    assert trace.finding.kind == "wrong-value"
    of_t2 = [op for who, op, _ in actions(trace) if who == "T2"]
    assert of_t2 == ["critical", "load", "suspend", "resume", "gil", "load"]
    assert explored(text.replace("INSIDE", "use x")).verdict == "safe"


def test_the_thread_that_stops_the_world_keeps_its_sections():
    text = f"int N = 0\n{TWO}T1: critical x {{ stop_world {{ N = 1 }} }}\nT2: WAY"

    assert explored(text.replace("WAY", "critical x { n = N }")).verdict == "safe"
    assert explored(text.replace("WAY", "lock x.m ; unlock x.m")).verdict == "safe"


def test_what_a_thread_has_written_is_visible_once_it_has_stopped():
    text = (
        "slot S = A\nhold T1.x = A\nborrow T2.x = A\nint N = 0\n"
        "T1: stop_world { n = N ; if n == 1 { free x } }\nT2: put x ; N = 1 ; gil"
    )

    assert "use-after-free" not in kinds(text)
    loose = text.replace("stop_world { ", "").replace("free x } }", "free x }")
    assert "use-after-free" in kinds(loose)


def test_an_interrupt_does_not_come_while_a_thread_asks():
    text = (
        "int N = 0\ninterrupt T1 f 1\ninterrupt T2 f 1\n"
        "T1: stop_world { n = N ; m = N ; assert n == m }\nT2: gil\nfn f: N = 1"
    )
    trace = explored(text).counterexample()

    # Only the thread that stops the world is interrupted in between.
    assert [w for w, op, _ in actions(trace) if op == "interrupt"] == ["T1"]


@pytest.mark.parametrize("way", ["break", "return", "gil"])
def test_every_way_out_starts_the_world(way):
    text = f"T1: repeat 1 {{ stop_world {{ {way} }} }}\nT2: gil"

    assert explored(text).verdict == "safe"


def test_with_the_gil_it_is_no_step():
    held = explored(STEADY, "held")

    assert held.verdict == "safe"
    loose = STEADY.replace("stop_world { ", "").replace(" }", "")
    assert held.interleavings == explored(loose, "held").interleavings
    gap = STEADY.replace("m = N", "gil ; m = N")
    assert kinds(gap, "held") == {"wrong-value"}
    assert kinds(gap) == set()


# ------------------------------------------------------------------ what is refused


@pytest.mark.parametrize(
    "body", ["detach ; stop_world { gil }", "stop_world { detach }"]
)
def test_a_detached_thread_does_not_stop_the_world(body):
    with pytest.raises(InvalidProgram, match="world while it is detached; attach"):
        explored(f"T1: {body} ; attach")


def test_a_finaliser_cannot_end_its_destruction_in_a_stop():
    text = (
        "obj A final bye\nslot S = null\nhold T1.x = A\nT1: decref x\n"
        "fn bye: stop_world { setrc self 2 ; S = self ; resurrect_end self }"
    )

    with pytest.raises(InvalidProgram, match="start the world first"):
        explored(text)


def test_a_finaliser_that_runs_in_a_stop_may_end_its_destruction():
    text = (
        "obj A final bye\nslot S = null\nhold T1.x = A\nT1: stop_world { decref x }\n"
        "fn bye: setrc self 2 ; S = self ; resurrect_end self\n"
    )

    assert explored(text).verdict == "safe"


# ------------------------------------------------------------------------- under C11


def kinds_under_c11(text):
    found = refrace.explore(text, memory="c11")
    assert found.limit is None
    return {str(kind) for outcome in found.outcomes for kind in outcome}


READS = "m = M relaxed ; n = N relaxed ; if m == 1 { assert n == 1 }"
WRITES = "N = 1 relaxed ; M = 1 relaxed"


@pytest.mark.parametrize(
    ("writes", "reads", "kinds"),
    [
        (WRITES, READS, {"wrong-value"}),
        (WRITES, f"stop_world {{ {READS} }}", set()),
        (f"stop_world {{ {WRITES} }}", READS, set()),
        # Whichever thread stops the world, one of them is before the stop.
        ("N = 1 relaxed ; stop_world { gil } ; M = 1 relaxed", READS, set()),
        (
            WRITES,
            "m = M relaxed ; stop_world { gil } ; n = N relaxed ; if m == 1 "
            "{ assert n == 1 }",
            set(),
        ),
    ],
)
def test_under_c11_a_stop_orders_what_is_before_it_and_what_is_behind_it(
    writes, reads, kinds
):
    text = f"int N = 0\nint M = 0\nT1: {writes}\nT2: {reads}"

    assert kinds_under_c11(text) == kinds


def test_under_c11_a_stop_of_a_third_thread_orders_too():
    text = """
    int D = 0
    borrow T1.x = A
    hold T2.x = A
    T1: use x ; D = 1 relaxed
    T2: await D == 2 relaxed ; decref x
    T3: await D relaxed ; stop_world { gil } ; D = 2 relaxed
    """

    assert kinds_under_c11(text) == set()
    without = text.replace("stop_world { gil } ; ", "")
    assert kinds_under_c11(without) == {"unsynchronised-free"}


PAYLOAD = "hold T1.x = A\nhold T2.x = A\nT1: {} decref x\nT2: {} ; decref x"


@pytest.mark.parametrize(
    ("owner", "stopper", "kinds"),
    [
        ("put x ;", "stop_world { use x }", set()),
        # T1 may stop before its write, and go on with it behind the stop.
        ("gil ; put x ;", "stop_world { gil } ; use x", {"data-race"}),
        # A detached thread does not stop, but what is before its `detach` is ordered.
        ("detach ; put x ; attach ;", "stop_world { use x }", {"data-race"}),
        ("put x ; detach ; attach ;", "stop_world { use x }", set()),
        ("detach ; attach ; use x ;", "stop_world { put x }", set()),
    ],
)
def test_under_c11_a_payload_is_safe_in_a_stop_unless_a_detached_thread_uses_it(
    owner, stopper, kinds
):
    assert kinds_under_c11(PAYLOAD.format(owner, stopper)) == kinds

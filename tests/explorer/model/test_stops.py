"""Stop-the-world: who stops and who does not, and that both explorers agree on it."""

import pytest
from explorer.model.compare import same_answers
from explorer.model.generate_stops import random_stops
from explorer.model.models import GILS

import refrace
from refrace.errors import InvalidArgument, InvalidProgram

PROGRAMS_PER_TEST = 60
PROGRAMS_PER_SOAK = 400
FEWER_STATES = 150
MODES_COMPARED = ["atomic", "object_lock", "biased_suspend", "epoch"]
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


def test_c11_is_refused():
    with pytest.raises(InvalidArgument, match="`stop_world` is modelled only with"):
        refrace.explore("T1: stop_world { gil }", memory="c11")


# ------------------------------------------------------------------ the other verbs


def test_the_verbs_agree_on_a_stop():
    text = NATIVE.format("native_lock")
    explored_once = explored(text)
    token = explored_once.counterexample().token

    assert refrace.replay(token).finding.kind == "deadlock"
    sampled = refrace.sample(text, runs=200, seed=3)
    assert {str(finding.kind) for finding in sampled.findings} == {"deadlock"}
    found = refrace.explore(text, counts=False)
    assert [str(f.kind) for f in found.findings] == ["deadlock"]
    again = refrace.Program.from_json(explored_once.program.to_json())
    assert str(again) == str(explored_once.program)


def test_real_threads_stop_and_start_the_world():
    race = refrace.race("atomic", program=STEADY, rounds=100, seed=1)

    assert race.findings == ()
    assert race.disputed == 0


def test_real_threads_meet_the_thread_that_never_stops():
    race = refrace.race(
        "atomic", program=NATIVE.format("native_lock"), rounds=200, seed=2
    )

    assert race.disputed == 0
    assert {frozenset(map(str, kinds)) for kinds in race.outcomes} <= {
        frozenset(),
        frozenset({"deadlock"}),
    }


@pytest.mark.parametrize("mode", ["atomic", "biased_suspend"])
def test_real_threads_end_as_predicted(mode):
    raced = 0
    for seed in range(20):
        try:
            program = refrace.Program.parse(random_stops(seed))
            predicted = refrace.explore(program, mode, max_states=5000)
        except InvalidProgram:
            continue
        if predicted.verdict == "unfinished":
            continue
        race = refrace.race(mode, program=program, rounds=10, seed=seed)
        raced += 1
        assert race.disputed == 0, seed
        assert set(race.outcomes) <= set(predicted.outcomes), seed

    assert raced > 10


def test_the_stepper_shows_who_stops_the_world():
    data = refrace.step(NATIVE.format("native_lock")).data

    assert "the world" in data["variables"]
    assert {"runs", "T1 asks to stop it", "stopped by T1"} <= set(data["values"])
    waits = {wait for state in data["waits"] for wait in state}
    assert "T2 waits for the world stopped by T1" in waits


def test_a_program_without_a_stop_has_no_more_words():
    text = "hold T1.x = A\nhold T2.x = A\nT1: decref x\nT2: decref x"
    nosafe = text.replace("decref x", "nosafe { decref x }")

    assert explored(nosafe).states == explored(text).states


# ------------------------------------------------------------ against the reference


def agree(mode, gil, first, n):
    answers = same_answers(
        random_stops, range(first, first + n), mode, gil, True,
        max_states=FEWER_STATES,
    )  # fmt: skip

    assert len(answers) > n // 2
    assert None in answers.values()
    assert any(answer and "deadlock" in answer[0] for answer in answers.values())


@pytest.mark.parametrize("gil", GILS)
def test_generated_programs_have_the_same_answer(gil):
    agree("atomic", gil, 0, 2 * PROGRAMS_PER_TEST)


@pytest.mark.parametrize("mode", ["biased_suspend", "epoch"])
def test_generated_programs_have_the_same_answer_where_detaching_is_work(mode):
    agree(mode, "released", 1000, PROGRAMS_PER_TEST)


@pytest.mark.soak
@pytest.mark.parametrize("gil", GILS)
@pytest.mark.parametrize("mode", MODES_COMPARED)
def test_thousands_of_generated_programs_have_the_same_answer(mode, gil):
    agree(mode, gil, 10_000, PROGRAMS_PER_SOAK)

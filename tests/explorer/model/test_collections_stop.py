"""A collection stops the world as `stop_world` does, and starts it again."""

import pytest
from reference import explore as reference

import refrace


def kinds_of(text, gil="released"):
    found = refrace.explore(text, gil=gil)
    assert found.limit is None
    return {str(finding.kind) for finding in found.findings}


EQUAL = "int N = 0\nint M = 0\nT1: stop_world { n = N ; m = M ; assert n == m }\n"


def test_a_thread_that_comes_to_a_collection_has_stopped():
    assert kinds_of(EQUAL + "T2: N = 1 ; collect ; M = 1") == {"wrong-value"}
    assert kinds_of(EQUAL + "T2: N = 1 ; k = N ; M = 1") == set()

    loop = "int N = 0\nT1: stop_world { gil } ; N = 1\n"
    loop += "T2: n = N ; while n == 0 { collect ; n = N }"
    assert kinds_of(loop) == set()


def test_a_thread_that_is_about_to_look_again_has_stopped():
    objects = "obj A gc field f=A final bye\nslot S = null\n"
    text = objects + EQUAL + "T2: collect ; M = 1\nfn bye: N = 1"
    again = "obj A gc field f=A field g=B final bye\nobj B gc final bye2\n" + EQUAL
    again += "T2: collect\nfn bye: N = 1\nfn bye2: M = 1"

    assert kinds_of(text) == {"wrong-value"}
    # Both finalisers run before `look-again`, where T2 stops.
    assert kinds_of(again) == set()
    assert kinds_of(again.replace("bye2: M", "bye2: gil ; M")) == {"wrong-value"}


def test_a_collection_waits_for_the_end_of_a_nosafe_block():
    text = """
    obj A gc field f=null
    hold T2.x = A
    T1: collect
    T2: {} {{ x.f = x ; incref x }} ; use x ; y = swap x.f null ; decref y ; decref x
    """

    assert kinds_of(text.format("nosafe")) == set()
    assert "use-after-free" in kinds_of(text.format("repeat 1"))


@pytest.mark.parametrize("by", ["collect", "stop_world { gil }"])
def test_a_thread_that_stops_for_a_collection_gives_up_its_sections(by):
    text = f"""
    obj A gc
    int N = 0
    int M = 0
    slot S = A
    borrow T2.x = A
    borrow T3.x = A
    T1: {by}
    T2: critical x {{ n = N ; gil ; m = N ; assert n == m }}
    T3: critical x {{ N = 1 }}
    """

    assert kinds_of(text) == {"wrong-value"}
    assert kinds_of(text.replace("gil ; m", "k = M ; m")) == set()


def test_a_thread_gives_up_its_sections_to_collect_while_another_stops_the_world():
    text = """
    obj A gc
    int N = 0
    slot S = A
    borrow T2.x = A
    borrow T3.x = A
    T1: {}
    T2: critical x {{ n = N ; {} ; m = N ; assert n == m }}
    T3: critical x {{ N = 1 }}
    """

    assert kinds_of(text.format("stop_world { gil }", "collect")) == {"wrong-value"}
    assert kinds_of(text.format("gil", "collect")) == set()
    # One that finds a collection under way returns at once.
    assert kinds_of(text.format("collect", "collect")) == set()


def test_a_collection_in_a_world_that_the_thread_has_stopped_waits_for_ever():
    found = refrace.explore("obj A gc field f=A\nT1: stop_world { collect }")
    within = "obj A gc field f=A final bye\nint N = 0\nT1: collect\n"
    within += "fn bye: stop_world { collect ; N = 1 }\nend: n = N ; assert n == 1"

    message = str(found.counterexample("deadlock").finding)
    assert "T1 waits for the world, which it has stopped itself" in message
    assert kinds_of(within) == set()
    text = "obj A gc field f=A\nT1: stop_world { collect }"
    assert kinds_of(text, gil="held") == set()


def test_a_collection_that_finds_another_under_way_waits_for_nobody():
    text = """
    obj A gc field f=A final bye
    native_lock L
    lock M
    T1: collect
    T2: lock L ; lock M ; unlock M ; unlock L
    T3: await DONE
    int DONE = 0
    fn bye: lock M ; collect ; unlock M ; DONE = 1
    """

    assert kinds_of(text) == set()
    spins = "obj A gc field f=A final bye\nint DONE = 0\nint ON = 0\n"
    spins += "T1: collect\nT2: await ON ; spin DONE\n"
    spins += "fn bye: ON = 1 ; {} ; DONE = 1"
    assert kinds_of(spins.format("collect")) == set()
    assert "deadlock" in kinds_of(spins.format("stop_world { gil }"))


@pytest.mark.parametrize("by", ["collect", "stop_world { k = N }"])
def test_a_thread_that_is_stopped_lets_go_of_old_blocks(by):
    text = f"vec C = [B] room 1 delayed\nint N = 0\nT1: append C null ; {by}\n"
    text += "T2: p = items C ; gil ; y = at p 0 ; use y"

    assert kinds_of(text) == {"use-after-free"}
    assert kinds_of(text.replace(f" ; {by}", "")) == set()
    assert kinds_of(text.replace("gil", "k = N")) == set()
    assert reference(text).findings.keys() == {"use-after-free"}
    assert reference(text).interleavings == refrace.explore(text).interleavings


def test_a_collection_that_cannot_stop_a_thread_is_named():
    text = "obj A gc field f=A\nint N = 0\nT1: collect ; N = 1\nT2: spin N"
    message = refrace.explore(text).counterexample("deadlock").finding.message

    assert "T1 waits in `collect` for T2, which is at no safe point" in message


def test_a_trace_says_who_asks_for_a_collection_and_when_it_is():
    text = "obj A gc field f=A\nborrow T2.x = A\nT1: collect\nT2: gil ; use x"
    trace = refrace.explore(text).counterexample()
    of_t1 = [
        (step.operation, step.place) for step in trace.steps if step.thread == "T1"
    ]

    assert of_t1[:4] == [
        *[("collect", "the world")] * 2,
        *[("look-again", "the world")] * 2,
    ]
    assert "collect: ask" in str(trace)
    assert "look again: ask" in str(trace)

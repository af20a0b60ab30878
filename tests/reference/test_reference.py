"""Small programs, one or two per step and declaration, with answers found on paper."""

from __future__ import annotations

from fractions import Fraction

import pytest

from reference import InvalidProgram, TooManyStates, explore


def counted(text: str, **options: str) -> dict[str, int | None]:
    """Return how many runs have each outcome, the kinds joined by a plus sign."""
    outcomes = explore(text, **options).outcomes
    return {
        "+".join(sorted(kinds)) or "intact": outcome.interleavings
        for kinds, outcome in outcomes.items()
    }


def cost(text: str, kind: str, **options: str) -> tuple[int, int]:
    """Return the preemptions and steps of the smallest run with a finding."""
    return explore(text, **options).findings[kind][:2]


HOLD = "hold T1.x = A\nT1: "

ONE_RUN = {
    # the count as a cell, one thread
    "obj A rc 2\nslot S = A\nborrow T1.x = A\n"
    "T1: n = rc x ; assert n == 2 ; u = unique x ; assert u == 0\n"
    "  setrc x n - 1 ; u = unique x ; assert u == 1\n"
    "  b = casrc x 5 9 ; assert b == 0 ; b = casrc x 1 3 ; assert b == 1\n"
    "  n = incfetch x ; assert n == 4 ; n = decfetch x ; assert n == 3\n"
    "  b = try_incref x ; assert b == 1 ; setrc x 1": "intact",
    # the bare count's operations never destroy; a count nobody owns is a leak
    HOLD + "n = decfetch x": "leak",
    HOLD + "n = decfetch x ; dealloc x": "intact",
    HOLD + "n = decfetch x ; n = decfetch x": "underflow",
    HOLD + "setrc x 0 ; decref x": "underflow",
    # freeing by hand, and the ledger
    HOLD + "dealloc x": "dangling-free",
    HOLD + "free x": "dangling-free",
    HOLD + "setrc x 0 ; free x": "intact",
    HOLD + "setrc x 0 ; free x ; free x": "double-free",
    HOLD + "setrc x 0 ; free x ; dealloc x": "double-free",
    HOLD + "decref x ; use x": "use-after-free",
    HOLD + "incref x ; dealloc x ; use x": "dangling-free+use-after-free",
    # the judgement at the end, after the checks of `end:`
    "slot S = A\nT1: x = S ; incref x": "leak",
    "obj A rc 0\nslot S = A\nT1: gil": "count-too-low",
    "slot S = A\nT1: x = S ; decref x": "dangling-reference",
    "vec C = [A]\nT1: x = get C 0 ; decref x": "dangling-reference",
    "obj A field f=B\nslot S = A\nborrow T1.b = B\nT1: decref b": "dangling-reference",
    "slot S = A\nT1: x = S ; incref x\nend: assert 0 == 1": "wrong-value",
    "slot S = A\nslot Q = B\nT1: x = S ; decref x ; y = Q ; incref y": (
        "dangling-reference+leak"
    ),
    # null, null pointers, allocation
    "slot S = null\nT1: x = S ; use x": "null-dereference",
    "slot S = null\nT1: x = upgrade S ; decref x": "null-dereference",
    "T1: lock x.m": "null-dereference",
    "T1: x = raw_new N ; use x": "uninitialised-use",
    "T1: x = raw_new N ; init x ; use x ; decref x": "intact",
    "type M field f=null rawfield v=7\nT1: x = new M ; n = x.v ; assert n == 7\n"
    "  y = new B ; x.f = y ; decref x ; use y": "use-after-free",
    # the same memory again, under the same name
    HOLD + "decref x ; y = renew A ; assert x == y ; use x ; decref y": "intact",
    HOLD + "y = renew A ; assert not x == y ; decref y ; decref x": "intact",
    # fields: swapped, compared and swapped, counted down by the free step
    "obj A field f=B rawfield v=0\n" + HOLD + "n = finc x.v ; n = finc x.v\n"
    "  assert n == 2 ; n = fdec x.v ; assert n == 1 ; b = x.f ; old = swap x.f null\n"
    "  assert old == b ; c = cas x.f b null ; assert c == 0\n"
    "  c = cas x.f null b ; assert c == 1 ; decref x ; use b": "use-after-free",
    # of the two objects that A owned, the one that reached zero last goes first
    "obj A field f=B field g=C\nobj B final fb\nobj C final fc\nint N = 0\n"
    + HOLD
    + "decref x\nfn fc: N = 1\nfn fb: n = N ; assert n == 1\n"
    "end: n = N ; assert n == 1": "intact",
    # a finaliser that resurrects for a while, and one that finds company
    "obj A final bye\nint N = 0\n" + HOLD + "decref x\n"
    "fn bye: setrc self 1 ; resurrect_end self ; N = 1\n"
    "end: n = N ; assert n == 1": "intact",
    "obj A final bye\nint N = 0\nslot S = null\n" + HOLD + "decref x ; S = x\n"
    "fn bye: setrc self 2 ; resurrect_end self ; N = 1\n"
    "end: n = N ; assert n == 0": "intact",
    "obj A final bye\n" + HOLD + "decref x\n"
    "fn bye: setrc self 1 ; decref self": "double-free",
    "obj A final bye\n" + HOLD + "decref x\nfn bye: incref self": "revival",
    "obj A final bye\n" + HOLD + "decref x\n"
    "fn bye: setrc self 1 ; incref self ; decref self": "dangling-free",
    "obj A final bye\nraw R = A\n" + HOLD + "decref x\n"
    "fn bye: y = upgrade R ; assert y == null ; b = try_incref self\n"
    "  assert b == 0 ; setrc self 1 ; y = upgrade R ; assert y == null\n"
    "  b = try_incref self ; assert b == 1 ; setrc self 0": "intact",
    # stable memory can still be read, and only that
    "obj A stable rawfield v=4\n" + HOLD + "decref x ; n = x.v ; assert n == 4\n"
    "  x.v = 5 ; n = rc x ; assert n == 0 ; b = try_incref x ; assert b == 0\n"
    "  b = casrc x 1 2 ; assert b == 0": "intact",
    "obj A stable\n" + HOLD + "decref x ; b = casrc x 0 1": "use-after-free",
    "obj A stable\n" + HOLD + "decref x ; use x": "use-after-free",
    # a narrow count wraps; the ledger does not
    "obj A max 1\n" + HOLD + "incref x ; n = rc x ; assert n == 0 ; setrc x 1\n"
    "  decref x": "dangling-free",
    "obj A max 3\nslot S = A\nslot R = A\nT1: x = S\n  repeat 3 { incref x }\n"
    "  decref x": "dangling-free+dangling-reference",
    # containers
    "vec V = [A, B]\nrawvec C = [A, B]\nborrow T1.a = A\nborrow T1.b = B\n"
    "T1: append C b ; n = len C ; assert n == 3 ; i = get C 2 ; assert i == b\n"
    "  r = remove C a ; assert r == a ; r = remove C a ; assert r == null\n"
    "  append C a ; p = pop C ; assert p == a ; p = pop C ; p = pop C\n"
    "  assert p == b ; p = pop C ; assert p == null": "intact",
    "vec C = [A]\nT1: i = get C 1": "out-of-bounds",
    "vec C = [A]\nT1: i = get C (-1)": "out-of-bounds",
    # a value that nobody wants is dropped
    "int N = 0\nvec C = [A]\nslot S = B\nT1: finc N ; b = cas N 1 2 ; x = get C 0\n"
    "  n = rc x ; decfetch x ; try_incref x ; incfetch x ; pop C ; swap S null\n"
    "  upgrade S ; fdec N ; casrc x 0 1\nend: n = N ; assert n == 1": "leak",
    # locks
    "lock L\nT1: lock L ; lock L": "deadlock",
    "rlock L\nT1: lock L ; lock L ; unlock L ; unlock L": "intact",
    "slot S = A\nT1: x = S ; lock x.m ; lock x.m": "deadlock",
    HOLD + "lock x.m ; decref x ; unlock x.m": "use-after-free",
    "int N = 1\nT1: await not N": "deadlock",
    "int N = 1\nT1: await N": "intact",
    # control flow
    "int N = 0\nT1: call f 4 ; call f 5\nfn f: if arg == 4 {\n N = 1 ; return }\n"
    "  n = N ; assert n == 1": "intact",
    "T1: i = 0\n  while i < 9 {\n i = i + 1\n if i == 4 and not i > 4 { break } }\n"
    "  repeat 2 {\n repeat 3 { i = i + 1 } }\n  assert i == 10": "intact",
    "T1: a = 1\n if a == 2 { assert 0 == 1 } else { a = a - 3 }\n"
    "  assert a <= -2 and a >= -2": "intact",
    "T1: gil ; assert 1 == 2": "wrong-value",
}  # fmt: skip


@pytest.mark.parametrize("gil", ["released", "held"])
@pytest.mark.parametrize("text", ONE_RUN)
def test_one_thread_has_one_run_with_the_outcome_found_on_paper(
    text: str, gil: str
) -> None:
    assert counted(text, gil=gil) == {ONE_RUN[text]: 1}


@pytest.mark.parametrize("mode", ["unlocked", "object_lock", "global_lock"])
@pytest.mark.parametrize("text", ONE_RUN)
def test_one_thread_meets_the_same_in_every_mode(text: str, mode: str) -> None:
    assert counted(text, mode=mode) == {ONE_RUN[text]: 1}


def test_a_borrowed_pointer_is_counted_too_late_in_five_of_seven_runs() -> None:
    # Steps of T1: decref (d), free (f); of T2: load (l), incref (i), decref (e).
    # lided and liedf are intact; dli and ldi revive; dlfi, dfli, ldfi come too late.
    text = "hold T1.x = A\nraw R = A\nT1: decref x\nT2: y = R ; incref y ; decref y"
    found = explore(text)
    assert counted(text) == {"intact": 2, "revival": 2, "use-after-free": 3}
    chances = {kinds: o.probability for kinds, o in found.outcomes.items()}
    assert chances == {
        frozenset(): Fraction(1, 4),
        frozenset({"revival"}): Fraction(1, 4),
        frozenset({"use-after-free"}): Fraction(1, 2),
    }
    assert found.findings["use-after-free"][:2] == (0, 4)
    assert found.findings["revival"][:2] == (1, 3)
    assert counted(text, gil="held") == {"intact": 1, "use-after-free": 1}


def test_an_upgrade_never_takes_a_dying_object() -> None:
    text = """hold T1.x = A\nraw R = A\nT1: decref x
    T2: y = upgrade R
      if y != null { use y ; decref y }"""
    # After the upgrade, decref x falls into one of 3 places of use y, decref y;
    # after decref x, the upgrade comes before or after the free.
    assert counted(text) == {"intact": 5}


def test_the_scheduler_picks_among_branches_and_a_maybe_has_two() -> None:
    text = """int N = 0\nT1: maybe f ; n = N ; assert n == 0\nT2: N = 1\nfn f: return"""
    assert counted(text) == {"intact": 2, "wrong-value": 4}
    # T1 goes first in 2 of 3 branches, and reads before T2 writes in half of those.
    wrong = explore(text).outcomes[frozenset({"wrong-value"})]
    assert wrong.probability == Fraction(2, 3)


def test_a_late_write_reaches_freed_memory_in_one_of_three_runs() -> None:
    late = HOLD + "put x ; decref_rlx x"
    assert counted(late) == {"intact": 2, "use-after-free": 1}
    assert cost(late, "use-after-free") == (0, 4)
    found = explore(late).outcomes[frozenset({"use-after-free"})]
    assert found.probability == Fraction(1, 4)
    assert counted(HOLD + "put x ; decref x") == {"intact": 2}
    assert counted(HOLD + "put x ; fence ; decref_rlx x") == {"intact": 2}
    assert counted(late, gil="held") == {"intact": 1}


def test_a_write_waits_for_its_turn_in_the_buffer() -> None:
    # The first write drains before or after a step; the second never before it.
    assert counted("slot S = A\nT1: x = S ; put x ; gil ; put x") == {"intact": 3}
    assert counted("slot S = A\nT1: x = S ; put x ; put x ; gil") == {"intact": 5}


def test_opposite_lock_orders_deadlock_in_two_of_six_runs() -> None:
    text = """lock L M
    T1: lock L ; lock M ; unlock M ; unlock L
    T2: lock M ; lock L ; unlock L ; unlock M"""
    assert counted(text) == {"deadlock": 2, "intact": 4}
    assert cost(text, "deadlock") == (1, 2)
    assert counted(text, gil="held") == {"intact": 2}


def test_a_lost_update_needs_one_preemption() -> None:
    text = """int N = 0
    T1: n = N ; n = n + 1 ; N = n
    T2: n = N ; n = n + 1 ; N = n
    end: k = N ; assert k == 2"""
    assert counted(text) == {"intact": 2, "wrong-value": 4}
    assert cost(text, "wrong-value") == (1, 5)
    atomic = "int N = 0\nT1: n = finc N\nT2: n = finc N\nend: k = N ; assert k == 2"
    assert counted(atomic) == {"intact": 2}


def test_the_gil_changes_hands_at_a_gil_step_and_at_no_lock_that_is_free() -> None:
    text = """int N = 0\nlock L
    T1: n = N ; {} ; N = n + 1\nT2: n = N ; N = n + 1\nend: k = N ; assert k == 2"""
    assert cost(text.format("gil"), "wrong-value", gil="held") == (1, 6)
    assert counted(text.format("lock L ; unlock L"), gil="held") == {"intact": 2}


def test_a_thread_that_waits_gives_the_gil_away_for_nothing() -> None:
    text = "int N = 0\nT1: await N ; assert 0 == 1\nT2: N = 1 ; gil"
    assert cost(text, "wrong-value", gil="held") == (0, 3)
    assert cost(text, "wrong-value") == (0, 3)


def test_a_lock_whose_object_is_freed_is_not_waited_for() -> None:
    text = """hold T1.x = A\nborrow T2.x = A
    T1: lock x.m ; decref x\nT2: lock x.m"""
    # T2 is first: T1 waits for ever.  T1 is first: T2 waits for the free.
    assert counted(text) == {"deadlock": 1, "use-after-free": 1}


def test_waiting_by_spinning_has_infinitely_many_runs_but_exact_chances() -> None:
    spin = "int N = 0\nT1: n = N\n while n == 0 { n = N }\n"
    found = explore(spin + "T2: N = 1")
    assert (found.verdict, found.interleavings) == ("safe", None)
    assert found.outcomes == {frozenset(): (None, Fraction(1))}
    # N is 1 between two steps of T2: T1 sees it there in one of two branches.
    found = explore(spin + "T2: N = 1 ; N = 0")
    assert found.interleavings is None
    half = (None, Fraction(1, 2))
    assert found.outcomes == {frozenset(): half, frozenset({"livelock"}): half}
    assert found.findings["livelock"][:2] == (0, 2)


def test_a_livelock_ends_its_run() -> None:
    text = "T1: while 0 == 0 { gil }\nT2: gil"
    found = explore(text)
    assert found.findings == {"livelock": (0, 0, ())}
    assert found.outcomes == {frozenset({"livelock"}): (1, Fraction(1))}
    assert found.interleavings == 1


@pytest.mark.parametrize(
    "text",
    [
        "lock L\nT1: unlock L",
        "lock L\nT1: lock L\nT2: unlock L",
        "slot S = null\nT1: x = S ; n = x + 1",
        "int N = 3\nT1: n = N ; use n",
        "slot S = A\nT1: x = S ; n = x.f",
        "slot S = A\nT1: x = S ; resurrect_end x",
        "T1: while 0 == 0 { a = 1 }",
        "T1: call f\nfn f: call f",
        "T1: call f",
        "T1: x = Y Z",
        "T1: if 0 == 0 { gil",
        "T1: gil }",
        "T1: break",
        "T1: ?",
        "T1: frob x",
        "T1: gil\nT1: gil",
        "hold T2.x = A\nT1: gil",
        "obj A final nothing\nT1: gil",
        "type M field f=A\nT1: gil",
        "slot S",
    ],
)
def test_an_error_of_the_program_is_not_a_finding(text: str) -> None:
    with pytest.raises(InvalidProgram):
        explore(text)


def test_more_states_than_allowed_is_an_error_and_not_an_answer() -> None:
    with pytest.raises(TooManyStates):
        explore("T1: repeat 9 { gil }\nT2: repeat 9 { gil }", max_states=50)


def test_an_unknown_mode_is_refused() -> None:
    with pytest.raises(ValueError, match="hopeful"):
        explore("T1: gil", mode="hopeful")

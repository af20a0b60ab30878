"""Words that stop counting: saturated ones leak, immortal ones stay."""

import pytest

import refrace

OVERFLOW = """
obj A max {most}
slot S = A
T1: x = S ; {increments} ; {decrements}
"""

IMMORTAL = 805306368  # 3 << 28
LEAST = 536870912  # 1 << 29


def kinds(text, mode):
    return {str(finding.kind) for finding in refrace.explore(text, mode).findings}


def overflow(most, increments, decrements):
    return OVERFLOW.format(
        most=most,
        increments=" ; ".join(["incref x"] * increments),
        decrements=" ; ".join(["decref x"] * decrements),
    )


def values_of_count(text, mode, n):
    """The values of a lone thread's count after each of its n first writes or reads."""
    trace = refrace.explore(text, mode).counterexample()
    return [s.after for s in trace.steps if s.place == "A.refcount"][:n]


@pytest.mark.parametrize("most", [1, 2, 3, 7])
@pytest.mark.parametrize("decrements", [0, 1, 2, 9])
def test_an_overflow_becomes_a_leak_however_many_references_go_again(most, decrements):
    assert kinds(overflow(most, most, decrements), "saturating") == {"leak"}


@pytest.mark.parametrize("most", [1, 2, 3, 7])
def test_up_to_the_largest_count_nothing_saturates(most):
    assert kinds(overflow(most, most - 1, most - 1), "saturating") == set()


def test_the_word_wraps_at_twice_its_largest_count_and_is_set_to_the_middle_below():
    # The word of max 3 is -4 to 3, its saturated value the middle of -4 to 0.
    text = overflow(3, 3, 1)

    assert values_of_count(text, "saturating", 7) == [2, 3, -4, -2, -3, -2]


def test_threads_that_come_between_an_overflow_and_its_mending_find_it_saturated():
    text = "obj A max {0} rc {0}\nhold T1.x = A\nhold T2.x = A\nhold T3.x = A\n"
    text += "".join(f"T{t}: incref x ; decref x ; decref x\n" for t in (1, 2, 3))

    assert kinds(text.format(15), "saturating") == {"leak"}
    # So small a word is crossed before the mending; without `max` it holds 2^28 more.
    assert kinds(text.format(3), "saturating") == {"leak", "underflow"}


def test_a_try_at_the_largest_count_saturates_and_succeeds():
    text = """
    obj A max 2
    slot S = A
    hold T1.x = A
    T1: n = try_incref x ; assert n == 1 ; k = rc x ; assert k < 0
    """

    assert kinds(text, "saturating") == {"leak"}


def test_a_drop_too_many_is_an_underflow_where_the_mode_sees_it():
    text = "obj A final f\nhold T1.x = A\nT1: decref x\nfn f: decref self"

    last = refrace.explore(text, "saturating").counterexample().steps[-1]

    assert kinds(text, "saturating") == {"underflow"}
    assert last.statement == "decref self"


def test_a_saturated_leak_says_that_the_count_no_longer_changes():
    trace = refrace.explore(overflow(1, 1, 0), "saturating").counterexample()

    assert "so the count stays at -1" in " ".join(str(trace).split())


def test_what_owns_a_saturated_object_lets_go_of_it_without_an_end():
    text = """
    obj B field f=A
    obj A max 1
    slot S = B
    T1: x = S ; y = x.f ; incref y ; z = swap S null ; decref z
    """

    assert kinds(text, "saturating") == {"leak"}


@pytest.mark.parametrize("count", [LEAST, IMMORTAL, IMMORTAL + 3])
def test_an_immortal_object_is_neither_leaked_nor_too_low_nor_freed(count):
    text = f"""
    obj A rc {count}
    slot S = A
    borrow T1.x = A
    T1: incref x ; decref x ; decref x ; u = unique x ; assert u == 0
    T2: z = swap S null ; decref z
    """

    assert refrace.explore(text, "immortal").is_proof
    assert kinds(text, "atomic") >= {"leak"}


def test_an_immortal_object_that_drifts_heals_upward():
    text = f"""
    obj A rc {IMMORTAL - 2}
    slot S = A
    T1: x = S
      repeat 3 {{
        incref x
        decref x
      }}
    end: x = S ; n = rc x ; assert n == {IMMORTAL}
    """

    assert refrace.explore(text, "immortal").is_proof


def test_below_the_threshold_an_object_is_counted():
    text = f"obj A rc {LEAST - 1}\nslot S = A\nT1: x = S ; decref x"

    assert kinds(text, "immortal") == {"leak"}


def test_what_is_made_immortal_while_it_is_used_stays():
    text = f"""
    slot S = A
    hold T1.x = A
    T1: incref x ; decref x ; decref x
    T2: y = S ; setrc y {IMMORTAL}
    """

    # A subtraction that was decided on before is the drift that the threshold allows.
    assert refrace.explore(text, "immortal").is_proof


@pytest.mark.parametrize(
    ("mode", "count", "found"),
    [("saturating", LEAST - 1, ["leak"]), ("immortal", IMMORTAL, [])],
)
def test_compiled_code_stops_counting_where_the_model_does(mode, count, found):
    text = f"""
    obj A rc {count}
    slot S = A
    borrow T1.x = A
    borrow T2.x = A
    T1: incref x ; decref x
    T2: n = try_incref x ; assert n == 1 ; decref x
    """

    report = refrace.race(program=text, mode=mode, rounds=50, seed=1)

    assert {str(finding.kind) for finding in report.findings} == set(found)
    assert refrace.explore(text, mode).is_proof == (found == [])


def test_the_store_that_saturates_does_not_drop_what_was_written_meanwhile():
    text = """
    raw R = A
    borrow T1.x = A
    borrow T2.x = A
    T1: incref x ; decref x ; decref x
    T2: setrc x 1
    """

    # A begins without a count, so that T1 saturates it, in each of its operations.
    assert "underflow" not in kinds(text, "saturating")

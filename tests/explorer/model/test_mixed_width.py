"""The count of two widths: what each half of an operation touches of the word."""

import refrace

TWO_PAIRS = """
slot S = A
borrow T1.x = A
borrow T2.x = A
T1: incref x
T2: incref x ; decref x ; decref x
"""

ALL_LOW = 2**28 - 1


def kinds(text, mode="mixed_width", gil="released"):
    found = refrace.explore(text, mode, gil).findings
    return {str(finding.kind) for finding in found}


def test_under_the_gil_it_counts_right():
    pairs = "slot S = A\n" + "".join(
        f"borrow T{t}.x = A\nT{t}: incref x ; decref x\n" for t in (1, 2)
    )

    assert kinds(pairs, gil="held") == set()
    assert kinds(pairs) >= {"leak"}


def test_both_kinds_of_update_get_lost():
    assert kinds(TWO_PAIRS) >= {"leak", "dangling-reference"}


def test_an_increment_writes_nothing_above_its_part():
    text = f"obj A rc {3 * 2**28 + 1}\nborrow T1.x = A\nT1: incref x ; n = rc x"
    trace = refrace.explore(text, "mixed_width").counterexample()

    assert trace.steps[1].after == 3 * 2**28 + 2


def test_an_immortal_object_is_left_alone_by_both():
    text = f"""
    obj A rc {ALL_LOW}
    slot S = A
    borrow T1.x = A
    T1: incref x ; decref x ; n = try_incref x ; assert n == 1 ; k = rc x
      assert k == {ALL_LOW}
    """

    assert refrace.explore(text, "mixed_width").is_proof

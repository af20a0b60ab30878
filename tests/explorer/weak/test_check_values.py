"""Numbers of runs, states and findings under C11 that can be derived on paper."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

import refrace
from refrace import Exploration

ORDERS = ("relaxed", "release", "acquire", "acq_rel")
FENCES = (None, "release", "acquire", "acq_rel")


def c11(program: str, mode: str = "atomic", **settings: Any) -> Exploration:
    return refrace.explore(program, mode, memory="c11", **settings)


def kinds_of(exploration: Exploration) -> list[str]:
    return [str(kind) for kinds in exploration.outcomes for kind in kinds]


def outcomes_of(exploration: Exploration) -> dict[str, tuple[int | None, Any]]:
    return {
        "+".join(sorted(map(str, kinds))) or "ok": (one.interleavings, one.probability)
        for kinds, one in exploration.outcomes.items()
    }


# ------------------------------------------------------ the last drop frees

DROP = """  use x
  n = fdec N {order}
  if n == 0 {{
{fence}    free x
  }}
"""


def last_drop(threads: int, order: str, fence: str | None) -> str:
    """Each thread uses A and drops its count in a cell; the last one frees A."""
    drop = DROP.format(order=order, fence=f"    fence {fence}\n" if fence else "")
    names = [f"T{number}" for number in range(1, threads + 1)]
    lines = [f"int N = {threads}", "obj A rc 0", *(f"borrow {t}.x = A" for t in names)]
    return "\n".join(lines) + "\n" + "".join(f"{t}:\n{drop}" for t in names)


@pytest.mark.parametrize(("threads", "runs"), [(2, 6), (3, 90)])
@pytest.mark.parametrize("fence", FENCES)
@pytest.mark.parametrize("order", ORDERS)
def test_a_last_drop_needs_release_and_then_acquire(order, fence, threads, runs):
    found = c11(last_drop(threads, order, fence))

    is_released = order in ("release", "acq_rel")
    is_acquired = order == "acq_rel" or fence in ("acquire", "acq_rel")
    assert found.interleavings == runs
    if is_released and is_acquired:
        assert found.verdict == "safe"
    else:
        assert kinds_of(found) == ["unsynchronised-free"]
        assert found.traces[0].preemptions == 0


def last_look(order: str, fence: str | None) -> str:
    """T1 writes the payload before its drop; the last one reads it and then frees A."""
    drop = DROP.format(order=order, fence=f"    fence {fence}\n" if fence else "")
    drop = drop.replace("    free x", "    use x\n    free x")
    written = drop.replace("  use x", "  put x", 1)
    opening = "int N = 2\nobj A rc 0\nborrow T1.x = A\nborrow T2.x = A\n"
    return opening + f"T1:\n{written}T2:\n{drop.replace('  use x', '', 1)}"


@pytest.mark.parametrize("fence", FENCES)
@pytest.mark.parametrize("order", ORDERS)
def test_a_last_look_at_a_payload_needs_the_same_orders(order, fence):
    found = c11(last_look(order, fence))

    is_released = order in ("release", "acq_rel")
    is_acquired = order == "acq_rel" or fence in ("acquire", "acq_rel")
    expected = set() if is_released and is_acquired else {"data-race"}
    assert set(kinds_of(found)) >= expected
    assert (found.verdict == "safe") == (not expected)


# ------------------------------------------------------ counters that load and store


def counters(threads: int, times: int) -> str:
    body = "  n = N relaxed\n  N = n + 1 relaxed\n" * times
    return "int N = 0\n" + "".join(f"T{t}:\n{body}" for t in range(1, threads + 1))


@pytest.mark.parametrize(
    ("threads", "times", "runs", "states"),
    [
        (2, 1, 14, 8),
        (2, 2, 836, 44),
        (2, 3, 64908, 188),
        (3, 1, 852, 21),
        (4, 1, 148224, 62),
    ],
)
def test_relaxed_increments_in_two_steps(threads, times, runs, states):
    found = c11(counters(threads, times))

    assert (found.interleavings, found.states) == (runs, states)


@pytest.mark.parametrize(
    ("threads", "times", "states"), [(3, 2, 718), (3, 3, 17592), (4, 2, 19412)]
)
def test_the_states_of_more_relaxed_increments(threads, times, states):
    assert c11(counters(threads, times)).states == states


# ------------------------------------------------------ publication

ONE_EIGHTH, SEVEN_EIGHTHS = Fraction(1, 8), Fraction(7, 8)
OBJECT = "obj A rc 0\nborrow T1.x = A\nborrow T2.x = A\nint N = 2\nint P = 0\n"
LOOK = """T1:
  use x
  n = fdec N release
T2:
  k = N {order}
  if k == 1 {{
    put x
  }}
"""
PUBLISH = """T1:
  put x
  P = 1 {write}
T2:
  k = P {read}
  if k == 1 {{
    use x
  }}
"""


def test_a_relaxed_look_at_a_count_orders_nothing():
    found = outcomes_of(c11(OBJECT + LOOK.format(order="relaxed")))

    assert found == {"leak": (3, SEVEN_EIGHTHS), "data-race": (1, ONE_EIGHTH)}


def test_an_acquiring_look_at_a_count_orders_what_was_released():
    found = outcomes_of(c11(OBJECT + LOOK.format(order="acquire")))

    assert found == {"leak": (4, 1)}


@pytest.mark.parametrize("read", ["relaxed", "acquire"])
@pytest.mark.parametrize("write", ["relaxed", "release"])
def test_a_publication_needs_both_halves(write, read):
    found = outcomes_of(c11(OBJECT + PUBLISH.format(write=write, read=read)))

    if (write, read) == ("release", "acquire"):
        assert found == {"leak": (4, 1)}
    else:
        assert found == {"leak": (3, SEVEN_EIGHTHS), "data-race": (1, ONE_EIGHTH)}


# ------------------------------------------------------ counts are free


@pytest.mark.parametrize("threads", [2, 3, 4])
def test_a_count_has_as_many_states_as_under_sequential_consistency(threads):
    body = "  incref x\n  decref x\n" * 3 + "  decref x\n"
    names = [f"T{number}" for number in range(1, threads + 1)]
    program = "\n".join(f"hold {t}.x = A" for t in names)
    program += "\n" + "".join(f"{t}:\n{body}" for t in names)

    assert c11(program).states == refrace.explore(program).states


def test_a_lock_that_threads_keep_orders_the_drop_of_an_owned_field():
    program = """
    obj A field f=B
    hold T1.x = A
    hold T2.y = B
    T1: decref x
    T2: use y ; decref y
    """

    for one in refrace.modes():
        if one.claim == "correct":
            assert c11(program, one.name).verdict == "safe", one.name


# ------------------------------------------------------ histories


def test_a_longer_history_than_allowed_leaves_the_search_unfinished():
    program = "int X = 0\nT1:\n" + "  X = 1 relaxed\n" * 3 + "T2:\n  a = X relaxed\n"

    found = c11(program, history=3)

    assert found.verdict == "unfinished"
    assert found.limit == "history"
    assert "history" in found.answer
    assert c11(program, history=4).verdict == "safe"


@pytest.mark.parametrize(
    "verb",
    [
        lambda **memory: refrace.explore(OBJECT, **memory),
        lambda **memory: refrace.sample(OBJECT, runs=1, seed=1, **memory),
        lambda **memory: refrace.check(OBJECT, **memory),
        lambda **memory: refrace.step(OBJECT, **memory),
    ],
    ids=["explore", "sample", "check", "step"],
)
def test_a_history_without_c11_is_refused_with_the_cure(verb):
    with pytest.raises(
        refrace.InvalidArgument, match=r"history=3 .* pass memory='c11'"
    ):
        verb(history=3)
    for memory in ("sc", "c11"):
        with pytest.raises(refrace.InvalidArgumentType, match="history=None"):
            verb(memory=memory, history=None)

"""What the orders of small programs of counts and pointers allow, derived by hand."""

from __future__ import annotations

import pytest

import refrace


def kinds(program):
    """Return the kinds of all findings but leaks: most of the programs free nothing."""
    explored = refrace.explore(program, memory="c11")
    assert explored.is_conclusive
    return {str(finding.kind) for finding in explored.findings} - {"leak"}


FREES = {"unsynchronised-free", "use-after-free"}

# ------------------------------------------------------------- a count by hand

COUNT = """obj A rc 0 rawfield n=2
borrow T1.x = A
borrow T2.x = A
int N = 2
T1: use x ; {before} n = fdec {count} {order} ; if n == 0 {{ {after} free x }}
T2: use x ; {before} n = fdec {count} {order} ; if n == 0 {{ {after} free x }}
"""


@pytest.mark.parametrize(
    ("count", "before", "order", "after", "is_safe"),
    [
        ("N", "", "release", "fence acquire ;", True),
        ("N", "fence acquire ;", "release", "", False),
        ("N", "fence release ;", "relaxed", "fence acquire ;", True),
        # The decrement itself is not ordered before the free of the memory it is in.
        ("x.n", "fence release ;", "relaxed", "fence acquire ;", False),
        ("x.n", "", "release", "fence acquire ;", True),
        ("x.n", "", "acq_rel", "", True),
    ],
)
def test_a_last_drop_is_safe_if_every_use_and_drop_is_ordered_before(
    count, before, order, after, is_safe
):
    program = COUNT.format(count=count, before=before, order=order, after=after)

    assert kinds(program) == (set() if is_safe else {"unsynchronised-free"})


@pytest.mark.parametrize(
    ("look", "then", "is_safe"),
    [
        ("N relaxed", "", False),
        ("N relaxed", "fence acquire ;", True),
        ("N acquire", "", True),
        ("fadd N 0 relaxed", "", False),
        ("fadd N 0 relaxed", "fence acquire ;", True),
    ],
)
def test_a_sole_owner_has_to_acquire_what_the_others_released(look, then, is_safe):
    program = f"""obj A rc 0
        borrow T1.x = A
        borrow T2.x = A
        int N = 2
        T1: use x ; n = fdec N release
        T2: n = {look} ; if n == 1 {{ {then} put x }}
    """
    assert kinds(program) == (set() if is_safe else {"data-race"})


# ------------------------------------------------------------- a published pointer

PUBLISH = """slot S = null
T1: x = new M ; {before} S = x {store}
T2: y = S {load} ; if y != null {{ {after} {access} }}
"""


@pytest.mark.parametrize("access", ["use y", "incref y ; decref y"])
@pytest.mark.parametrize(
    ("before", "store", "load", "after", "is_safe"),
    [
        ("", "release", "acquire", "", True),
        ("", "relaxed", "acquire", "", False),
        ("", "release", "relaxed", "", False),
        ("", "release", "relaxed", "fence acquire ;", True),
        ("fence release ;", "relaxed", "acquire", "", True),
        ("fence acquire ;", "relaxed", "acquire", "", False),
    ],
)
def test_a_new_object_is_published_by_a_release_that_is_acquired(
    before, store, load, after, is_safe, access
):
    program = PUBLISH.format(
        before=before, store=store, load=load, after=after, access=access
    )
    assert kinds(program) == (set() if is_safe else {"data-race"})


INITIALISE = """
  x = S {load}
  if x == null {{
    lock L ; x = S relaxed
    if x == null {{ x = new M ; poke x 7 ; S = x {store} }}
    unlock L
  }}
  n = peek x ; assert n == 7
"""


@pytest.mark.parametrize(
    ("store", "load", "is_safe"),
    [
        ("release", "acquire", True),
        ("release", "relaxed", False),
        ("relaxed", "acquire", False),
    ],
)
def test_an_initialisation_that_is_checked_twice(store, load, is_safe):
    body = INITIALISE.format(store=store, load=load)
    program = f"slot S = null\nlock L\nT1:{body}T2:{body}"

    assert kinds(program) == (set() if is_safe else {"data-race"})


# ------------------------------------------------------------- a hazard pointer

HAZARD = """obj A rc 0
raw P = A
raw H = null
T1: x = P relaxed
  if x != null {{
    H = x {announce} ; {fence} y = P {again}
    if y == x {{ use x }}
    H = null release
  }}
T2: old = swap P null {take} ; {other_fence} h = H {look}
  if h != old {{ free old }}
"""
FENCE = "fence seq_cst ;"


@pytest.mark.parametrize(
    ("announce", "fence", "again", "take", "other_fence", "look", "found"),
    [
        ("relaxed", FENCE, "acquire", "acq_rel", FENCE, "acquire", set()),
        ("seq_cst", "", "seq_cst", "seq_cst", "", "seq_cst", set()),
        ("relaxed", "", "acquire", "acq_rel", FENCE, "acquire", FREES),
        ("relaxed", FENCE, "acquire", "acq_rel", "", "acquire", FREES),
        ("seq_cst", "", "acquire", "seq_cst", "", "seq_cst", FREES),
        # It reads that the pointer is gone, but does not acquire the end of the use.
        ("relaxed", FENCE, "acquire", "acq_rel", FENCE, "relaxed",
         {"unsynchronised-free"}),
    ],
)  # fmt: skip
def test_a_hazard_pointer_needs_both_fences(
    announce, fence, again, take, other_fence, look, found
):
    program = HAZARD.format(
        announce=announce,
        fence=fence,
        again=again,
        take=take,
        other_fence=other_fence,
        look=look,
    )
    assert kinds(program) == found


# ------------------------------------------------------------- a sequence lock

SEQUENCE = """int Q = 0
int D1 = 0
int D2 = 0
T1: Q = 1 relaxed ; {writer} D1 = 5 {store} ; D2 = 5 {store} ; Q = 2 release
T2: a = Q {first} ; d = D1 {load} ; e = D2 {load} ; {reader} b = Q {last}
  if a == b and a != 1 {{ assert d == e }}
"""
RELEASE, ACQUIRE = "fence release ;", "fence acquire ;"


@pytest.mark.parametrize(
    ("writer", "store", "first", "load", "reader", "last", "found"),
    [
        (RELEASE, "relaxed", "acquire", "relaxed", ACQUIRE, "relaxed", set()),
        (RELEASE, "relaxed", "acquire", "acquire", "", "relaxed", set()),
        ("", "release", "acquire", "acquire", "", "relaxed", set()),
        ("", "relaxed", "acquire", "relaxed", ACQUIRE, "relaxed", {"wrong-value"}),
        (RELEASE, "relaxed", "acquire", "relaxed", "", "relaxed", {"wrong-value"}),
        (RELEASE, "relaxed", "acquire", "relaxed", "", "acquire", {"wrong-value"}),
        (RELEASE, "relaxed", "relaxed", "relaxed", ACQUIRE, "relaxed", {"wrong-value"}),
        (RELEASE, "plain", "acquire", "plain", ACQUIRE, "relaxed", {"data-race"}),
    ],
)
def test_a_reader_of_a_sequence_lock_needs_its_fence(
    writer, store, first, load, reader, last, found
):
    program = SEQUENCE.format(
        writer=writer, store=store, first=first, load=load, reader=reader, last=last
    )
    assert kinds(program) == found


# ------------------------------------------------------------- compare and swap


@pytest.mark.parametrize(
    ("orders", "orders_success", "orders_failure"),
    [
        ("relaxed", False, False),
        ("release", False, False),
        ("acquire", True, True),
        ("acq_rel", True, True),
        ("seq_cst", True, True),
        ("relaxed acquire", False, True),
        ("release acquire", False, True),
        ("acquire relaxed", True, False),
        ("acq_rel relaxed", True, False),
        ("seq_cst relaxed", True, False),
    ],
)
def test_a_cas_has_one_order_if_it_succeeds_and_another_if_it_fails(
    orders, orders_success, orders_failure
):
    program = """int X = 0
        int F = 0
        T1: X = 1 relaxed ; F = 1 release
        T2: b = cas F {old} 7 {orders} ; x = X relaxed
          if b == {succeeds} {{ assert x == 1 }}
    """
    succeeding = program.format(old=1, orders=orders, succeeds=1)
    failing = program.format(old=0, orders=orders, succeeds=0)

    assert kinds(succeeding) == (set() if orders_success else {"wrong-value"})
    assert kinds(failing) == (set() if orders_failure else {"wrong-value"})


# ------------------------------------------------------------- plain and atomic


@pytest.mark.parametrize(
    ("first", "second", "races"),
    [
        ("X = 1 plain", "a = X relaxed", True),
        ("X = 1 relaxed", "a = X plain", True),
        ("X = 1 plain", "a = finc X relaxed", True),
        ("a = X plain", "b = finc X seq_cst", True),
        ("a = X plain", "b = X plain", False),
        ("a = X plain", "b = X relaxed", False),
    ],
)
def test_a_plain_access_of_a_cell_races_with_every_conflicting_one(
    first, second, races
):
    program = f"int X = 0\nT1: {first}\nT2: {second}"

    assert kinds(program) == ({"data-race"} if races else set())


@pytest.mark.parametrize(
    ("middle", "last", "is_safe"),
    [
        ("n = finc N relaxed", "n = N acquire ; if n == 2 { v = peek x }", True),
        ("await N ; N = 2 relaxed", "n = N acquire ; if n == 2 { v = peek x }", False),
        ("await N acquire ; N = 2 release", "await N == 2 acquire ; v = peek x", True),
        ("await N relaxed ; N = 2 release", "await N == 2 acquire ; v = peek x", False),
    ],
)
def test_a_number_is_passed_on_by_a_thread_in_between(middle, last, is_safe):
    borrows = "".join(f"borrow T{t}.x = A\n" for t in (1, 2, 3))
    program = f"""obj A rc 1
slot S = A
int N = 0
{borrows}T1: poke x 3 ; n = finc N release
T2: {middle}
T3: {last}
"""
    assert kinds(program) == (set() if is_safe else {"data-race"})


@pytest.mark.parametrize(
    ("order", "fence", "is_safe"),
    [("relaxed", "fence", True), ("relaxed", "fence acq_rel", False),
     ("seq_cst", "fence acq_rel", True)],
)  # fmt: skip
def test_at_most_one_thread_sees_that_it_was_first(order, fence, is_safe):
    program = f"""obj A rc 1
slot S = A
int X = 0
int Y = 0
borrow T1.x = A
borrow T2.x = A
T1: X = 1 {order} ; {fence} ; y = Y {order} ; if y == 0 {{ poke x 1 }}
T2: Y = 1 {order} ; {fence} ; y = X {order} ; if y == 0 {{ poke x 2 }}
"""

    assert kinds(program) == (set() if is_safe else {"data-race"})

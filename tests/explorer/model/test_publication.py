"""Who can reach an object: at the beginning, and once it was put where others look."""

import pytest
from explorer.model.compare import (
    answer_of_the_explorer,
    answer_of_the_reference,
    some_programs,
)
from explorer.model.generate_published import random_publication
from explorer.model.models import GILS, accesses
from reference import TooManyStates

import refrace

PLAIN, ATOMIC = "rc_store_relaxed", ("rc_fetch_add_relaxed", "rc_fetch_add_acq_rel")


def counting(text, codes):
    return accesses(text, "sign_split", codes)


def last_write(text, *codes):
    """Return the access that is the last step of a run."""
    return counting(text, codes)[-1][0]


# ------------------------------------------------------------------ what begins how

ONE_INCREF = "T1: incref x"


@pytest.mark.parametrize(
    ("declared", "is_local"),
    [
        ("hold T1.x = A", True),
        ("obj A rc 1\nborrow T1.x = A", True),
        ("hold T1.x = A\nhold T1.y = A", True),
        ("hold T1.x = A\nhold T2.y = A", False),
        ("hold T1.x = A\nborrow T2.y = A", False),
        ("slot S = A\nborrow T1.x = A", False),
        ("raw R = A\nhold T1.x = A", False),
        ("vec C = [A]\nborrow T1.x = A", False),
        ("rawvec C = [null, A]\nhold T1.x = A", False),
        # Through fields, as far as they lead.
        ("obj B field f=A\nhold T1.y = B\nborrow T1.x = A", True),
        ("obj B field f=A\nhold T2.y = B\nborrow T1.x = A", False),
        ("obj B field f=A\nslot S = B\nborrow T1.x = A", False),
        ("obj B rawfield f=A\nhold T2.y = B\nhold T1.x = A", False),
        ("obj C field f=B\nobj B field f=A\nhold T2.y = C\nborrow T1.x = A", False),
        ("obj C field f=B\nobj B field f=A\nhold T1.y = C\nborrow T1.x = A", True),
    ],
)
def test_an_object_begins_local_if_one_thread_alone_can_reach_it(declared, is_local):
    text = f"{declared}\n{ONE_INCREF}\nT2: gil"

    assert last_write(text, 0, 0) == (PLAIN if is_local else ATOMIC[0])


def test_what_may_be_made_again_at_its_address_begins_shared_and_is_made_shared():
    text = "hold T1.x = A\nT1: decref x ; y = renew A ; incref y"

    taken = counting(text, [0] * 6)

    assert [name for name, _ in taken] == [
        "rc_load_relaxed",
        ATOMIC[1],
        "rc_load_relaxed",
        ATOMIC[0],
    ]
    assert taken[-1][1] == -2


def test_what_all_objects_of_a_type_point_to_begins_shared():
    text = f"type M rawfield f=A\nhold T1.x = A\n{ONE_INCREF}\nT2: y = new M"

    assert last_write(text, 0, 0) == ATOMIC[0]


# ------------------------------------------------------------------ publication


def after(steps, declared="slot S = null"):
    """What an increment of `n`, made by `new`, is after some steps of one thread."""
    text = f"{declared}\nT1: n = new M ; {steps} ; incref n\nT2: gil"
    n_steps = steps.count(";") + 1
    return last_write(text, *[0] * (1 + n_steps + 2))


def test_a_new_object_is_counted_plainly():
    assert after("use n") == PLAIN


@pytest.mark.parametrize(
    "step", ["S = n", "old = swap S n", "b = cas S null n", "old = swap S null ; S = n"]
)
def test_a_cell_publishes_what_is_put_into_it(step):
    assert after(step) == ATOMIC[0]


def test_a_container_publishes_what_is_appended():
    assert after("append C n", "vec C = []") == ATOMIC[0]


@pytest.mark.parametrize(
    "step", ["b = cas S n n", "y = remove C n", "b = cas S n null ; y = get C 0"]
)
def test_what_is_only_compared_with_stays_local(step):
    assert after(step, "slot S = null\nvec C = [A]") == PLAIN


def test_a_field_publishes_if_others_can_reach_the_object_that_it_is_of():
    shared = "obj A field f=null\nslot S = A\nborrow T1.a = A"
    local = "obj A field f=null\nhold T1.a = A"

    for step in ("a.f = n", "old = swap a.f n", "b = cas a.f null n"):
        assert after(step, shared) == ATOMIC[0]
        assert after(step, local) == PLAIN


@pytest.mark.parametrize("field", ["field", "rawfield"])
def test_what_can_be_reached_from_it_is_published_with_it(field):
    declared = f"type N {field} f=null\nslot S = null"
    chain = "b = new N ; c = new N ; b.f = n ; c.f = b"

    assert after(chain, declared) == PLAIN
    assert after(f"{chain} ; S = c", declared) == ATOMIC[0]
    assert after(f"{chain} ; S = b", declared) == ATOMIC[0]


def test_a_ring_is_published_once_around():
    declared = "type N rawfield f=null\nslot S = null"

    steps = "b = new N ; c = new N ; b.f = c ; c.f = b ; append C n ; S = b"

    assert after(steps, f"{declared}\nvec C = []") == ATOMIC[0]


def test_an_object_that_is_put_into_a_dying_object_counts_as_published():
    text = """
    obj A rawfield f=null final bye
    hold T1.x = A
    T1: decref x
    fn bye: n = new M ; self.f = n ; incref n
    """

    assert last_write(text, *[0] * 6) == ATOMIC[0]


def test_what_a_dying_object_points_to_is_published_with_it():
    text = """
    obj A rawfield f=null final bye
    raw R = null
    hold T1.x = A
    T1: n = new M ; x.f = n ; decref x
    fn bye: R = self ; n = self.f ; incref n
    """

    assert last_write(text, *[0] * 8) == ATOMIC[0]


def test_a_pointer_to_freed_memory_is_stored_as_in_any_mode():
    text = "raw R = null\nhold T1.x = A\nT1: decref x ; R = x"

    assert refrace.explore(text, "sign_split").is_proof
    assert refrace.explore(text, "atomic").is_proof


def test_nothing_makes_a_shared_object_local_again():
    text = "slot S = null\nT1: n = new M ; S = n ; y = swap S null ; incref y"

    assert counting(text, [0] * 5)[-1] == (ATOMIC[0], -2)


@pytest.mark.parametrize("gil", GILS)
@some_programs(30, 100)
def test_the_reference_publishes_the_same_objects_in_the_same_steps(gil, n_programs):
    n_compared = 0
    for seed in range(n_programs):
        text = random_publication(seed)
        try:
            expected = answer_of_the_reference(text, "sign_split", gil)
        except TooManyStates:
            continue
        for symmetry in (True, False):
            found = answer_of_the_explorer(text, "sign_split", gil, symmetry)
            assert found == expected, f"random_publication({seed})\n{text}"
        n_compared += 1

    assert n_compared > n_programs * 9 // 10

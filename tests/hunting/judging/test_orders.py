"""Sequential orders: all of them, once each, and only when they are needed."""

from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from refrace.hunting.judging.orders import CallWaits, Orders, count_orders, orders_of

LENGTHS = st.lists(st.integers(1, 3), min_size=1, max_size=3)


@given(LENGTHS)
def test_every_order_comes_once_and_keeps_each_thread_in_order(lengths):
    orders = list(orders_of(lengths))

    assert len(orders) == len(set(orders)) == count_orders(lengths)
    for order in orders:
        for thread, length in enumerate(lengths):
            assert [call for t, call in order if t == thread] == list(range(length))


def counter(order):
    """Run a counter: each call adds one and returns the total."""
    answers = {}
    for total, (thread, call) in enumerate(order, start=1):
        answers[thread, call] = ("returned", total)
    return tuple(answers[key] for key in sorted(answers))


def test_answers_of_some_order_are_explained_and_others_are_not():
    orders = Orders([1, 2], counter)
    orders.begin()

    assert orders.explain([("returned", 2), ("returned", 1), ("returned", 3)])
    assert not orders.explain([("returned", 1), ("returned", 1), ("returned", 2)])
    assert orders.explain([("returned", 3), ("returned", 1), ("returned", 2)])


@given(st.permutations(range(4)), st.data())
def test_a_counter_that_loses_an_update_is_never_explained(order, data):
    orders = Orders([2, 2], counter)
    orders.begin()
    answers = [("returned", at + 1) for at in order]
    first, second = data.draw(st.permutations(range(4)))[:2]
    answers[first] = answers[second]
    assert not orders.explain(answers)


def taken_after_given(order):
    """The call of thread 0 waits for that of thread 1."""
    if order[0] == (0, 0):
        raise CallWaits
    return (("returned", "gift"), ("returned", None))


def test_an_order_in_which_a_call_waits_explains_nothing():
    orders = Orders([1, 1], taken_after_given)
    orders.begin()

    assert orders.explain([("returned", "gift"), ("returned", None)])
    assert not orders.explain([("returned", "nothing"), ("returned", None)])


def test_nothing_is_known_if_a_call_waits_in_every_order():
    def run(order):
        raise CallWaits

    orders = Orders([1, 1], run)
    orders.begin()

    assert orders.explain([("returned", "anything"), ("returned", None)])


def test_no_more_orders_run_than_are_needed():
    ran = []

    def run(order):
        ran.append(order)
        return counter(order)

    orders = Orders([3, 3], run)
    orders.begin()
    assert orders.explain(counter(((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2))))
    assert len(set(ran)) == 1


def test_answers_that_vary_alone_are_left_out():
    clock = iter(range(1000))

    def run(order):
        return (("returned", next(clock)), *counter(order)[1:])

    orders = Orders([1, 1], run)
    orders.begin()
    assert orders.varying == {0}
    assert orders.explain([("returned", "?"), ("returned", 1)])
    assert not orders.explain([("returned", "?"), ("returned", 3)])


def test_answers_that_vary_with_the_addresses_of_a_round_are_left_out():
    """They are the same in seven of eight rounds, also in the first ones."""
    rounds = count()

    def run(order):
        return (("returned", next(rounds) % 8 == 7), *counter(order)[1:])

    orders = Orders([1, 1], run)
    orders.begin()
    assert orders.explain([("returned", True), ("returned", 1)])
    assert orders.varying == {0}
    assert not orders.explain([("returned", True), ("returned", 3)])


def test_runs_that_mean_nothing_explain_everything():
    orders = Orders([1, 1], lambda order: None)
    orders.begin()
    assert orders.explain([("returned", 1), ("returned", 1)])


def shelf(order):
    """Run a shelf with one list: thread 0 gets it, thread 1 puts another one there."""
    return (("returned", ("list", "shared")), ("returned", None))


def test_what_a_list_holds_that_others_had_is_not_compared():
    put = ("returned", None)
    orders = Orders([1, 1], shelf)
    orders.begin()
    # The other thread has replaced it before it was looked at.
    assert orders.explain([("returned", ("list", 2, (1, 2))), put])
    assert not orders.explain([("returned", ("dict", 0, ())), put])
    assert not orders.explain([("returned", None), put])


def test_a_list_may_be_shared_by_the_thread_that_gets_it_too():
    orders = Orders([1, 1], lambda order: (("returned", ("list", 0, ())),) * 2)
    orders.begin()
    assert not orders.explain([("returned", ("list", 1, (1,)))] * 2)
    assert orders.explain([("returned", ("list", "shared"))] * 2)


def test_among_many_equal_calls_too_contents_count_only_if_nothing_is_shared():
    def together(*answers):
        return (("together", frozenset(answers)),)

    empty = ("returned", ("list", 0, ()))
    shared = ("returned", ("list", "shared"))
    none = ("returned", None)
    orders = Orders([1], lambda order: together((empty, 4), (none, 2)))
    orders.begin()
    assert orders.explain(together((empty, 1), (shared, 3), (none, 2)))
    assert not orders.explain(together((empty, 2), (shared, 3), (none, 1)))

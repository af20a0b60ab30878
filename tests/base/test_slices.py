"""How numbered items are cut into batches."""

from hypothesis import given
from hypothesis import strategies as st

from refrace._base.slices import AIM_S, FIRST_SIZE, GROWTH, Slices

SECONDS = st.floats(0, 100)


@given(
    n_items=st.integers(0, 5000),
    window=st.integers(1, 64),
    seconds=st.lists(SECONDS, max_size=50),
)
def test_the_batches_are_all_items_in_order_however_long_they_take(
    n_items, window, seconds
):
    slices = Slices(n_items, window)
    items = []
    while batch := slices.cut():
        items += batch
        if seconds:
            slices.learn(len(batch), seconds.pop())

    assert items == [*range(n_items)]
    assert not slices.rest()


@given(item_s=st.floats(1e-6, 1), window=st.integers(1, 8))
def test_a_batch_takes_no_longer_than_it_should_and_grows_step_by_step(item_s, window):
    slices = Slices(10**9, window)
    largest = len(slices.cut())
    assert largest == FIRST_SIZE
    slices.learn(largest, largest * item_s)
    for _ in range(20):
        size = len(slices.cut())
        assert size <= max(1, AIM_S / item_s)
        assert size <= GROWTH * largest
        largest = max(largest, size)
        slices.learn(size, size * item_s)
    assert size >= min(AIM_S / item_s, largest) // 2


@given(end=st.integers(0, 100), cut=st.integers(0, 30))
def test_items_that_are_dropped_are_not_cut(end, cut):
    slices = Slices(100, 1)
    items = [number for _ in range(cut) for number in slices.cut()]

    slices.end_at(end)
    items += slices.rest()

    assert items == [*range(max(end, min(100, cut * FIRST_SIZE)))]

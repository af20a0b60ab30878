"""The three steps of an append, taken one by one for several threads by one thread."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from refrace._native import lessons as native_lessons


def begun(threads, appends, locked=False):
    """Return an Append whose threads have all met, each before its first append."""
    append = native_lessons.Append(threads, appends, locked, 0)
    for _ in ("arrive", "see that all have"):
        for thread in range(threads):
            assert append.step(thread) == "waits"
    return append


def take(append, schedule):
    return [append.step(int(thread)) for thread in schedule]


def outcome(append):
    tally = append.tally()
    names = ("appends", "kept", "overwritten", "cut_off", "length")
    return tuple(getattr(tally, name) for name in names)


def test_no_thread_begins_before_all_have_arrived():
    append = native_lessons.Append(2, 1, False, 0)

    assert take(append, "000") == ["waits", "waits", "waits"]
    assert take(append, "11") == ["waits", "waits"]
    assert take(append, "0") == ["waits"]
    assert take(append, "01") == ["read", "read"]


def test_appends_one_after_the_other_lose_nothing():
    append = begun(2, 1)

    assert take(append, "0001110") == [
        *("read", "stored", "published"),
        *("read", "stored", "published"),
        "done",
    ]
    assert outcome(append) == (2, 2, 0, 0, 2)
    assert append.tally().interleaved == 0


def test_two_that_read_the_same_length_store_in_the_same_slot():
    append = begun(2, 1)

    take(append, "010101")

    assert outcome(append) == (2, 1, 1, 0, 1)
    assert append.tally().interleaved == 2


def test_a_length_published_late_cuts_off_what_was_appended_since():
    append = begun(2, 3)

    # Thread 0 reads length 0; thread 1 appends three items; thread 0 stores over the
    # first of them and sets the length back to 1.
    take(append, "0" + 3 * "111" + "00")

    assert outcome(append) == (4, 1, 1, 2, 1)
    assert append.tally().interleaved == 1


def test_an_append_under_way_is_not_counted_but_what_it_overwrote_is():
    append = begun(2, 2)

    take(append, "01110")  # thread 0 has stored over the item, and not published

    assert outcome(append) == (1, 0, 1, 0, 1)


def test_with_a_lock_the_second_one_waits_at_every_step_of_the_first():
    append = begun(2, 1, locked=True)

    assert take(append, "0101011111") == [
        *("read", "waits", "stored", "waits", "published"),
        *("read", "stored", "published", "done", "done"),
    ]
    assert outcome(append) == (2, 2, 0, 0, 2)


def test_after_a_stop_the_append_under_way_ends_and_no_other_begins():
    append = begun(2, 5)
    take(append, "0")

    append.stop()

    assert take(append, "10001") == ["done", "stored", "published", "done", "done"]
    assert outcome(append) == (1, 1, 0, 0, 1)


def test_a_stop_ends_a_wait_for_the_lock():
    append = begun(2, 5, locked=True)
    assert take(append, "01") == ["read", "waits"]

    append.stop()

    assert take(append, "1") == ["done"]


def test_a_stop_ends_the_wait_for_those_who_have_not_come():
    append = native_lessons.Append(2, 1, False, 0)
    take(append, "0")

    append.stop()

    assert take(append, "00") == ["waits", "done"]


def test_the_array_grows_as_often_as_it_has_to():
    append = begun(1, 1000)

    take(append, 3000 * "0")

    assert outcome(append) == (1000, 1000, 0, 0, 1000)


def test_a_step_that_finds_no_memory_can_be_taken_again():
    append = begun(1, 1)
    take(append, "0")

    native_lessons.fail_allocation(1)
    with pytest.raises(MemoryError):
        append.step(0)

    assert take(append, "000") == ["stored", "published", "done"]
    assert outcome(append) == (1, 1, 0, 0, 1)


def test_an_inventory_without_memory_can_be_taken_again():
    append = begun(1, 1)
    take(append, "000")

    native_lessons.fail_allocation(1)
    with pytest.raises(MemoryError):
        append.tally()

    assert outcome(append) == (1, 1, 0, 0, 1)


@pytest.mark.parametrize("thread", [-1, 2])
def test_a_thread_that_does_not_exist_is_refused(thread):
    with pytest.raises(IndexError):
        native_lessons.Append(2, 1, False, 0).step(thread)


def model(threads, appends, schedule):
    """Return the outcome of a schedule on a Python list, and what was interleaved."""
    memory, length, clock, completed, interleaved = {}, 0, 0, [], 0
    state = [("read", 0, 0) for _ in range(threads)]
    done = [0] * threads
    for t in schedule:
        position, index, began = state[t]
        if done[t] == appends:
            continue
        if position == "read":
            state[t] = ("store", length, clock)
        elif position == "store":
            memory[index] = (t, done[t])
            state[t] = ("publish", index, began)
        else:
            length = index + 1
            completed.append((t, done[t]))
            done[t] += 1
            interleaved += clock + 1 - began > 3
            state[t] = ("read", 0, 0)
        clock += 1
    kept = [memory[i] for i in range(length) if memory[i] in completed]
    above = [memory[i] for i in memory if i >= length and memory[i] in completed]
    lost = len(completed) - len(kept) - len(above)
    return (len(completed), len(kept), lost, len(above), length), interleaved


@settings(deadline=None)
@given(st.data(), st.integers(1, 4), st.integers(1, 5))
def test_every_schedule_ends_as_on_a_python_list(data, threads, appends):
    numbers = st.integers(0, threads - 1)
    schedule = data.draw(st.lists(numbers, max_size=4 * threads * appends))
    append = begun(threads, appends)

    take(append, schedule)

    expected, interleaved = model(threads, appends, schedule)
    assert outcome(append) == expected
    assert append.tally().interleaved == interleaved
    assert append.progress() == expected[0]


@settings(deadline=None)
@given(st.data(), st.integers(1, 4), st.integers(1, 5))
def test_no_schedule_loses_an_item_under_the_lock(data, threads, appends):
    numbers = st.integers(0, threads - 1)
    schedule = data.draw(st.lists(numbers, max_size=6 * threads * appends))
    append = begun(threads, appends, locked=True)

    take(append, schedule)
    for thread in list(range(threads)) * (3 * threads * appends + 1):
        append.step(thread)

    total = threads * appends
    assert outcome(append) == (total, total, 0, 0, total)
    assert append.tally().interleaved == 0

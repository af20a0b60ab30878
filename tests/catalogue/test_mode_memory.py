"""What a mode keeps of an object: words, locks, and words of each thread."""

import struct

import pytest

import refrace

POINTER = struct.calcsize("P")


@pytest.mark.parametrize(
    ("mode", "words", "locks"),
    [
        ("unlocked", 1, 0),  # ob_refcnt
        ("sticky", 1, 0),
        ("global_lock", 1, 0),  # its lock is no object's
        ("gil", 1, 0),
        ("sign_split", 1, 0),  # the sign is in the word
        ("object_lock", 1, 1),  # and ob_mutex
        ("free_inside_lock", 1, 1),
        ("biased", 5, 0),  # ob_refcnt, ob_ref_shared, ob_tid, and two links
        ("biased_undrained", 5, 0),
    ],
)
def test_a_mode_keeps_the_words_and_locks_that_its_layout_names(mode, words, locks):
    memory = refrace.mode(mode).memory

    assert (memory.words, memory.locks, memory.lanes) == (words, locks, 0)
    assert memory.lane_bytes == 0


@pytest.mark.parametrize(
    ("mode", "lanes"),
    [("per_thread", 1), ("deferred", 1), ("epoch", 4), ("decrements_first", 1)],
)
def test_a_mode_with_lanes_keeps_its_count_a_pointer_to_them_and_a_link(mode, lanes):
    memory = refrace.mode(mode).memory

    assert (memory.words, memory.locks, memory.lanes) == (3, 0, lanes)
    assert memory.bytes == 8 + 2 * POINTER
    assert memory.lane_bytes == 8 * lanes


def test_a_word_is_8_bytes_and_a_link_a_pointer():
    assert refrace.mode("atomic").memory.bytes == 8
    assert refrace.mode("biased").memory.bytes == 3 * 8 + 2 * POINTER


def test_every_mode_keeps_a_count_at_least_and_a_lock_takes_room():
    for mode in refrace.modes():
        assert mode.memory.words >= 1
        assert mode.memory.bytes >= 8
        assert (mode.memory.lane_bytes > 0) == (mode.memory.lanes > 0)
    with_lock = refrace.mode("object_lock").memory.bytes
    assert with_lock > refrace.mode("atomic").memory.bytes


@pytest.mark.parametrize(
    ("memory", "text"),
    [
        (refrace.Memory(1, 0, 0, 8, 0), "8 B: 1 word"),
        (refrace.Memory(5, 0, 0, 40, 0), "40 B: 5 words"),
        (refrace.Memory(1, 1, 0, 48, 0), "48 B: 1 word and 1 lock"),
        (
            refrace.Memory(2, 0, 1, 16, 8),
            "16 B + 8 B a thread: 2 words and 1 word for each thread",
        ),
        (
            refrace.Memory(2, 1, 2, 56, 16),
            "56 B + 16 B a thread: 2 words, 1 lock and 2 words for each thread",
        ),
    ],
)
def test_memory_is_shown_in_bytes_and_in_parts(memory, text):
    assert str(memory) == text


def test_the_card_of_a_mode_tells_its_memory():
    mode = refrace.mode("biased")

    assert f"  memory       {mode.memory}\n" in str(mode)
    assert mode.to_dict()["memory"] == {
        "words": 5,
        "locks": 0,
        "lanes": 0,
        "bytes": mode.memory.bytes,
        "lane_bytes": 0,
    }


def test_a_comparison_has_the_memory_of_its_modes():
    comparison = refrace.compare(["object_lock", "atomic"], threads=[1], rounds=1)

    assert {row.mode: row.memory for row in comparison.rows} == {
        name: refrace.mode(name).memory for name in ("object_lock", "atomic")
    }

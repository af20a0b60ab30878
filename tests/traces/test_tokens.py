"""Replay tokens: short, the same everywhere, and damaged ones are refused."""

import base64
import string
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

import refrace
from refrace.traces.schedule import runners_of
from refrace.traces.token import PREFIX, read_token, replay_command
from refrace.traces.token_dictionary import pack_words, unpack_words

TWO = refrace.Program.parse(
    """
    hold T1.x = A
    hold T2.x = A
    T1: decref x
    T2: decref x
    """
)
LONG = refrace.Program.parse(
    "slot S = A\n"
    + "".join(
        f"Thread{i}: value{i} = S ; repeat {i + 2} {{ use value{i} ; gil }}\n"
        for i in range(40)
    )
)


def run_of(program, schedule=(), **changes):
    """A trace whose steps nobody has looked at: what a token keeps of them is 0."""
    return refrace.Trace(
        **{
            "program": program,
            "mode": "unlocked",
            "gil": "released",
            "schedule": tuple(schedule),
            "steps": (),
            "preemptions": 0,
            "finding": None,
            "others": (),
            "waits": (),
            "is_whole": False,
            **changes,
        }
    )


def schedules(program):
    labels = [name + mark for name in runners_of(program) for mark in ("", "+", "~")]
    return st.lists(st.sampled_from(labels), max_size=60)


@given(schedules(TWO), st.sampled_from(["released", "held"]), st.text(max_size=5))
def test_a_token_gives_back_the_run(schedule, gil, mode):
    mode = "".join(mode.split()) or "atomic"

    key = read_token(run_of(TWO, schedule, gil=gil, mode=mode).token)

    assert (key.program, key.mode, key.gil) == (TWO, mode, gil)
    assert key.schedule == tuple(schedule)
    assert key.kind is None


@pytest.mark.parametrize("kind", refrace.FindingKind)
def test_a_token_keeps_the_kind_that_the_trace_shows(kind):
    trace = run_of(TWO, finding=refrace.Finding(kind, "A", "why"))

    assert read_token(trace.token).kind is kind


@given(schedules(LONG))
def test_a_long_program_comes_back(schedule):
    token = run_of(LONG, schedule).token

    assert len(token) < len(str(LONG)) + 6 * len(schedule)
    assert read_token(token).program == LONG


def test_a_token_whose_text_was_deflated_by_an_older_version_still_reads():
    text = f"unlocked\nreleased\n\n{LONG}"
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = bytes([1, 0, 0, 0, 0, 0]) + packer.compress(text.encode()) + packer.flush()
    body += zlib.crc32(body).to_bytes(4, "big")
    token = PREFIX + base64.urlsafe_b64encode(body).decode().rstrip("=")

    key = read_token(token)

    assert (key.program, key.mode, key.schedule) == (LONG, "unlocked", ())


def test_the_former_name_of_the_word_layout_still_works_and_says_so():
    trace = run_of(TWO)

    with pytest.warns(DeprecationWarning, match="now called Trace.word_layout"):
        assert trace.words == trace.word_layout


@given(st.text())
def test_words_give_back_any_text(text):
    assert unpack_words(pack_words(text)) == text


def test_a_token_of_a_small_program_is_shorter_than_a_line():
    assert len(run_of(TWO, ["T1", "T2", "T2", "T1"]).token) <= 32


TOKEN = run_of(TWO, ["T1", "T2", "T2", "T1"]).token


@pytest.mark.parametrize("place", range(len(PREFIX), len(TOKEN)))
def test_a_token_with_one_wrong_character_is_refused(place):
    for other in string.ascii_letters + string.digits + "-_":
        if other != TOKEN[place]:
            with pytest.raises(refrace.InvalidData, match="damaged"):
                refrace.replay(TOKEN[:place] + other + TOKEN[place + 1 :])


@pytest.mark.parametrize("length", range(len(PREFIX), len(TOKEN)))
def test_a_token_cut_short_is_refused(length):
    with pytest.raises(refrace.InvalidData, match="damaged"):
        refrace.replay(TOKEN[:length])


@given(st.binary(max_size=40))
def test_no_bytes_at_all_crash_the_reader(data):
    import base64
    import zlib

    body = data + zlib.crc32(data).to_bytes(4, "big")
    token = PREFIX + base64.urlsafe_b64encode(body).decode().rstrip("=")

    with pytest.raises(refrace.InvalidData):
        read_token(token)


@given(st.text(max_size=30))
def test_no_text_at_all_crashes_the_reader(text):
    with pytest.raises(refrace.InvalidData):
        read_token("rr1:" + text + "!")


def test_a_token_of_another_version_says_so():
    with pytest.raises(refrace.InvalidData, match=r"version 'rr2'.*reads 'rr1'"):
        refrace.replay("rr2:AAAA")


def test_a_token_may_be_broken_into_lines_as_a_shell_command_is():
    broken = " \\\n  ".join([TOKEN[:9], TOKEN[9:15], TOKEN[15:]])

    assert read_token(broken) == read_token(TOKEN)


def test_a_long_command_is_broken_so_that_it_can_be_copied():
    command = replay_command(run_of(LONG).token, "unlocked")

    assert max(map(len, command.splitlines())) <= 78
    words = command.replace("\\\n", "").split()
    assert words[:2] == ["refrace", "replay"]
    assert read_token("".join(words[2:])).program == LONG

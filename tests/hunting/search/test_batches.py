"""The plan of a search: seeds, numbers of threads, and figures that add up."""

import os
import pickle
import platform
import subprocess
import sys
from dataclasses import replace

import pytest
from hunting.fakes.hunts import settings
from hypothesis import given
from hypothesis import strategies as st

import refrace
from refrace._base.codec import decode, encode
from refrace.hunting.processes.child_end import ChildEnd
from refrace.hunting.processes.loaded_code import LoadedCode
from refrace.hunting.search.batch import (
    BatchOutcome,
    run_batch,
    seed_of,
    threads_of,
)
from refrace.hunting.search.sighting import Sighting
from refrace.hunting.search.tally import Tally

COUNTS = st.integers(0, 1000)


def sightings():
    return st.builds(
        Sighting,
        kind=st.sampled_from(["leak", "crash"]),
        message=st.just("m"),
        operations=st.sampled_from([("get",), ("put",), ("get", "put")]),
        threads=st.integers(1, 3),
        program=st.just("{}"),
        source=st.text("c", max_size=9),
        programs=st.integers(1, 5),
    )


def tallies():
    return st.builds(
        Tally,
        batches=COUNTS,
        programs=COUNTS,
        rounds=COUNTS,
        run_s=COUNTS.map(float),
        sightings=st.lists(sightings(), max_size=3, unique_by=lambda s: s.key).map(
            tuple
        ),
        notes=st.lists(st.sampled_from("abc"), max_size=2, unique=True).map(tuple),
    )


def figures(tally):
    """What must not depend on the order: all but the order of lists."""
    seen = {s.key: (s.programs, s.threads, len(s.source)) for s in tally.sightings}
    return replace(tally, sightings=(), notes=()), seen, set(tally.notes)


@given(tallies(), tallies(), tallies())
def test_figures_add_up_exactly_in_any_order(a, b, c):
    assert figures(a.plus(b).plus(c)) == figures(c.plus(a.plus(b)))
    assert figures(a.plus(Tally())) == figures(a)


@given(tallies())
def test_an_outcome_survives_the_journal(tally):
    loaded = LoadedCode(True, False, ("a.b",), (), 0, 3)
    outcome = BatchOutcome(3, replace(tally, loaded=loaded))

    assert decode(BatchOutcome, encode(outcome), "batch") == outcome
    assert pickle.loads(pickle.dumps(outcome)) == outcome


@given(st.sets(st.integers(2, 16), min_size=1))
def test_half_of_the_batches_have_one_thread_and_the_others_take_turns(more):
    threads = (1, *sorted(more))
    numbers = [threads_of(threads, batch) for batch in range(2 * len(more))]

    assert numbers.count(1) == len(more)
    assert all(numbers.count(number) == 1 for number in more)


def test_only_the_numbers_of_threads_that_were_asked_for_are_used():
    assert [threads_of((1,), batch) for batch in range(3)] == [1, 1, 1]
    assert [threads_of((2, 3), batch) for batch in range(4)] == [2, 3, 2, 3]


def test_seeds_depend_on_the_seed_the_batch_and_the_child_and_on_nothing_else():
    assert seed_of(7, 0, 0) == 7725344452102553951
    assert len({seed_of(s, b, c) for s in (0, 1) for b in (0, 1) for c in (0, 1)}) == 8


def test_a_batch_runs_anywhere_from_its_request_alone():
    request = pickle.loads(pickle.dumps(settings("leaks").request(4, 7, 0.3, "")))

    outcome = pickle.loads(pickle.dumps(run_batch(request)))

    assert outcome.number == 4
    assert outcome.tally.batches == 1
    (sighting,) = outcome.tally.sightings
    assert sighting.kind == "leak"
    assert sighting.programs == outcome.tally.children - 1 or sighting.programs > 1


class Refusing:
    """A zygote whose children refuse their task."""

    is_alive = True
    loaded = LoadedCode(True, False, (), (), 0, 3)

    def __init__(self, error):
        self.error = error

    def run(self, task, hear, should_stop):
        return ChildEnd("refused", "its message", error=self.error)


@pytest.mark.parametrize(
    ("name", "raised"),
    [
        ("EnvironmentUnfit", refrace.EnvironmentUnfit),
        ("InvalidData", refrace.InvalidData),
        ("CorruptionFound", refrace.InvalidArgument),  # needs a report
        ("annotations", refrace.InvalidArgument),  # no exception
        ("", refrace.InvalidArgument),
    ],
)
def test_what_a_child_refuses_with_is_raised_as_the_same_exception(name, raised):
    request = settings("leaks").request(0, 7, 5.0, "")

    with pytest.raises(refrace.RefraceError, match="its message") as caught:
        run_batch(request, Refusing(name))
    assert type(caught.value) is raised


def test_a_quarter_of_a_long_hunt_uses_the_debugging_allocator():
    long, short = settings("leaks", seconds=8.0), settings("leaks", seconds=1.0)

    chosen = [long.allocator_of(batch) for batch in range(16)]

    assert chosen.count("debug") == 4
    assert {threads_of((1, 2), b) for b in range(16) if chosen[b]} == {1, 2}
    assert not any(short.allocator_of(batch) for batch in range(16))
    assert ("PYTHONMALLOC", "debug") in long.request(6, 0, 1.0, "debug").environ
    assert long.request(0, 0, 1.0, "").environ == ()


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="needs glibc")
def test_memory_from_malloc_is_filled_when_it_is_freed():
    """An array of pointers from malloc would otherwise stay as it was."""
    script = (
        "import ctypes\n"
        "libc = ctypes.CDLL(None)\n"
        "libc.malloc.restype = ctypes.c_void_p\n"
        "block = ctypes.c_void_p(libc.malloc(400))\n"
        "ctypes.memset(block, ord('a'), 400)\n"
        "libc.free(block)\n"
        "print(ctypes.string_at(block.value + 200, 4).hex())\n"
    )
    filled, kept = (
        subprocess.run(
            [sys.executable, "-c", script],
            env={
                **os.environ,
                **dict(settings("leaks").request(6, 0, 1.0, one).environ),
            },
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for one in ("debug", "")
    )
    assert (filled, kept) == ("a5a5a5a5", "61616161")


def test_stored_programs_run_once_each_also_if_they_crash():
    wanted = tuple({"number": n, "threads": [0], "noise": 0} for n in (2, 1, 2, 0))
    request = settings("crashes").request(0, 7, 5.0, "", programs=wanted)

    tally = run_batch(request).tally

    assert tally.children == 3
    assert tally.programs == 2
    assert [one.programs for one in tally.sightings] == [2]


def test_what_calls_import_is_among_the_extensions_of_the_subject_and_is_noted():
    wanted = tuple({"number": n, "threads": [0], "noise": 0} for n in (0, 1, 2))

    tally = run_batch(settings("imports").request(0, 7, 5.0, "", programs=wanted)).tally

    assert tally.programs == 3
    assert tally.loaded.extensions == ("mylib._speedups",)
    (note,) = tally.notes
    assert note.startswith("calls imported mylib._speedups, which loading the subject")
    more = Tally(loaded=LoadedCode(True, False, ("a.b",), (), 0, 3))
    assert more.plus(tally).loaded.extensions == ("a.b", "mylib._speedups")

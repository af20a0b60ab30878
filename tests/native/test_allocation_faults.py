"""Each allocation of the C core fails once: MemoryError, no leak, works afterwards."""

import gc
import threading
from importlib import import_module
from pathlib import Path

import pytest

import refrace
from refrace import Program
from refrace.explorer.model.lower import lower
from refrace.explorer.model.sampling import Plan
from refrace.explorer.session import Session


def _objects():
    return import_module("refrace._native.objects")


def _lessons():
    return import_module("refrace._native.lessons")


def _model():
    """A program with all that allocates on the way: growth, cycles, many states."""
    text = (
        "slot S = A\nint N = 0\nobj A final f\nfn f: gil\n"
        "T1: y = new B ; x = swap S null ; put x ; decref x ; n = N\n"
        "  while n == 0 {\n    n = N\n  }\n"
        "T2: z = S ; N = 1 ; use z"
    )
    return Session(Program.parse(text), refrace.modes()[0])


def _explore():
    raw = _model().explore(10**6, 60.0, 10**9)
    if raw.limit == "memory":  # a search that could not go on says so in its result
        raise MemoryError
    assert raw.finished
    assert raw.infinite


def _replay():
    assert _model().replay([0, 0, 0, 0, 0]).fits == 5


def _sample():
    assert _model().sample(Plan(20, "pct", 2, 0, 1000), 60.0).runs == 20


def _rounds(is_widened):
    """One thread, so that it is known how often its state outgrows its room."""
    text = "hold T1.x = A\nT1: put x ; y = new M ; decref y ; decref x"
    image = lower(Program.parse(text)).image
    rounds = import_module("refrace._native.program_race").Conformance(
        image, 0, False, 3, 100, 0, is_widened, False, 0, 0, 0
    )
    rounds.run(0, 1000)
    assert rounds.tally().rounds == 3


def _left_out():
    """So many that the room for them is doubled."""
    kept = [(number,) for number in range(3000)]
    gc.collect(0)  # which leaves them out
    assert len(import_module("refrace._native.refcount").left_out([kept])) == 3000


def _short_of_references():
    kept = [[number] for number in range(200)]
    short = import_module("refrace._native.refcount").short_of_references
    assert short([kept, kept], 10**6) == []


# What allocates in C, by the extension whose hooks make it fail.
CALLS = {
    "objects": {
        "Domain": lambda: _objects().Domain(),
        "Handle": lambda: _objects().Handle(0, _objects().Domain(), True),
        "Race": lambda: _objects().Race(0, 2, 10, 4, True, False, False, 8, 0),
        "race": lambda: refrace.race("object_lock", threads=2, objects=3, hold=2),
    },
    "lessons": {
        "LockGraph": lambda: _lessons().LockGraph(2, 2, 0),
        "Ring": lambda: _lessons().Ring(2, True, False, 0),
        "Append": lambda: _lessons().Append(2, 10, False, 0),
        "deadlock": lambda: refrace.deadlock(timeout=300),
        # One thread, so that it is known beforehand how often the array grows.
        "lost_append": lambda: refrace.lost_append(1, 500),
    },
    "program_race": {
        "rounds": lambda: _rounds(is_widened=False),
        "widened rounds": lambda: _rounds(is_widened=True),
    },
    "refcount": {
        "left_out": _left_out,
        "short_of_references": _short_of_references,
    },
    "explorer": {"explore": _explore, "replay": _replay, "sample": _sample},
}


def all_calls():
    return [
        pytest.param(extension, call, id=f"{extension}-{name}")
        for extension, calls in CALLS.items()
        for name, call in calls.items()
    ]


@pytest.mark.parametrize(("extension", "call"), all_calls())
def test_no_failing_allocation_leaks_or_breaks_the_next_call(extension, call):
    hooks = import_module(f"refrace._native.{extension}")
    call()  # what is made once and kept, is made now
    live = hooks.live_allocations()
    threads = threading.active_count()
    n = 0
    fired = True

    while fired:
        n += 1
        hooks.fail_allocation(n)
        try:
            call()
            reported = False
        except MemoryError:
            reported = True
        fired = hooks.fail_allocation(0) == 0
        assert reported == fired, f"allocation {n}: failed {fired}, said so {reported}"
        assert hooks.live_allocations() == live
        assert threading.active_count() == threads
        call()

    assert n > 1, "the call allocates nothing"
    assert hooks.live_allocations() == live


def test_every_extension_that_allocates_is_tested():
    stubs = (Path(refrace.__file__).parent / "_native").glob("*.pyi")
    allocating = {stub.stem for stub in stubs if "fail_allocation" in stub.read_text()}
    assert set(CALLS) == allocating

"""`workers`: several threads find the same states, with the same numbers."""

from __future__ import annotations

import gc
import signal
from dataclasses import replace
from importlib import import_module

import pytest
from explorer.generated_programs import generated
from explorer.programs import MANY_STATES

import refrace
from refrace import Program
from refrace._native import explorer as native_explorer
from refrace.cli import main
from refrace.errors import InvalidArgument, InvalidArgumentType, InvalidProgram
from refrace.explorer.memory import Memory
from refrace.explorer.model.results import Explored
from refrace.explorer.session import Session, session_of

MODES = [mode.name for mode in refrace.modes()]
BOUNDS = (2_000, 600.0, 2**30)
C11 = Memory("c11", 4)
VARIANTS = [v for slug in refrace.gallery for v in refrace.gallery[slug].variants]
PAIRS = "slot S = A\n" + "\n".join(
    f"borrow T{t}.x = A\nT{t}: repeat 2 {{ incref x ; decref x }}" for t in (1, 2, 3)
)

NEVER_ENDS = """
int STOP = 0
T1: n = 0
  while n == 0 {
    n = STOP
  }
""" + "\n".join(
    f"int N{t} = 0\nT{t}: repeat 12 {{\n    n = finc N{t}\n  }}" for t in (2, 3, 4)
)


@pytest.fixture
def two_cores(monkeypatch):
    """Let two workers be asked for on a machine with one core."""
    verb = import_module("refrace.explorer.explore")
    monkeypatch.setattr(verb, "usable_cores", lambda: 2)


def without_time(found: Explored) -> Explored:
    return replace(found, elapsed_s=0.0, bytes=0)


def check_same(session: Session, bounds=BOUNDS, workers=2, **more) -> Explored:
    """Compare everything that one worker and several find, but the time and memory."""
    alone = session.explore(*bounds, **more)
    found = session.explore(*bounds, **more, workers=workers, fewest=1)
    assert without_time(found) == without_time(alone)
    return found


@pytest.mark.parametrize("counts", [True, False])
@pytest.mark.parametrize("gil", ["released", "held"])
def test_programs_of_the_gallery_have_the_same_results(gil, counts):
    limits = set()
    for number, variant in enumerate(VARIANTS):
        memory = Memory(variant.memory)
        program = variant.fixed if number % 4 == 0 else variant.buggy
        session = Session(program, refrace.mode(variant.mode), gil, memory=memory)
        limits.add(check_same(session, counts=counts).limit)
    assert None in limits


@pytest.mark.parametrize("memory", [Memory(), C11], ids=["sc", "c11"])
def test_generated_programs_have_the_same_results_in_all_modes(memory):
    seen = {"compared": 0, "found": 0, "safe": 0}
    for seed in range(60):
        gil = ("released", "held")[seed // 2 % 2]
        try:
            session = session_of(generated(seed), MODES[seed % len(MODES)], gil, memory)
        except InvalidProgram:
            continue  # the mode or the memory does not have one of its operations
        found = check_same(session, counts=seed % 3 != 0, workers=2 + seed % 2)
        seen["compared"] += 1
        seen["found"] += bool(found.schedules)
        seen["safe"] += not found.schedules
    assert all(seen.values()), seen
    assert seen["compared"] > 20


@pytest.mark.parametrize("counts", [True, False])
def test_an_error_of_the_program_is_the_same_one(counts):
    wrong = "lock L\nint N = 0\n" + "\n".join(
        f"T{t}: n = finc N ; n = finc N ; m = N\n  if m == 5 {{ unlock L }}"
        for t in (1, 2, 3)
    )

    found = check_same(session_of(wrong, "atomic", "released"), counts=counts)

    assert found.error is not None
    assert found.error.schedule


def test_a_search_that_starts_again_with_wider_states_has_the_same_result():
    wide = "int N = 0\n" + "\n".join(
        f"T{t}: n = N ; N = {40_000 * t} ; m = N ; N = n" for t in (1, 2, 3)
    )
    deep = "fn f: n = N ; call g\nfn g: m = N ; call h\nfn h: k = N ; N = k\n"
    for text in (wide, f"int N = 0\n{deep}T1: call f\nT2: call f\nT3: call f"):
        found = check_same(session_of(text, "atomic", "released"))
        assert found.finished


@pytest.mark.parametrize("states", [1, 2, 63, 64, 200, 1999])
def test_a_search_stops_at_the_same_state(states):
    session = session_of(PAIRS, "unlocked", "released")

    found = check_same(session, (states, 600.0, 2**30), symmetry=False)

    assert found.limit == "states"
    assert found.states > states


def test_a_search_that_outgrows_its_memory_stops_at_the_same_state():
    session = session_of(PAIRS, "unlocked", "released")

    found = check_same(session, (10**6, 600.0, 2**18), symmetry=False)

    assert found.limit == "memory"


def test_numbers_that_are_bounded_beside_the_passes_are_the_same():
    session = session_of(PAIRS, "unlocked", "released")

    found = check_same(session, (10**6, 600.0, 2**30), symmetry=False)

    assert found.finished
    assert found.states > 4096  # bounded by the other thread
    assert sum(probability for _, probability in found.outcomes.values()) == 1


def test_numbers_are_bounded_where_no_run_ends_and_no_pass_is_needed():
    """The only outcome is known before the first pass."""
    session = session_of(NEVER_ENDS, "unlocked", "released")

    found = check_same(session, (10**6, 600.0, 2**30))

    assert found.states > 1024  # else nothing is bounded by another thread
    assert found.outcomes == {frozenset({"livelock"}): (1, 1)}


def test_no_failing_allocation_changes_a_result_or_leaks():
    """The team, or the bounds beside the passes, do without; a search may end."""
    session = session_of(PAIRS, "unlocked", "released")
    usual = without_time(session.explore(10**6, 600.0, 2**30))
    gc.collect()
    before = native_explorer.live_allocations()
    ends, is_whole = set(), False
    for n in [*range(1, 60), *range(60, 2_000, 7)]:
        native_explorer.fail_allocation(n)
        try:
            found = session.explore(10**6, 600.0, 2**30, workers=2, fewest=1)
        except MemoryError:
            ends.add("MemoryError")
        else:
            is_whole = without_time(found) == usual
            ends.add("whole" if is_whole else found.limit)
        if native_explorer.fail_allocation(0):
            break  # it has no n-th allocation
    assert is_whole
    assert ends <= {"whole", "memory", "MemoryError"}
    assert "whole" in ends
    gc.collect()
    assert native_explorer.live_allocations() == before


# ------------------------------------------------------------------ the public verb


def test_an_exploration_with_two_workers_is_the_one_with_one(two_cores):
    alone = refrace.explore(PAIRS, "unlocked")
    found = refrace.explore(PAIRS, "unlocked", workers=2)

    times = {"elapsed_s": 0.0, "peak_bytes": 0}
    assert replace(found, **times) == replace(alone, **times)
    assert [t.token for t in found.traces] == [t.token for t in alone.traces]


def test_ctrl_c_while_two_workers_search_hands_over_what_they_found(two_cores):
    calls = []

    def interrupt(explored, found):
        calls.append((explored, found))
        if len(calls) == 2:
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(refrace.Interrupted) as caught:
        refrace.explore(MANY_STATES, workers=2, max_seconds=60, progress=interrupt)

    report = caught.value.report
    assert report.limit == "interrupt"
    assert report.states >= calls[-1][1] > calls[0][1] > 0


def test_the_time_limit_stops_two_workers(two_cores):
    report = refrace.explore(MANY_STATES, workers=2, max_seconds=0.2)

    assert report.limit == "seconds"
    assert report.states > 0


@pytest.mark.parametrize(
    ("given", "error", "cure"),
    [
        (0, InvalidArgument, "workers=0 is out of range"),
        (3, InvalidArgument, "may use 2 processors.; pass a whole number from 1 to 2"),
        (True, InvalidArgumentType, "pass a whole number"),
        ("2", InvalidArgumentType, "pass a whole number"),
    ],
)
def test_a_number_of_workers_that_makes_no_sense_is_refused(
    two_cores, given, error, cure
):
    with pytest.raises(error, match=cure):
        refrace.explore(PAIRS, workers=given)


def test_the_command_searches_with_workers(two_cores, tmp_path, capsys):
    path = tmp_path / "pairs.race"
    path.write_text(str(Program.parse(PAIRS)))
    texts = []
    for workers in ("1", "2"):
        code = main(
            ["explore", str(path), "--mode", "unlocked", "--json", "--workers", workers]
        )
        texts.append(refrace.Exploration.from_json(capsys.readouterr().out))
    assert code == 1
    assert texts[0].outcomes == texts[1].outcomes
    assert main(["explore", str(path), "--workers", "3"]) == 2
    assert "workers=3" in capsys.readouterr().err

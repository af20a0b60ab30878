"""A mode from a C file works wherever a mode of refrace does."""

import os
import pickle
import re
import shutil
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import pytest
from hypothesis import given, settings

import refrace
from refrace import strategies
from refrace.catalogue import loaded
from refrace.mode_files.library import DAYS_KEPT, TRIED, forget_old, library_of
from refrace.mode_files.load_mode import load_text
from refrace.mode_files.mode_text import ModeText
from refrace.mode_files.new_mode import new_mode

PROGRAM = "hold T1.x = A\nhold T2.x = A\nT1: decref x\nT2: decref x\n"


def test_its_name_is_its_id_and_a_checksum_of_its_file(plain):
    assert plain.name.startswith("plain@")
    assert plain.claim == "broken"
    assert plain.file.endswith("plain.c")
    assert refrace.mode(plain.name) is plain
    assert refrace.mode("plain") is plain
    assert refrace.load_mode(plain.file) is plain
    assert plain not in refrace.modes()


def test_it_has_a_card_with_its_words(plain):
    card = str(plain)

    assert card.startswith(f"{plain.name}: a plain counter; claims to be broken.")
    assert [word.name for word in plain.words] == ["ob_refcnt"]
    assert "<svg" in plain.plot().svg()


def test_prove_finds_its_smallest_program(plain):
    proof = refrace.prove(plain)

    assert not proof.proved
    assert proof.mode == plain.name
    assert len(proof.witness.program.threads) == 2
    assert proof.witness.finding.kind == "leak"


def test_it_behaves_as_the_mode_with_the_same_algorithm(plain):
    ours = refrace.explore(PROGRAM, "unlocked")
    theirs = refrace.explore(PROGRAM, plain)

    assert theirs.verdict == "corrupt"
    assert theirs.states == ours.states
    assert theirs.interleavings == ours.interleavings == 6
    assert theirs.outcomes == ours.outcomes


def test_a_trace_shows_lines_of_its_file_and_replays(plain):
    trace = refrace.explore(PROGRAM, plain).counterexample()

    assert {Path(step.c_file).name for step in trace.steps} == {"plain.c"}
    text = Path(plain.file).read_text().splitlines()
    assert all("rc_" in text[step.c_line - 1] for step in trace.steps)
    assert refrace.replay(trace.token) == trace
    assert refrace.replay(trace.to_json()) == trace
    assert refrace.Trace.from_json(trace.to_json()) == trace


def test_the_command_that_replays_a_run_names_the_file(plain):
    found = refrace.explore(PROGRAM, plain)

    assert f"refrace replay --mode-file {plain.file} " in str(found).replace(
        "\\\n", " "
    )


def test_a_race_keeps_the_ledger_of_real_threads(plain):
    report = refrace.race(plain, objects=50)
    first = report.parts[0]

    assert report.mode == plain.name
    assert first.objects == first.intact + first.leaked + first.freed_early
    rounds = refrace.race(plain, program=PROGRAM, rounds=20)
    assert rounds.disputed == 0


def test_single_objects_count_in_it(plain):
    thing = refrace.Object(plain)
    thing.incref(3)
    thing.decref(3)

    assert thing.refcount == 1


def test_the_other_verbs_take_it(plain):
    assert refrace.sample(PROGRAM, plain, runs=20).mode == plain.name
    assert refrace.check(PROGRAM, plain) is not None
    assert refrace.step(PROGRAM, plain) is not None
    matrix = refrace.check_gallery([plain], patterns=["borrow-then-incref"])
    assert {cell.mode for cell in matrix.cells} == {plain.name}


def test_strategies_generate_schedules_in_it(plain):
    @settings(max_examples=5, database=None)
    @given(refrace.strategies.schedules(refrace.Program.parse(PROGRAM), plain))
    def check(schedule):
        assert schedule is not None

    check()


def test_it_can_be_pickled_and_is_the_same_mode_again(plain):
    assert pickle.loads(pickle.dumps(plain)) is plain
    biased = refrace.mode("biased")
    assert pickle.loads(pickle.dumps(biased)) is biased


def test_workers_in_fresh_processes_compile_what_they_are_sent(plain):
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as executor:
        proof = refrace.prove(plain, executor=executor)

    assert proof.witness == refrace.prove(plain).witness


def test_a_changed_file_is_another_mode_and_old_tokens_say_so(plain):
    token = refrace.explore(PROGRAM, plain).counterexample().token

    # As if this process had never loaded the file.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loaded, "_loaded", {})
        with pytest.raises(refrace.ReplayMismatch, match="load that file first"):
            refrace.replay(token)
        patch.setattr(
            loaded, "_loaded", {"": replace(plain, name="plain@0123456789ab")}
        )
        with pytest.raises(refrace.ReplayMismatch, match="it was changed since"):
            refrace.replay(token)
        with pytest.raises(refrace.UnknownMode, match="load that file first"):
            refrace.mode("other@0123456789ab")


def test_a_second_load_compiles_nothing(plain, cache, monkeypatch):
    def compiles(*_):
        raise AssertionError("compiled again")

    monkeypatch.setattr("refrace.mode_files.library._build", compiles)
    text = ModeText.parse(Path(plain.file).read_text(), plain.file)

    folder = library_of(text)

    assert folder.parent == cache
    assert (folder / TRIED).exists()


def test_without_a_cache_a_process_leaves_no_libraries_behind(
    can_compile, tmp_path, plain
):
    is_no_folder = tmp_path / "file"
    is_no_folder.touch()
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    code = (
        "import refrace, sys\n"
        "mode = refrace.load_mode(sys.argv[1])\n"
        f"print(refrace.explore({PROGRAM!r}, mode).interleavings)\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", code, plain.file],
        env={
            **os.environ,
            "XDG_CACHE_HOME": str(is_no_folder),
            "CCACHE_DISABLE": "1",
            "TMPDIR": str(temporary),
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.stdout, done.stderr) == ("6\n", "")
    assert list(temporary.iterdir()) == []


def test_libraries_that_nobody_has_used_for_long_are_removed(tmp_path):
    for name, days in (("old", DAYS_KEPT + 1), ("recent", DAYS_KEPT - 1)):
        (tmp_path / name).mkdir()
        used = time.time() - days * 86_400
        os.utime(tmp_path / name, (used, used))

    forget_old(tmp_path)

    assert [folder.name for folder in tmp_path.iterdir()] == ["recent"]


def test_a_correct_mode_of_ones_own_is_proved(can_compile, tmp_path):
    path = tmp_path / "counted.c"
    path.write_text(new_mode("counted", "atomic"))

    mode = refrace.load_mode(path)

    assert mode.claim == "correct"
    assert refrace.explore(PROGRAM, mode).verdict == "safe"
    assert refrace.explore(PROGRAM, mode).states == (
        refrace.explore(PROGRAM, "atomic").states
    )


@pytest.mark.parametrize("is_wanted", [True, False])
def test_the_strategy_draws_it_if_loaded_modes_are_wanted(plain, is_wanted):
    drawn = set()

    @settings(max_examples=300, database=None, derandomize=True)
    @given(strategies.modes("broken", loaded=is_wanted))
    def collect(name):
        drawn.add(refrace.mode(name).name)

    collect()
    assert (plain.name in drawn) == is_wanted
    assert "unlocked" in drawn


def test_the_strategy_refuses_a_number_for_loaded():
    with pytest.raises(refrace.InvalidArgumentType, match="loaded=1"):
        strategies.modes(loaded=1)


def test_compare_measures_it_next_to_modes_of_refrace(plain):
    comparison = refrace.compare(["atomic", plain], rounds=1)

    assert {row.mode for row in comparison.rows} == {"atomic", plain.name}
    assert all(row.memory == plain.memory for row in comparison.rows)


def test_headers_of_another_version_of_the_contract_are_refused(
    can_compile, tmp_path, monkeypatch
):
    headers = tmp_path / "headers"
    shutil.copytree(refrace.include_dir(), headers)
    contract = headers / "mem" / "rc_mem.h"
    text, n = re.subn(
        r"(#define RC_MEM_VERSION) \d+", r"\1 1000000", contract.read_text()
    )
    assert n == 1
    contract.write_text(text)
    monkeypatch.setattr("refrace.mode_files.library.include_dir", lambda: headers)
    monkeypatch.setattr("refrace.mode_files.library.digest_of_headers", lambda: "new")

    with pytest.raises(refrace.InvalidModeFile, match="its headers and its core agree"):
        load_text(new_mode("early"), "early.c", tried_in=tmp_path)


def test_a_name_is_no_mode():
    with pytest.raises(
        refrace.InvalidArgumentType, match=r"write refrace\.mode\(name\)"
    ):
        refrace.Mode("mine")


@pytest.mark.parametrize("path", [None, 3, b"mine.c"])
def test_what_is_no_path_is_reported(path):
    with pytest.raises(refrace.InvalidArgumentType, match="pass the path of a C file"):
        refrace.load_mode(path)


def test_a_missing_file_is_reported(tmp_path):
    with pytest.raises(refrace.InvalidModeFile, match="cannot be read") as caught:
        refrace.load_mode(tmp_path / "none.c")
    assert caught.value.file.endswith("none.c")


@pytest.mark.soak
@pytest.mark.parametrize("like", [one.name for one in refrace.modes()])
def test_a_copy_of_each_mode_loads_and_explores_as_the_original(
    like, can_compile, tmp_path
):
    path = tmp_path / "copy.c"
    path.write_text(new_mode("copied", like))

    mode = refrace.load_mode(path)

    ours, theirs = (refrace.explore(PROGRAM, one) for one in (like, mode))
    assert (ours.states, ours.interleavings) == (theirs.states, theirs.interleavings)
    race = refrace.race(mode, objects=20)
    assert race.findings == () or mode.claim == "broken"

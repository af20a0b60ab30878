"""`spill`: a search that outgrows its memory goes on on disk, with the same result."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
from dataclasses import replace

import pytest
from explorer.generated_programs import generated

import refrace
from refrace import Program
from refrace._native import explorer as native_explorer
from refrace.cli import main
from refrace.errors import (
    EnvironmentUnfit,
    InvalidArgument,
    InvalidArgumentType,
    InvalidProgram,
    LimitReached,
)
from refrace.explorer.memory import Memory
from refrace.explorer.model.results import Explored
from refrace.explorer.session import Session, session_of

MODES = [mode.name for mode in refrace.modes()]
C11 = Memory("c11", 4)
PAIRS = "slot S = A\n" + "\n".join(
    f"borrow T{t}.x = A\nT{t}: repeat 2 {{ incref x ; decref x }}" for t in (1, 2, 3)
)
"""With findings, without cycles; 4,000 states in mode `unlocked`."""
CYCLES = "int N = 0\n" + "\n".join(
    f"T{t}: repeat 4 {{ b = cas N 0 {t} ; while b == 0 {{ b = cas N 0 {t} }} ; N = 0 }}"
    for t in (1, 2, 3)
)
LARGE = "int N = 0\n" + "\n".join(
    f"int M{t} = 0\nT{t}: repeat 4 {{ n = N ; N = n + 1 ; n = finc M{t} }}"
    for t in (1, 2, 3)
)
"""Its tables do not fit the least memory of a search, a mebibyte."""


def without_place(found: Explored) -> Explored:
    return replace(found, elapsed_s=0.0, bytes=0, disk_bytes=0)


def check_same(session: Session, folder, max_bytes=0, **more) -> Explored:
    """Compare all that a search finds in memory and with nearly all on disk."""
    here = session.explore(10**6, 600.0, 2**30, **more)
    found = session.explore(10**6, 600.0, max_bytes, **more, spill=str(folder))
    assert without_place(found) == without_place(here)
    assert here.disk_bytes == 0
    assert found.disk_bytes > 0
    assert found.bytes <= here.bytes
    assert list(folder.iterdir()) == []
    return found


@pytest.mark.parametrize("memory", [Memory(), C11], ids=["sc", "c11"])
def test_generated_programs_have_the_same_results_in_all_modes(memory, tmp_path):
    seen = {"compared": 0, "found": 0, "safe": 0}
    for seed in range(150 if memory == Memory() else 50):
        gil = ("released", "held")[seed // 2 % 2]
        try:
            session = session_of(generated(seed), MODES[seed % len(MODES)], gil, memory)
        except InvalidProgram:
            continue  # the mode or the memory does not have one of its operations
        found = check_same(
            session, tmp_path, counts=seed % 3 != 0, workers=1 + seed % 2, fewest=1
        )
        seen["compared"] += 1
        seen["found"] += bool(found.schedules)
        seen["safe"] += not found.schedules
    assert all(seen.values()), seen
    assert seen["compared"] > 20


@pytest.mark.parametrize("max_bytes", [0, 2**17, 2**19])
@pytest.mark.parametrize(
    ("program", "mode"), [(PAIRS, "unlocked"), (CYCLES, "atomic"), (LARGE, "atomic")]
)
def test_runs_are_counted_and_shown_alike_however_much_is_on_disk(
    program, mode, max_bytes, tmp_path
):
    session = session_of(program, mode, "released")

    found = check_same(session, tmp_path, max_bytes, symmetry=False)

    assert found.finished


@pytest.mark.parametrize("states", [1, 63, 200, 1999])
def test_a_search_on_disk_stops_at_the_same_state(states, tmp_path):
    session = session_of(PAIRS, "unlocked", "released")

    here = session.explore(states, 600.0, 2**30)
    found = session.explore(states, 600.0, 0, spill=str(tmp_path))

    assert here.limit == "states"
    assert without_place(found) == without_place(here)


def test_no_failing_allocation_changes_a_result_or_leaks(tmp_path):
    """A block that memory refuses is on disk; one that both refuse ends the search."""
    session = session_of(PAIRS, "unlocked", "released")
    usual = without_place(session.explore(10**6, 600.0, 2**30))
    gc.collect()
    before = native_explorer.live_allocations()
    ends = set()
    for max_bytes in (0, 2**30):
        for n in range(1, 400, 2):
            native_explorer.fail_allocation(n)
            try:
                found = session.explore(10**6, 600.0, max_bytes, spill=str(tmp_path))
            except MemoryError:
                ends.add("MemoryError")
            else:
                is_whole = without_place(found) == usual
                ends.add("whole" if is_whole else found.limit)
                if is_whole and max_bytes > 0:
                    ends.add("on disk" if found.disk_bytes > 0 else "in memory")
            if native_explorer.fail_allocation(0):
                break  # it has no n-th allocation
    assert ends == {"whole", "on disk", "in memory", "memory", "MemoryError"}
    gc.collect()
    assert native_explorer.live_allocations() == before


# ------------------------------------------------------------------ the public verb


def test_a_search_that_memory_ends_goes_on_to_a_proof_on_disk(tmp_path):
    bound = 1 << 20
    program = LARGE.replace("repeat 4", "repeat 5")

    here = refrace.explore(program, max_bytes=bound)
    found = refrace.explore(program, max_bytes=bound, spill=tmp_path)
    whole = refrace.explore(program)

    assert (here.verdict, here.limit) == ("unfinished", "memory")
    assert "pass a folder on a disk as spill" in " ".join(str(here).split())
    assert found.verdict == "safe"
    places = {"elapsed_s": 0.0, "peak_bytes": 0, "disk_bytes": 0, "max_bytes": 2**30}
    assert replace(found, **places) == replace(whole, **places)
    assert found.peak_bytes < 2 * bound < found.disk_bytes
    assert f"disk {found.disk_bytes / 1e6:,.1f} MB" in " ".join(str(found).split())
    assert "disk" not in str(whole)
    assert refrace.Exploration.from_json(found.to_json()) == found


def run_python(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, LARGE, *arguments],
        capture_output=True,
        text=True,
        timeout=100,
    )


LIMITED_DATA = """
import resource, sys
from pathlib import Path
import refrace

program, folder = sys.argv[1:]
program = program.replace("repeat 4", "repeat 5")
refrace.explore("T1: gil")  # imports and the like
status = Path("/proc/self/status").read_text()
data = 1024 * int(status.split("VmData:")[1].split()[0])
resource.setrlimit(resource.RLIMIT_DATA, (data + 3_000_000, data + 3_000_000))
for spill in (None, folder):
    try:
        found = refrace.explore(program, spill=spill)
    except refrace.LimitReached:
        print("LimitReached")
    else:
        print(found.verdict, found.limit)
"""


@pytest.mark.measures
@pytest.mark.skipif(sys.platform != "linux", reason="limits the data of a process")
def test_a_process_with_too_little_memory_ends_a_search_only_on_disk(tmp_path):
    said = run_python(LIMITED_DATA, str(tmp_path))

    here, there = said.stdout.splitlines()
    assert here in {"LimitReached", "unfinished memory"}
    assert there == "safe None"


SMALL_FILES = """
import resource, sys
import refrace

program, folder = sys.argv[1:]
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
found = refrace.explore(program.replace("repeat 4", "repeat 6"), max_bytes=2**20,
                        spill=folder)
print(found.verdict, found.limit, found.states > 1000, found.disk_bytes > 0)
print(found.answer)
print(found)
"""


def test_a_disk_that_takes_no_more_is_a_limit_and_no_proof(tmp_path):
    said = run_python(SMALL_FILES, str(tmp_path)).stdout.splitlines()

    assert said[0] == "unfinished disk True True"
    assert "unfinished: the folder of `spill` had no more room after " in said[1]
    assert "free space there, pass another folder as spill" in " ".join(said[2:])


KILLED = """
import os, signal, sys
from refrace.explorer.session import session_of

session = session_of(sys.argv[1], "atomic", "released")

def die(numbers):
    assert numbers.disk_bytes > 0
    os.kill(os.getpid(), signal.SIGKILL)

session.explore(10**9, 600.0, 0, progress=die, spill=sys.argv[2], symmetry=False)
"""


def test_nothing_stays_in_the_folder_of_a_process_that_is_killed(tmp_path):
    # It looks a tenth of a second after it began, and is not over by then.
    code = KILLED.replace("sys.argv[1]", "sys.argv[1].replace('repeat 4', 'repeat 30')")

    said = run_python(code, str(tmp_path))

    assert said.returncode == -signal.SIGKILL
    assert list(tmp_path.iterdir()) == []


def search_until(act, folder):
    """Begin an endless search, and interrupt it once `act` has returned True."""

    def progress(explored, found):
        if found > 50_000 and act():
            raise KeyboardInterrupt

    with pytest.raises(refrace.Interrupted) as caught:
        refrace.explore(
            LARGE.replace("repeat 4", "repeat 100"),
            max_bytes=2**20,
            max_states=10**9,
            max_seconds=600,
            progress=progress,
            spill=folder,
        )
    return caught.value.report


def test_two_searches_share_a_folder(tmp_path):
    inner = []

    def explore_another():
        inner.append(refrace.explore(LARGE, max_bytes=2**20, spill=tmp_path))
        return True

    outer = search_until(explore_another, tmp_path)

    assert inner[0].proved
    assert outer.limit == "interrupt"
    assert min(outer.disk_bytes, inner[0].disk_bytes) > 0


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_process_does_not_go_on_in_the_files_of_its_parent(tmp_path):
    parent, ended = os.getpid(), []

    def fork():
        child = os.fork()
        if child:
            ended.append(os.waitpid(child, 0)[1])
        return child != 0

    try:
        found = search_until(fork, tmp_path)
    except BaseException as error:
        if os.getpid() == parent:
            raise
        is_told = isinstance(error, EnvironmentUnfit) and "forked" in str(error)
        os._exit(7 if is_told else 1)
    if os.getpid() != parent:
        os._exit(2)
    assert os.waitstatus_to_exitcode(ended[0]) == 7
    assert found.limit == "interrupt"


BAD = {
    "missing": (lambda path: path / "nowhere", InvalidArgument, "No such file"),
    "a file": (lambda path: path / "file", InvalidArgument, "Not a directory"),
    "empty": (lambda path: "", InvalidArgument, "the path is empty"),
    "no name": (lambda path: "a\0b", InvalidArgument, "null"),
    "a number": (lambda path: 3, InvalidArgumentType, "spill=3 is an int; pass the"),
    "bytes": (lambda path: b"/tmp", InvalidArgumentType, "pass the path of a folder"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_folder_that_cannot_be_used_is_refused_with_the_reason(name, tmp_path):
    (tmp_path / "file").touch()
    folder, error, message = BAD[name]

    with pytest.raises(error, match=message) as caught:
        refrace.explore(LARGE, spill=folder(tmp_path))

    assert "spill=" in str(caught.value)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="is root")
def test_a_folder_without_permission_is_refused(tmp_path):
    tmp_path.chmod(0o500)

    with pytest.raises(InvalidArgument, match="Permission denied"):
        refrace.explore(LARGE, spill=tmp_path)


def test_a_folder_that_has_gone_since_it_was_checked_is_named_as_the_cause():
    session = session_of(PAIRS, "unlocked", "released")

    with pytest.raises(EnvironmentUnfit, match="folder"):
        session.explore(10**6, 600.0, 2**30, spill="/nowhere/at/all")


def test_the_command_goes_on_on_disk(tmp_path, capsys):
    path = tmp_path / "large.race"
    path.write_text(str(Program.parse(LARGE.replace("repeat 4", "repeat 5"))))
    bounds = ["explore", str(path), "--json", "--max-bytes", str(2**20)]

    assert main(bounds) == 3
    assert refrace.Exploration.from_json(capsys.readouterr().out).limit == "memory"
    assert main([*bounds, "--spill", str(tmp_path)]) == 0
    assert refrace.Exploration.from_json(capsys.readouterr().out).disk_bytes > 0
    assert main([*bounds, "--spill", str(path)]) == 2
    assert "Not a directory" in capsys.readouterr().err


def test_small_searches_touch_no_disk(tmp_path):
    found = refrace.explore(PAIRS, "unlocked", spill=tmp_path)

    assert (found.verdict, found.disk_bytes) == ("corrupt", 0)


def test_a_limit_of_the_disk_can_be_insisted_on_as_any_other():
    found = refrace.explore(PAIRS, max_states=1)

    with pytest.raises(LimitReached, match="no more room"):
        replace(found, limit="disk").raise_unless_proved()

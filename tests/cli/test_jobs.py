"""`--jobs`: processes that do the work and end with the command."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from explorer.programs import SHARED_DECREF

from refrace.cli import jobs, main

# In a process of its own, on any number of cores.
COMMAND = """
import sys
from refrace.cli import jobs, main
jobs.usable_cores = lambda: 2
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture
def two_cores(monkeypatch):
    monkeypatch.setattr(jobs, "usable_cores", lambda: 2)


def output_of(capsys, *arguments):
    code = main([*arguments, "--json"])
    out, err = capsys.readouterr()
    assert err == ""
    told = json.loads(out)
    del told["elapsed_s"]
    return code, told


def test_a_sample_with_two_jobs_is_the_one_with_one(two_cores, tmp_path, capsys):
    path = tmp_path / "drop.race"
    path.write_text(SHARED_DECREF)
    command = ["sample", str(path), "--mode", "unlocked", "--seed", "3"]

    assert output_of(capsys, *command, "--jobs", "2") == output_of(capsys, *command)


def test_the_gallery_is_checked_with_two_jobs(two_cores, capsys):
    command = ["gallery", "plain-counter", "--check", "--mode", "atomic"]

    code, told = output_of(capsys, *command, "--jobs", "2")

    assert code == 0
    assert len(told["cells"]) == told["cells_planned"]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("0", "from 1 to 2"),
        ("-1", "from 1 to 2"),
        ("3", "2 processors here"),
        ("1.5", "not a whole number"),
        ("many", "not a whole number"),
        ("", "not a whole number"),
        ("9" * 5000, "from 1 to 2"),
    ],
)
def test_a_number_of_jobs_that_makes_no_sense_is_refused(
    two_cores, capsys, given, says
):
    assert main(["prove", "atomic", "--jobs", given]) == 2
    error = capsys.readouterr().err
    assert "--jobs" in error
    assert says in error


def test_jobs_without_anything_to_check_are_refused(two_cores, capsys):
    assert main(["gallery", "--jobs", "2"]) == 2
    assert "--check" in capsys.readouterr().err


def children_of(pid):
    """The processes that a process has started and that are still there."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
            except OSError:
                continue
            state, parent = stat.rpartition(")")[2].split()[:2]
            if int(parent) == pid and state != "Z":
                found.append(int(entry.name))
    return found


def at_work(pids):
    return [pid for pid in pids if Path(f"/proc/{pid}").exists()]


def wait_until(condition, seconds=300):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


@pytest.fixture
def working():
    """A command that proves with two jobs, and has both of its processes."""
    command = [sys.executable, "-c", COMMAND, "prove", "per_thread", "--jobs", "2"]
    process = subprocess.Popen(
        [*command, "--effort", "large"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    # Two workers and the resource tracker of multiprocessing.
    wait_until(lambda: len(children_of(process.pid)) >= 3 or process.poll() is not None)
    yield process
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_ctrl_c_in_a_terminal_ends_the_command_and_its_processes_quietly(working):
    pids = children_of(working.pid)

    os.killpg(working.pid, signal.SIGINT)  # as a terminal does: to all of them
    out, err = working.communicate(timeout=300)

    assert working.returncode == 3
    assert "Traceback" not in err
    assert "interrupted" in err
    assert not out or out.startswith("per_thread: unfinished (interrupt)")
    wait_until(lambda: not at_work(pids))


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_no_process_stays_behind_a_command_that_was_killed(working):
    pids = children_of(working.pid)
    assert pids

    working.kill()

    wait_until(lambda: not at_work(pids))

"""SIGKILL at any moment leaves no process and a store that the next hunt can use."""

import contextlib
import os
import random
import signal
import sqlite3
import subprocess
import sys
import uuid
from pathlib import Path

import pytest
from hunting.fakes.hunts import hunt
from hunting.fakes.processes import VARIABLE, tagged, wait_until_gone

TESTS = Path(__file__).parents[1]

# Prints a line whenever the hunt makes progress, so that a test can wait for a moment.
SCRIPT = """
import sys
sys.path.insert(0, {tests!r})
from pathlib import Path
from hunting.fakes.hunts import hunt

def progress(state):
    print(state.doing, state.programs, flush=True)

report = hunt({name!r}, Path({folder!r}), progress=progress, **{more!r})
print("over", len(report.findings), report.batches_resumed, flush=True)
"""


def start(name, folder, tag, **more):
    script = SCRIPT.format(tests=str(TESTS), name=name, folder=str(folder), more=more)
    return subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, VARIABLE: tag},
    )


def check_store(folder):
    for path in folder.glob("*.sqlite"):
        with sqlite3.connect(path) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        connection.close()
    assert not list(folder.rglob("*.broken*"))


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(6))
def test_a_killed_hunt_leaves_no_process_and_a_whole_store(tmp_path, seed):
    rng = random.Random(seed)
    name = ("leaks", "crashes", "well_behaved")[seed % 3]
    tag = uuid.uuid4().hex
    process = start(name, tmp_path, tag, seconds=30.0)
    with process:
        for _ in range(rng.randint(1, 60)):
            line = process.stdout.readline()
            assert line
            if "over" in line:
                break
        process.kill()

    assert wait_until_gone(tag) == []
    check_store(tmp_path)
    again = hunt(name, tmp_path, seconds=1.0)
    assert again.judgement == ("clean" if name == "well_behaved" else "findings")
    assert again.notes == ()


def test_a_killed_hunt_resumes_its_batches_and_its_seed(tmp_path):
    tag = uuid.uuid4().hex
    more = {"seconds": 4.0, "seed": 99, "any_seed": True}
    process = start("well_behaved", tmp_path, tag, **more)
    with process:
        for line in process.stdout:
            # Each batch takes one second; one program in ten prints enough lines.
            if journalled(tmp_path) >= 2:
                break
            assert "over" not in line
        process.kill()
    assert wait_until_gone(tag) == []

    again = hunt("well_behaved", tmp_path, seconds=4.0, seed=5, any_seed=True)

    assert again.batches_resumed >= 2
    assert again.seed == 99
    assert again.batches > again.batches_resumed
    third = hunt("well_behaved", tmp_path, seconds=4.0, seed=5, any_seed=True)
    assert (third.batches_resumed, third.seed) == (0, 5)


def journalled(folder):
    path = folder / "hunts.sqlite"
    if not path.exists():
        return 0
    connection = sqlite3.connect(path, timeout=10)
    try:
        return connection.execute("SELECT count(*) FROM batches").fetchone()[0]
    except sqlite3.OperationalError:  # the table is not there yet
        return 0
    finally:
        connection.close()


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(4))
def test_killing_any_process_of_a_hunt_does_not_end_the_hunt(tmp_path, seed):
    """A zygote or a child: the hunt goes on, and says what was lost."""
    rng = random.Random(seed)
    tag = uuid.uuid4().hex
    process = start("well_behaved", tmp_path, tag, seconds=2.0)
    kills, last = 0, ""
    with process:
        for last in process.stdout:  # noqa: B007
            if kills < 3 and rng.random() < 0.05:
                below = [one for one in tagged(tag) if one != process.pid]
                if below:
                    kill(rng.choice(below))
                    kills += 1
        assert last.startswith("over 0")

    assert process.returncode == 0
    assert wait_until_gone(tag) == []
    check_store(tmp_path)


def kill(process):
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)


def test_a_full_disk_does_not_end_a_hunt(tmp_path):
    """With a limit on the size of files, as on a full disk: the journal cannot grow."""
    script = SCRIPT.format(
        tests=str(TESTS), name="leaks", folder=str(tmp_path), more={"seconds": 1.0}
    )
    limited = (
        "import resource, signal\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", limited + script + "print(*report.notes, sep='\\n')"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, ran.stderr
    assert "over 1 0" in ran.stdout
    assert "a hunt that is killed now does not resume" in ran.stdout

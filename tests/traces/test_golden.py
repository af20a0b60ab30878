"""A run kept as a file and as a token is the same run everywhere, byte for byte."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from explorer import programs
from explorer.settled import settled

import refrace

GOLDEN = Path(__file__).with_name("golden")

# Name of the files: program, mode, kind.
RUNS = {
    "lost-decrement": (programs.SHARED_DECREF, "unlocked", "leak"),
    "borrowed-getter": (programs.BORROWED_GETTER, "atomic", "use-after-free"),
    "locked-finaliser": (programs.FINALISER, "object_lock", "null-dereference"),
    "late-write": (programs.LATE_WRITE, "atomic", "use-after-free"),
}


def run_again(name):
    program, mode, kind = RUNS[name]
    return refrace.explore(program, mode).counterexample(kind)


@pytest.fixture(params=RUNS)
def name(request):
    return request.param


def test_the_trace_is_the_one_kept(name):
    trace = settled(run_again(name))
    kept = GOLDEN / f"{name}.trace.json"
    if os.environ.get("REFRACE_KEEP_TEXTS"):
        kept.write_text(trace.to_json() + "\n", encoding="utf-8")

    assert trace.to_json() + "\n" == kept.read_text(encoding="utf-8")


def test_the_token_is_the_one_kept(name):
    token = run_again(name).token
    kept = GOLDEN / f"{name}.token"
    if os.environ.get("REFRACE_KEEP_TEXTS"):
        kept.write_text(token + "\n", encoding="utf-8")

    assert token + "\n" == kept.read_text(encoding="utf-8")


def test_what_was_kept_replays_to_the_same_steps(name):
    stored = (GOLDEN / f"{name}.trace.json").read_text(encoding="utf-8")
    token = (GOLDEN / f"{name}.token").read_text(encoding="utf-8")

    assert refrace.replay(stored) == refrace.replay(token) == run_again(name)


def test_two_processes_with_different_hash_seeds_say_the_same():
    script = (
        "import json, refrace\n"
        f"found = refrace.explore({programs.COUNTING_PAIRS!r}, 'unlocked')\n"
        "data = found.to_dict()\n"
        "del data['elapsed_s'], data['peak_bytes']\n"
        "print(json.dumps(data))\n"
    )

    said = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }

    assert len(said) == 1
    assert len(json.loads(said.pop())["traces"]) > 1

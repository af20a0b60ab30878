"""All commands under the C locale and code page 437; the JSON of each is parsed."""

import json
import os
import subprocess
import sys

import pytest

import refrace

pytestmark = pytest.mark.soak

PROGRAM = "hold T1.x = A\nhold T2.x = A\nT1: decref x\nT2: decref x\n"
COMMANDS = [
    ["append"],
    ["compare", "atomic"],
    ["deadlock"],
    ["explain-refcount", "[]"],
    ["explore", "p.race", "--mode", "unlocked"],
    ["explore", "p.race", "--gil", "held"],
    ["gallery"],
    ["gallery", "borrow-then-incref"],
    ["learn", "1"],
    ["modes"],
    ["modes", "biased"],
    ["parallelism"],
    ["prove", "unlocked"],
    ["race", "atomic", "--objects", "5"],
    ["race", "atomic", "--program", "p.race", "--rounds", "5"],
    ["replay", "-"],
    ["sample", "p.race", "--runs", "5"],
]
SETTINGS = {
    "json": ({}, ["--json"]),
    "cp437": ({"LC_ALL": "C", "PYTHONIOENCODING": "cp437"}, []),
    "ascii": ({"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, []),
}


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_command_prints_in_any_encoding_and_its_json_is_json(
    command, setting, tmp_path
):
    (tmp_path / "p.race").write_text(PROGRAM)
    token = refrace.explore(PROGRAM, "unlocked").traces[0].token
    variables, options = SETTINGS[setting]

    done = subprocess.run(
        [sys.executable, "-m", "refrace", *command, *options],
        input=token.encode(),
        capture_output=True,
        env={**os.environ, **variables},
        cwd=tmp_path,
        timeout=300,
    )

    assert b"Traceback" not in done.stderr
    assert done.returncode in (0, 1, 3, 4)
    assert done.stdout
    if options:
        json.loads(done.stdout)

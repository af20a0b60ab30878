"""Each buggy extension goes wrong when it is used by hand, and no fixed one does."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from extensions import build
from extensions.drivers import FOUND, LUCKY
from extensions.twins import TWINS

DRIVERS = Path(__file__).parent / "drivers.py"

HUNG = None


def drive(folder, form, name, seconds, limit):
    """Run a driver in a child process, with an allocator that spoils freed memory."""
    try:
        ran = subprocess.run(
            [sys.executable, str(DRIVERS), str(folder), form, name, str(seconds)],
            env={**os.environ, "PYTHONMALLOC": "debug"},
            capture_output=True,
            text=True,
            timeout=limit,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return HUNG
    return ran.returncode


def test_every_source_is_described():
    assert sorted(TWINS) == build.NAMES
    assert len({twin.bug for twin in TWINS.values()}) == len(TWINS) == 37


@pytest.mark.soak
@pytest.mark.parametrize(
    "twin",
    [
        pytest.param(twin, id=name, marks=[pytest.mark.attack] * (name in LUCKY))
        for name, twin in TWINS.items()
    ],
)
def test_the_buggy_form_goes_wrong(extensions, twin):
    if not twin.can_fail_here:
        pytest.skip("the GIL hides it")

    limit = 5 if twin.hangs else 300
    ended = drive(extensions, "buggy", twin.name, seconds=30, limit=limit)

    assert ended == HUNG if twin.hangs else ended == FOUND or ended < 0


@pytest.mark.soak
@pytest.mark.parametrize("name", TWINS)
def test_the_fixed_form_does_not(extensions, name):
    assert drive(extensions, "fixed", name, seconds=0.5, limit=300) == 0

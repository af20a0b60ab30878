"""Memory of a race: bounded however many objects, and given back."""

import gc
import subprocess
import sys

import pytest

import refrace
from refrace._native import objects as native_objects

# Where there is /proc, not ru_maxrss: on Linux a child inherits the peak of the process
# that started it, here that of all tests before.
PEAK_OF_A_MILLION = """
import pathlib, re, resource, refrace
report = refrace.race("atomic", objects=1_000_000, hold=1)
assert report.intact == 1_000_000
status = pathlib.Path("/proc/self/status")
if status.exists():
    print(re.search(r"VmHWM:\\s*(\\d+) kB", status.read_text())[1])
else:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.measures
def test_a_million_objects_stay_under_200_megabytes_resident():
    run = subprocess.run(
        [sys.executable, "-c", PEAK_OF_A_MILLION],
        capture_output=True,
        text=True,
        check=True,
    )

    peak = int(run.stdout) * (1 if sys.platform == "darwin" else 1024)
    assert peak < 200e6


def test_a_race_gives_all_its_memory_back():
    gc.collect()  # what earlier tests left is not to go in between
    before = native_objects.live_allocations()

    refrace.race("unlocked", threads=3, objects=10)

    assert native_objects.live_allocations() == before


def test_an_allocation_that_fails_is_a_memory_error_and_the_next_race_works():
    before = native_objects.live_allocations()
    n = 0
    while True:
        n += 1
        native_objects.fail_allocation(n)
        try:
            refrace.race("unlocked", objects=1)
        except MemoryError:
            assert native_objects.live_allocations() == before
            continue
        break
    # One more than the race allocates: the countdown did not fire.
    assert native_objects.fail_allocation(0) > 0
    assert n > 4

    assert refrace.race("atomic", objects=1).intact == 1

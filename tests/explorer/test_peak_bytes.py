"""The peak of memory that an exploration reports is what it took from the system."""

import subprocess
import sys

import pytest

MEASURE = r"""
import re
from pathlib import Path
import refrace
from refrace import Program
from refrace.explorer.session import Session

status = Path("/proc/self/status")

def peak():
    return int(re.search(r"VmHWM:\s*(\d+) kB", status.read_text())[1]) * 1024

threads = {threads!r}.split("|")
text = {opening!r} + "".join(f"T{{t}}: {{body}}\n" for t, body in enumerate(threads))
model = Session(Program.parse(text), refrace.mode({mode!r}))
model.explore(1000, 60.0, 2**33, symmetry=False)  # imports and the like
before = peak()
raw = model.explore(10**9, 600.0, 2**33, symmetry=False)
assert raw.limit is None, raw.limit
print(raw.states, raw.state_bytes, raw.bytes, peak() - before)
"""
INCREMENT = "repeat {n} {{ n = N ; N = n + 1 }}"
PAIR = "incref x ; decref x ; incref x ; decref x"
PROGRAMS = {
    "no findings": ("int N = 0\n", "|".join([INCREMENT.format(n=7)] * 3), "atomic"),
    "findings": (
        "slot S = A\n" + "".join(f"borrow T{t}.x = A\n" for t in range(4)),
        "|".join([PAIR] * 4),
        "unlocked",
    ),
}


@pytest.mark.measures
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_large_search_takes_what_it_reports_and_24_bytes_beyond_a_packed_state(name):
    opening, threads, mode = PROGRAMS[name]
    code = MEASURE.format(opening=opening, threads=threads, mode=mode)

    said = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout

    states, state_bytes, reported, measured = map(int, said.split())
    assert states > 1_000_000
    assert reported / states - state_bytes <= 24
    # The interpreter, and parts of huge pages that are not used yet.
    assert abs(measured - reported) < 0.1 * reported + 8e6

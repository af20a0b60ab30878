"""Redirected imports, so that calls come late, do a correct module no harm."""

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from hunting.schedules.building import build_plainly

pytestmark = pytest.mark.skipif(
    sys.platform != "linux"
    or not sysconfig.get_platform().endswith("x86_64")
    or shutil.which("gcc") is None,
    reason="imports are redirected on Linux on x86-64 only; building needs gcc",
)

SOURCES = Path(__file__).parent / "sources"

BEGIN = """
import os, sys, time
from refrace._native import schedule

sys.path.insert(0, sys.argv[1])
import unusual
"""
PATCH = "schedule.patch(unusual.__file__, only_python=True)"
PATCHES = [PATCH, "schedule.patch(unusual.__file__)"]

# Takes the page behind the module, readable and executable, if nothing is there or a
# file that this process does not need, as a cache of locales.
NEIGHBOUR = """
import ctypes

def mappings():
    for line in open("/proc/self/maps"):
        span, access, *others = line.split()
        low, high = (int(one, 16) for one in span.split("-"))
        yield low, high, access, others[-1] == unusual.__file__

def behind():
    return [access for low, _, access, _ in mappings() if low == end]

end = max(high for _, high, _, is_own in mappings() if is_own)
page = os.sysconf("SC_PAGESIZE")
libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p
private, fixed, fixed_if_free = 0x22, 0x10, 0x100000
how = private | (fixed if behind() == ["r--s"] else fixed_if_free)
libc.mmap(*map(ctypes.c_size_t, (end, page)), 5, how, -1, ctypes.c_long(0))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("unusual")
    # The table of imports is in the last page.
    build_plainly(SOURCES / "unusual.c", made, "-Wl,-z,lazy,-z,noseparate-code")
    return made


def run(folder, *lines):
    script = "\n".join([BEGIN, *lines])
    ran = subprocess.run(
        [sys.executable, "-c", script, str(folder)],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert ran.returncode == 0, (ran.returncode, ran.stderr)
    return ran.stdout.split()


@pytest.mark.parametrize("patch", PATCHES)
def test_a_module_keeps_its_own_operators_new_and_delete(folder, patch):
    assert run(folder, "unusual.make()", patch, "unusual.drop()", "print(1)") == ["1"]


@pytest.mark.skipif(shutil.which("g++") is None, reason="needs a compiler of C++")
@pytest.mark.parametrize("patch", PATCHES)
def test_operator_new_throws_where_there_is_no_memory(folder, patch):
    build_plainly(SOURCES / "roomy.cpp", folder, "-Wl,--no-as-needed", "-lstdc++")
    ask = "print(roomy.has_room(10), roomy.has_room(2**62))"

    out = run(folder, "import roomy", patch.replace("unusual", "roomy"), ask)

    assert out == ["True", "False"]


def test_a_function_of_the_api_is_still_equal_to_what_a_type_has(folder):
    ask = "print(unusual.is_generic(object()))"

    assert run(folder, ask, PATCH, ask) == ["True", "True"]


def test_what_is_behind_the_module_stays_executable(folder):
    ask = "print(*behind())"

    before, after = run(folder, NEIGHBOUR, ask, PATCH, ask)

    assert after == before


WITHOUT_GIL = pytest.mark.skipif(
    not sysconfig.get_config_var("Py_GIL_DISABLED"),
    reason="with the GIL each of them waits for others",
)


@pytest.mark.parametrize(
    ("length_ns", "times", "least_s"),
    [
        # 12 seconds, but only the first one is long: no other thread does anything.
        pytest.param(20_000_000, 300, 0.02, id="long"),
        # At least 4 seconds, of pauses that wait for nobody.
        pytest.param(40_000, 50_000, 2, marks=WITHOUT_GIL, id="short"),
    ],
)
def test_a_call_that_makes_many_others_pauses_for_two_seconds_in_all(
    folder, length_ns, times, least_s
):
    took = run(
        folder,
        PATCH,
        f"schedule.set_pauses(1, 1, {length_ns}, {length_ns})",
        "began = time.monotonic()",
        f"unusual.release_often({times})",  # two pauses each
        "print(time.monotonic() - began)",
    )

    assert least_s <= float(took[0]) < 10


def test_pauses_change_while_a_thread_of_the_module_runs(folder):
    run(
        folder,
        PATCH,
        "unusual.start()",
        "until = time.monotonic() + 2",
        "while time.monotonic() < until:",
        "    schedule.set_pauses(7, 3, 0, 1)",
        "    time.sleep(0)",
        "    schedule.set_pauses()",
        "    time.sleep(0)",
        "os._exit(0)",
    )

"""Calls of the C API that come late, so that others meet a window of nanoseconds."""

import json
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import replace
from pathlib import Path

import pytest
from hunting.schedules.building import build_plainly

from refrace.hunting.execution.late_calls import may_return_late
from refrace.subjects import HuntProgram, Noise

sys.path.insert(0, __file__.rpartition("/")[0])
from subjects_to_run import program

HERE = Path(__file__).parent
HAS_GIL = not sysconfig.get_config_var("Py_GIL_DISABLED")

needs_trampolines = pytest.mark.skipif(
    sys.platform != "linux"
    or not sysconfig.get_platform().endswith("x86_64")
    or shutil.which("gcc") is None,
    reason="imports are redirected on Linux on x86-64 only; building needs gcc",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("late")
    build_plainly(HERE / "sources" / "late.c", made)
    return made


def run(folder, *arguments):
    command = [sys.executable, HERE / "late_calls_run.py", folder, *arguments]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


@needs_trampolines
@pytest.mark.parametrize("flags", [[], ["lazy"]])
def test_a_release_of_the_gil_takes_so_long_that_an_update_is_lost(folder, flags):
    """Also in an extension that the first round imports."""
    assert run(folder, "add_released", "late", "changeable", *flags)["kinds"] == [
        "wrong-answer"
    ]


@needs_trampolines
def test_a_call_with_the_gil_is_no_place_where_others_come_in(folder):
    found = run(folder, "add_attached", "late", "changeable")["kinds"]

    assert found == ([] if HAS_GIL else ["wrong-answer"])


@needs_trampolines
def test_without_a_gil_others_come_in_when_a_call_returns(folder):
    found = run(folder, "add_returned", "late", "changeable")["kinds"]

    assert found == ([] if HAS_GIL else ["wrong-answer"])


@needs_trampolines
def test_no_call_returns_late_where_greenlets_move_the_stack(folder):
    found = run(folder, "add_returned", "late", "changeable", "greenlet")["kinds"]

    assert found == []


@pytest.mark.parametrize(
    ("status", "may"),
    [
        ("Name:\tpython\nx86_Thread_features:\tshstk wrss \n", False),
        ("Name:\tpython\nx86_Thread_features:\t\n", True),
        ("Name:\tshstk\n", True),
        (None, True),
    ],
)
def test_no_call_returns_late_with_a_shadow_stack(tmp_path, monkeypatch, status, may):
    monkeypatch.delitem(sys.modules, "greenlet", raising=False)
    path = tmp_path / "status"
    if status is not None:
        path.write_text(status)

    assert may_return_late(path) is may


CATCHES = """
import throws
from refrace._native import schedule

schedule.patch(throws.__file__, only_python=True)
schedule.set_pauses(1, 1, 0, 1000, at_returns=True)
for _ in range(20):
    assert throws.call(lambda: throws.call(throws.catches)) == 7
schedule.set_pauses()
print("done")
"""


@needs_trampolines
@pytest.mark.skipif(shutil.which("g++") is None, reason="NOT TESTED: no g++")
def test_an_exception_of_cpp_is_caught_below_calls_that_return_late(tmp_path):
    build_plainly(
        HERE / "sources" / "throws.cpp", tmp_path, "-Wl,--no-as-needed", "-lstdc++"
    )
    command = [sys.executable, "-c", CATCHES]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)

    assert (ran.returncode, ran.stdout) == (0, "done\n"), ran.stderr


TAILS = """
import tails
from refrace._native import schedule

proxy = 1
for _ in range(5):
    proxy = tails.Proxy(proxy)
schedule.patch(tails.__file__, only_python=True)
schedule.set_pauses(1, 1, 0, 1000, at_returns=True)
for _ in range(50):
    assert hash(proxy) == 1
schedule.set_pauses()
print("done")
"""


@needs_trampolines
def test_calls_that_are_jumped_to_return_late_together(tmp_path):
    """They return to one and the same place, as those of a proxy of a proxy do."""
    build_plainly(HERE / "sources" / "tails.c", tmp_path, "-O2")
    command = [sys.executable, "-c", TAILS]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)

    assert (ran.returncode, ran.stdout) == (0, "done\n"), ran.stderr


@needs_trampolines
def test_without_a_gil_others_come_in_between_two_instructions(folder):
    found = run(folder, "add_alone", "steps", "changeable")["kinds"]

    assert found == ([] if HAS_GIL else ["wrong-answer"])


IN_STEPS = """
import late
from refrace._native import canary

canary.add_steps(late.__file__)
canary.begin_steps(1, 1, 0, 1000)
answer = late.cross_pages()
canary.end_steps()
print(answer)
"""


@needs_trampolines
def test_an_instruction_on_two_pages_is_a_step_whichever_page_is_closed(folder):
    command = [sys.executable, "-c", IN_STEPS]
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True)

    assert (ran.returncode, ran.stdout) == (0, "42\n"), ran.stderr


@needs_trampolines
@pytest.mark.parametrize("flags", [["late"], ["changeable"]])
def test_an_extension_stays_as_it_is_unless_program_and_process_allow_it(folder, flags):
    assert not run(folder, "add_attached", *flags)["is_loaded"]


def test_a_program_says_that_calls_come_late():
    quiet = program([("add",)], [("add",)])
    late = replace(quiet, noise=Noise(late_calls=True))

    assert "late" not in quiet.source()
    assert "# noise: late calls of the C API" in late.source()
    assert HuntProgram.from_dict(late.to_dict()) == late


@pytest.mark.parametrize(
    ("name", "text"),
    [("late_counts", "late counts"), ("late_steps", "late instructions")],
)
def test_a_program_says_what_else_comes_late(name, text):
    late = program([("add",)], [("add",)], noise=Noise(**{name: True}))

    assert f"# noise: {text}" in late.source()
    assert HuntProgram.from_dict(late.to_dict()) == late


@pytest.mark.parametrize("name", ["late_calls", "late_counts", "late_steps"])
def test_a_program_from_before_there_were_late_calls_has_none(name):
    quiet = program([("add",)], [("add",)])
    stored = quiet.to_dict()
    del stored["noise"][name]

    assert HuntProgram.from_dict(stored) == quiet

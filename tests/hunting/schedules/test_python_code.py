"""Under a chosen schedule, Python code that an extension calls is a place to switch."""

import shutil
import sys
import sysconfig
from pathlib import Path

import pytest
from hunting.schedules.building import build_plainly

import refrace
from refrace.hunting.hunt import hunt_in

LATE = Path(__file__).parents[1] / "execution" / "sources" / "late.c"
HAS_GIL = not sysconfig.get_config_var("Py_GIL_DISABLED")

pytestmark = pytest.mark.skipif(
    sys.platform != "linux"
    or not sysconfig.get_platform().endswith("x86_64")
    or shutil.which("gcc") is None,
    reason="native schedules need Linux on x86-64; building needs gcc",
)

SUBJECT = """
import late
import refrace

def nothing():
    pass

class Counter:
    def setup(self):
        late.taken()
        self.calls = 0

    @refrace.operation
    def add(self):
        self.calls += 1
        late.{call}

    def check(self):
        count = late.taken()
        assert count == self.calls, f"{{count}} of {{self.calls}}"
"""


def hunted(folder, call):
    build_plainly(LATE, folder)
    (folder / "counting.py").write_text(SUBJECT.format(call=call))
    return hunt_in(
        f"{folder}/counting.py:Counter",
        threads=(2,),
        seconds=3.0,
        seed=1,
        repeats=None,
        store=False,
        schedules="bounded",
        preemptions=1,
        progress=None,
    )


def test_an_update_across_a_callback_is_lost_and_the_schedule_replays(tmp_path):
    report = hunted(tmp_path, "add_calling(nothing)")

    (finding,) = report.findings
    assert finding.kind == "wrong-answer"
    assert "check() raised AssertionError: " in finding.message
    assert "(1 preemption, " in finding.message
    assert refrace.replay(finding.replay_token).shown == 20


@pytest.mark.skipif(not HAS_GIL, reason="without a GIL every call is such a place")
def test_a_callback_in_c_is_no_place_where_the_gil_is_given_up(tmp_path):
    report = hunted(tmp_path, "add_calling(dict)")

    assert report.findings == ()
    assert report.explored.complete

"""Wrong arguments to a race of a program, what stops one, and what it leaves behind."""

import gc
import signal
import subprocess
import sys
import threading

import pytest

import refrace

GIL_SETTINGS = (
    ["released", "held"] if refrace.Environment.current().gil_enabled else ["released"]
)
TWO_DROPS = "hold T1.x = A\nhold T2.x = A\nT1: decref x\nT2: decref x"
SPIN = "int N = 0\nT1: n = N\n  while n == 0 {\n    n = N\n  }\nT2: N = 0"


@pytest.mark.parametrize(
    ("arguments", "kind", "says"),
    [
        ({"threads": 3}, refrace.InvalidArgument, "threads=3 conflicts with program"),
        ({"owner": "elsewhere"}, refrace.InvalidArgument, "owner=.elsewhere. conf"),
        ({"objects": 5}, refrace.InvalidArgument, "objects=5 conflicts"),
        ({"hold": 1}, refrace.InvalidArgument, "hold=1 conflicts"),
        ({"shared": False}, refrace.InvalidArgument, "shared=False conflicts"),
        ({"rounds": 0}, refrace.InvalidArgument, "rounds=0 is out of range"),
        ({"rounds": 1.5}, refrace.InvalidArgumentType, "rounds=1.5"),
        ({"seed": -1}, refrace.InvalidArgument, "seed=-1"),
        ({"gil": "half"}, refrace.InvalidArgument, "gil='half'"),
        ({"program": 3}, refrace.InvalidArgumentType, "program=3"),
        ({"program": "T1: use x"}, refrace.InvalidProgram, "line 1"),
        (
            {"program": "obj A max 3\nslot S = A\nT1: x = S"},
            refrace.InvalidProgram,
            "determines the width",
        ),
    ],
)
def test_a_wrong_argument_is_refused_with_its_cure(arguments, kind, says):
    with pytest.raises(kind, match=says):
        refrace.race("atomic", **{"program": TWO_DROPS, **arguments})


def test_rounds_without_a_program_are_refused():
    with pytest.raises(refrace.InvalidArgument, match="rounds=5 needs a program"):
        refrace.race("atomic", rounds=5)


def test_a_program_that_breaks_a_rule_is_refused_with_the_way_there():
    with pytest.raises(refrace.InvalidProgram, match="does not hold") as caught:
        refrace.race("atomic", program="lock L\nT1: gil ; unlock L\nT2: gil")

    assert (caught.value.line, caught.value.column) == (2, 11)
    assert caught.value.trace.steps[-1].statement == "unlock L"


def test_an_interrupt_in_the_middle_gives_what_was_done_until_then():
    def interrupt(done, rounds):
        if done:
            raise KeyboardInterrupt

    with pytest.raises(refrace.Interrupted) as caught:
        refrace.race("atomic", program=TWO_DROPS, rounds=10**9, progress=interrupt)

    report = caught.value.report
    assert 0 < report.rounds < 10**9
    assert "Stopped early" in str(report)


@pytest.mark.parametrize("gil", GIL_SETTINGS)
@pytest.mark.parametrize("program", [TWO_DROPS, SPIN])
def test_ctrl_c_ends_a_race_of_many_rounds(gil, program):
    script = (
        "import refrace, sys, time\n"
        f"program = {program!r}\n"
        "try:\n"
        "    refrace.race('unlocked', program=program, rounds=10**9,\n"
        f"        gil={gil!r}, progress=lambda *_: print('on', flush=True))\n"
        "except refrace.Interrupted:\n"
        "    print('heard')\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True
    ) as process:
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=120)
    assert rest.endswith("heard\n")


def test_nothing_is_left_behind():
    native = pytest.importorskip("refrace._native.program_race")
    gc.collect()  # the tracebacks of exceptions that other tests caught
    before = native.live_allocations(), threading.active_count()

    for program in (TWO_DROPS, "lock L\nT1: lock L ; lock L"):
        refrace.race("global_lock", program=program, rounds=20)
    with pytest.raises(refrace.InvalidProgram):
        refrace.race("atomic", program="lock L\nT1: unlock L")

    gc.collect()
    assert (native.live_allocations(), threading.active_count()) == before

"""Hunts with chosen schedules: findings with a trace, and what was tried without."""

import signal
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

import pytest
from hunting.schedules.building import SOURCES, build, build_plainly
from hunting.schedules.driving import program_of

import refrace
from refrace.cli import main
from refrace.hunting.describing.program_token import program_token
from refrace.hunting.hunt_report import HuntReport

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or not sysconfig.get_platform().endswith("x86_64"),
    reason="native schedules need Linux on x86-64",
)

SUBJECT = """
import races
import refrace

class Counter:
    def setup(self):
        self.it = races.Races()
    @refrace.operation
    def add(self):
        return self.it.add()
    @refrace.operation
    def count(self):
        return self.it.count()
"""


@pytest.fixture(scope="module")
def subject(tmp_path_factory):
    path = tmp_path_factory.mktemp("subjects") / "counting.py"
    path.write_text(SUBJECT)
    return f"{path}:Counter"


@pytest.fixture(scope="module")
def found(subject):
    """The report of a hunt that finds the lost update."""
    return hunted(subject, "wrong", seconds=2.0)


def hunted(subject, form, **options):
    from refrace.hunting.hunt import hunt_in

    asked = {"schedules": "bounded", "build": build(form), "seconds": 20.0, "seed": 1}
    rest = {"threads": (2,), "repeats": None, "store": False, "progress": None}
    return hunt_in(subject, **{**rest, **asked, **options})


def test_a_lost_update_is_a_finding_with_the_c_lines_of_both_threads(found):
    (finding,) = found.findings
    assert finding.kind == "wrong-answer"
    assert {step.thread for step in finding.native_trace} == {1, 2}
    assert any(step.preempted for step in finding.native_trace)
    text = str(found)
    assert "self->count = n + 1;" in text
    assert "-- preempted --" in text
    assert "schedules='bounded'" in finding.reproducer
    assert HuntReport.from_json(found.to_json()) == found
    assert finding.pattern == "payload-lost-update"
    assert refrace.explore(finding.as_program(), "atomic").findings


def test_its_test_replays_it_and_searches_in_another_build(found, tmp_path):
    text = found.findings[0].reproducer
    fixed = text.replace(repr(str(build("wrong"))), repr(str(build("correct"))))
    assert fixed != text
    fixed = fixed.replace("seconds=5", "seconds=1")

    # The process of the test has a build without hooks; children take the other one.
    Path(tmp_path, "races.py").write_text("class Races: pass\n")
    ends = []
    for name, source in (("wrong", text), ("fixed", fixed)):
        file = Path(tmp_path, f"test_{name}.py")
        file.write_text(source)
        run = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", file]
        ends.append(subprocess.run(run, cwd=tmp_path, capture_output=True, text=True))

    assert [one.returncode for one in ends] == [1, 0], ends
    assert "(20 of 20" in ends[0].stdout, ends[0].stdout
    assert "1 passed" in ends[1].stdout


def test_correct_code_is_clean_and_the_report_says_what_was_tried(subject):
    report = hunted(subject, "correct", seconds=2.0)

    assert report.findings == ()
    assert report.conclusive
    assert not report.proved
    assert report.explored.complete > 0
    assert report.explored.schedules > report.explored.programs
    assert "all schedules tried" in str(report)


BORROWING = """
import races
import refrace
from refrace.strategies import canaries

class Borrowing:
    def setup(self):
        self.it = races.Races()
    @refrace.operation(item=canaries(supports={"hash", "eq"}))
    def put(self, item):
        return self.it.put(item)
    @refrace.operation
    def peek(self):
        return self.it.peek()
"""


def test_without_hooks_calls_are_scheduled_and_the_report_says_that_it_is_coarser(
    tmp_path,
):
    build_plainly(SOURCES / "races.c", tmp_path, "-DBUG", "-pthread")
    (tmp_path / "borrowing.py").write_text(BORROWING)

    report = hunted(
        f"{tmp_path}/borrowing.py:Borrowing",
        "wrong",
        build=None,
        program=program_token(program_of(["put"], ["put"], ["peek"], []).to_dict()),
    )

    assert report.explored.level == "calls"
    assert "Coarser than it could be" in str(report)
    (finding,) = report.findings
    assert finding.kind == "use-after-free"
    assert refrace.replay(finding.replay_token).shown == 20


LAZY = """
import races
import refrace

class Lazy:
    def setup(self):
        self.it = races.Races()
    @refrace.operation
    def lazy(self):
        return self.it.lazy()
"""


def test_without_hooks_no_schedule_is_left_out_since_no_access_is_seen(tmp_path):
    build_plainly(SOURCES / "races.c", tmp_path, "-DBUG", "-pthread")
    (tmp_path / "lazily.py").write_text(LAZY)

    report = hunted(
        f"{tmp_path}/lazily.py:Lazy",
        "wrong",
        build=None,
        program=program_token(program_of([], ["lazy"], ["lazy"], []).to_dict()),
    )

    assert [finding.kind for finding in report.findings] == ["wrong-answer"]


def test_a_use_after_free_becomes_a_program_of_the_objects_of_the_trace(tmp_path):
    pytest.importorskip("elftools")
    (tmp_path / "borrowing.py").write_text(BORROWING)
    token = program_token(program_of(["put"], ["put"], ["peek"], []).to_dict())

    report = hunted(f"{tmp_path}/borrowing.py:Borrowing", "wrong", program=token)

    (finding,) = report.findings
    text = str(finding.as_program())
    assert refrace.explore(text, "atomic").findings
    assert "old = self_item" in text
    assert "decref old" in text
    assert "use item" in text


def test_without_an_extension_it_says_how_to_build_one(tmp_path):
    (tmp_path / "races.py").write_text("class Races:\n    def add(self): pass\n")
    (tmp_path / "counting.py").write_text(SUBJECT)

    with pytest.raises(refrace.InvalidArgument, match="build_instrumented"):
        hunted(f"{tmp_path}/counting.py:Counter", "wrong", build=None, seconds=2.0)


LOOP = """
#include <Python.h>
long total;
PyMODINIT_FUNC PyInit_races(void)
{
#pragma omp parallel for
    for (int i = 0; i < 9; i++) { total += i; }
    static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, .m_name = "races"};
    return PyModule_Create(&definition);
}
"""


def test_loops_on_threads_of_openmp_are_refused_in_a_sentence(tmp_path):
    (tmp_path / "races.c").write_text(LOOP)
    build_plainly(tmp_path / "races.c", tmp_path, "-fopenmp")
    (tmp_path / "looping.py").write_text("import races\ndef call():\n    pass\n")

    with pytest.raises(refrace.InvalidArgument, match=r"prange.* without -fopenmp"):
        hunted(f"{tmp_path}/looping.py:call", "wrong", build=None, seconds=2.0)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"schedules": "all"}, "schedules="),
        ({"preemptions": 11}, "preemptions="),
        ({"preemptions": -1}, "preemptions="),
        ({"threads": (1,)}, "leaves nothing to schedule"),
        ({"threads": (9,)}, "too many for chosen schedules"),
        ({"build": "no/such/folder"}, "is not a folder"),
        ({"build": 1}, "build=1"),
        ({"schedules": None, "build": "."}, "pass schedules='bounded'"),
        ({"schedules": None, "preemptions": 3}, "pass schedules='bounded'"),
        ({"schedules": None, "reduction": False}, "pass schedules='bounded'"),
        ({"schedules": "random", "preemptions": 3}, "leave preemptions out"),
        ({"schedules": "random", "reduction": False}, "leave reduction out"),
        ({"schedules": "pct", "reduction": False}, "leave reduction out"),
    ],
)
def test_wrong_arguments_are_refused_with_a_cure(subject, options, words):
    with pytest.raises(refrace.RefraceError, match=words):
        hunted(subject, "wrong", **{"build": None, **options})


def test_the_command_line_takes_the_same_arguments(subject, capsys):
    folder = str(build("wrong"))
    arguments = ["hunt", subject, "--schedules", "bounded", "--build", folder]

    code = main([*arguments, "--no-store", "--seconds", "4", "--seed", "1"])

    assert code == 1
    assert "wrong-answer" in capsys.readouterr().out


def test_an_interrupt_ends_the_search_of_schedules_and_keeps_its_report(subject):
    def progress(now):
        if now.doing == "searching":
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(refrace.Interrupted) as caught:
        hunted(subject, "correct", seconds=600.0, progress=progress)

    assert caught.value.report.limit == "interrupt"
    assert caught.value.report.judgement == "inconclusive"


@pytest.mark.measures
def test_an_interrupt_is_answered_within_a_fifth_of_a_second(subject):
    delays = [delay_of_interrupt(subject, after) for after in (2, 4, 6)]

    assert min(delays) < 0.2  # the machine may be busy, but not always


def delay_of_interrupt(subject, after):
    """Seconds from a signal while children search until the verb has ended."""
    heard = []

    def progress(now):
        heard.append(time.perf_counter())
        if now.doing == "searching" and len(heard) > after:
            heard[:] = [time.perf_counter()]
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(refrace.Interrupted):
        hunted(subject, "correct", seconds=600.0, progress=progress)
    return time.perf_counter() - heard[0]

"""The verb with the real engine: what is planted is found, and nothing else."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hunting.verb import subjects_of_planted as subjects

import refrace
from refrace._native.planted import Planted
from refrace.hunting import planted
from refrace.hunting.search import campaign

TESTS = Path(__file__).parents[2]


def hunt(subject, **more):
    more = {"seconds": 6.0, "seed": 1, "store": False, "threads": 1, **more}
    return refrace.hunt(subject, **more)


@pytest.fixture(scope="module")
def of_buggy():
    return hunt(subjects.Buggy)


@pytest.fixture(scope="module")
def of_crashing():
    return hunt(subjects.Crashing)


@pytest.fixture(scope="module")
def of_lambda():
    return hunt(lambda value: Planted(True).drop(value), seconds=2.0)


def test_a_planted_bug_is_found_shrunk_and_named(of_buggy):
    report = of_buggy

    (finding,) = report.findings
    assert {finding.kind, *finding.also} & {"over-decref", "use-after-free"}
    assert finding.operations == ("drop",)
    assert finding.rate == 1.0
    assert 1 <= finding.source.count("drop(") <= 3
    assert finding.program.operations == ("drop",)
    assert report.loaded.extensions == ("refrace._native.planted",)
    assert refrace.HuntReport.from_json(report.to_json()) == report


def test_a_use_of_a_dead_object_is_named_in_c():
    (finding,) = hunt(planted.BorrowedFirst).findings

    assert finding.kind == "use-after-free"
    assert finding.c_location
    assert "first_before" in finding.source


def test_nothing_is_found_in_correct_code():
    report = hunt(subjects.Fixed, seconds=2.0)

    assert report.judgement == "clean", str(report)
    assert report.notes == ()
    assert report.programs > 0


def test_a_crash_is_found_with_the_argument_that_causes_it(of_crashing):
    (finding,) = of_crashing.findings

    assert finding.kind == "crash"
    assert "crash(2)" in finding.source
    assert any("in crash" in stack for stack in finding.python_stacks)


def test_a_thread_that_keeps_the_gil_and_waits_is_a_deadlock():
    (finding,) = hunt(subjects.Waiting, seconds=0.5).findings

    assert finding.kind == "deadlock"


@pytest.fixture(scope="module")
def reproduced(of_buggy, of_crashing, of_lambda, tmp_path_factory):
    """The outcome of each reproducer in one fresh pytest, by the name of its file."""
    folder = tmp_path_factory.mktemp("reproducers")
    of = {"buggy": of_buggy, "crashing": of_crashing, "lambda": of_lambda}
    texts = {
        name: report.findings[0].reproducer.replace("seconds=5", "seconds=1")
        for name, report in of.items()
    }
    texts["fixed"] = texts["buggy"].replace("import Buggy", "import Fixed as Buggy")
    for name, text in texts.items():
        (folder / f"test_{name}.py").write_text(text)
    path = [str(TESTS), *filter(None, [os.environ.get("PYTHONPATH")])]
    subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"),
            *("-c", "/dev/null", "--rootdir", str(folder), "--junit-xml=outcomes.xml"),
            *map(str, sorted(folder.iterdir())),
        ],
        capture_output=True,
        check=False,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path)},
    )
    return {
        case.get("classname").removeprefix("test_"): "".join(
            f"{end.get('message')}\n{end.text}" for end in case
        )
        for case in ElementTree.parse(folder / "outcomes.xml").iter("testcase")
    }


@pytest.mark.parametrize("name", ["buggy", "crashing", "lambda"])
def test_the_reproducer_fails_in_a_fresh_pytest_and_needs_only_refrace(
    name, reproduced, request
):
    (finding, *_) = request.getfixturevalue(f"of_{name}").findings

    assert "CorruptionFound" in reproduced[name]
    assert finding.kind in reproduced[name]


def test_the_reproducer_passes_once_the_bug_is_fixed(reproduced):
    assert reproduced["fixed"] == ""


def test_the_reproducer_of_lambda_has_its_source(of_lambda):
    (finding, *_) = of_lambda.findings

    assert "refrace.hunt(\n        lambda value: Planted(True)" in finding.reproducer
    assert "from refrace._native.planted import Planted" in finding.reproducer


@pytest.mark.parametrize(
    "name",
    ["ends_its_process", "leaves", "is_killed", "eats_memory", "recurses", "forks"],
)
def test_a_hunt_survives_a_hostile_subject_and_reports_no_finding(name):
    report = hunt(getattr(subjects, name), seconds=1.0)

    assert report.findings == (), str(report)


def test_the_output_of_a_subject_goes_nowhere(capfd):
    hunt(subjects.writes, seconds=0.5)

    assert capfd.readouterr() == ("", "")


def test_a_setup_that_fails_is_the_users_mistake():
    with pytest.raises(refrace.InvalidArgument, match="no such device"):
        hunt(subjects.FailingSetup)


def test_a_hunt_in_this_process_finds_the_same_and_says_what_it_risks():
    report = hunt(subjects.Fixed, seconds=2.0, isolate=False)

    assert not report.isolated
    assert report.children == 0
    assert report.judgement == "clean"
    assert "isolate=False" in str(report)


def test_a_program_of_a_finding_runs_again(of_buggy):
    (finding,) = of_buggy.findings

    again = hunt(subjects.Buggy, program=finding.token)
    fixed = hunt(subjects.Fixed, program=finding.token, seconds=0.5)

    assert again.findings
    assert fixed.judgement == "clean"


def test_workers_of_an_executor_search_and_their_figures_add_up(monkeypatch):
    monkeypatch.setattr(campaign, "_MOST_WORKER_S", 0.5)

    def interrupt(state):
        if state.programs:
            signal.raise_signal(signal.SIGINT)

    with ThreadPoolExecutor(2) as executor, pytest.raises(refrace.Interrupted) as ended:
        hunt(subjects.Fixed, executor=executor, seconds=120.0, progress=interrupt)

    report = ended.value.report
    assert report.findings == ()
    assert report.batches >= 1
    assert report.programs > 0
    assert report.batches_lost == 0


def test_ctrl_c_keeps_what_was_found(tmp_path):
    def interrupt(state):
        if state.findings:
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(refrace.Interrupted) as caught:
        hunt(subjects.Buggy, seconds=60.0, progress=interrupt, store=tmp_path)

    assert caught.value.report.findings
    assert list(tmp_path.glob("findings/*.json"))


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"threads": 0}, "threads=0 is out of range"),
        ({"threads": (1, 17)}, "threads=17 is out of range"),
        ({"threads": ()}, r"threads=\(\) is empty"),
        ({"threads": "2"}, "threads='2' is a str"),
        ({"seconds": 0}, "seconds=0 is out of range"),
        ({"seconds": "1"}, "seconds='1' is a str"),
        ({"seed": -1}, "seed=-1 is out of range"),
        ({"repeats": 0}, "repeats=0 is out of range"),
        ({"isolate": 1}, "isolate=1 is an int"),
        ({"store": 3}, "store=3 is no folder"),
        ({"program": 3}, "program=3 is an int"),
        ({"program": "x"}, "program='x' is not a program of a hunt"),
        ({"progress": 3}, "progress=3 is an int"),
        ({"executor": 3}, "executor=3 is an int"),
        ({"isolate": False, "store": "x"}, "store='x' conflicts with isolate=False"),
    ],
)
def test_a_wrong_argument_is_refused_with_value_and_cure(more, message):
    with pytest.raises(refrace.RefraceError, match=message):
        hunt(subjects.Fixed, **more)


@pytest.mark.parametrize("subject", [3, "text", None])
def test_a_subject_that_is_none_is_refused(subject):
    with pytest.raises((refrace.InvalidArgument, refrace.InvalidArgumentType)):
        hunt(subject)

"""A finding under a chosen schedule has a token, which shows it again, always."""

import dataclasses
import json
import os
import subprocess
import sys
import sysconfig

import pytest
from hunting.schedules.building import build
from hunting.schedules.driving import program_of

import refrace
from refrace.cli import main
from refrace.hunting.processes.child_task import ChildTask
from refrace.hunting.processes.subject_source import SubjectSource
from refrace.hunting.processes.zygote_process import ZygoteProcess
from refrace.hunting.schedules.asked import ENGINE
from refrace.hunting.schedules.native_token import NativeRunKey, read_native_token
from refrace.hunting.search.sighting import sighting_of_end, sightings_of_run

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or not sysconfig.get_platform().endswith("x86_64"),
    reason="native schedules need Linux on x86-64",
)

SUBJECT = """
import races
import refrace

class Races:
    def setup(self):
        self.it = races.Races()
    @refrace.operation
    def add(self):
        return self.it.add()
    @refrace.operation
    def count(self):
        return self.it.count()
    @refrace.operation
    def insist(self):
        return self.it.insist()
    @refrace.operation
    def forwards(self):
        return self.it.forwards()
    @refrace.operation
    def backwards(self):
        return self.it.backwards()
"""
# What each thread calls, and what is called at the end.
PROGRAMS = {
    "wrong-answer": (["add"], ["add"], ["count"]),
    "crash": (["insist"], ["insist"], []),
    "deadlock": (["forwards"], ["backwards"], []),
}


@pytest.fixture(scope="module")
def subject(tmp_path_factory):
    path = tmp_path_factory.mktemp("subjects") / "racing.py"
    path.write_text(SUBJECT)
    return f"{path}:Races"


@pytest.fixture(scope="module")
def tokens(subject):
    """A token for a finding of each kind, made once."""
    made = {}

    def token(kind):
        if kind not in made:
            made[kind] = token_of(subject, kind)
        return made[kind]

    return token


def token_of(subject, kind):
    stored = program_of([], *PROGRAMS[kind]).to_dict()
    folder, found = str(build("wrong")), []

    def hear(message):
        if message["type"] == "run":
            found.extend(sightings_of_run(message))

    task = ChildTask("run", programs=(stored,), seconds=60.0, seconds_each=60.0)
    with ZygoteProcess(SubjectSource(subject), engine=ENGINE, path=[folder]) as zygote:
        end = sighting_of_end(zygote.run(task, hear))
    (seen,) = found or [end]
    assert seen.kind == kind
    return NativeRunKey(
        subject, stored, kind, seen.operations, folder, seen.native_run
    ).token


def test_a_wrong_answer_replays_a_hundred_times_with_one_trace(tokens):
    replayed = refrace.replay(tokens("wrong-answer"), times=100)

    assert (replayed.shown, replayed.runs, replayed.processes) == (100, 100, 1)
    assert (replayed.traces, replayed.same_trace) == (1, 100)
    assert {step.thread for step in replayed.steps} == {1, 2}
    assert "wrong-answer replays 100 of 100 times" in replayed.answer
    assert refrace.read_result(replayed.to_json()) == replayed
    # The picture, in words too: who comes in between, and the lines.
    assert "thread 1 self-&gt;count = n + 1;" in replayed.svg()
    assert "thread 1 self->count = n + 1;" in replayed.plot().description
    with pytest.raises(refrace.CorruptionFound):
        replayed.raise_for_findings()


@pytest.mark.parametrize("kind", ["crash", "deadlock"])
def test_what_ends_its_process_replays_in_a_process_each(tokens, kind):
    replayed = refrace.replay(tokens(kind), times=3)

    assert replayed.kind == kind
    assert (replayed.shown, replayed.runs, replayed.processes) == (3, 3, 3)
    assert replayed.traces == 0
    assert refrace.read_result(replayed.to_json()) == replayed


def test_the_trace_of_a_crash_has_the_last_steps_of_both_threads(tokens):
    steps = refrace.replay(tokens("crash"), times=1).steps

    reads = [one for one in steps if one.source == "return *field;"]
    assert {one.thread for one in reads} == {1, 2}
    # Each thread counted once; the one that was preempted then reads a 2, not its 1.
    assert (reads[-1].before, reads[-1].after) == (2, 2)
    assert steps[-1] == reads[-1]
    assert any(one.preempted for one in steps)
    written = [one for one in steps if one.source == "self->count = before + 1;"]
    assert [(one.before, one.after) for one in written] == [(0, 1), (1, 2)]


def test_the_trace_of_a_deadlock_ends_with_what_each_thread_waits_for(tokens):
    pytest.importorskip("elftools")
    steps = refrace.replay(tokens("deadlock"), times=1).steps

    ends = {(one.thread, one.point, one.place, one.call) for one in steps[-2:]}
    assert ends == {
        (1, "waits", "self->second", "pthread_mutex_lock"),
        (2, "waits", "self->first", "pthread_mutex_lock"),
    }


def test_the_schedule_of_a_crash_has_the_preemption_that_leads_there(tokens):
    run = read_native_token(tokens("crash")).run

    assert run.decisions
    assert run.digest == ""
    other = dataclasses.replace(
        read_native_token(tokens("crash")),
        run=dataclasses.replace(run, decisions=()),
    )
    replayed = refrace.replay(other.token, times=3)
    assert (replayed.shown, replayed.runs) == (0, 3)
    assert replayed.judgement == "inconclusive"


def in_fresh_processes(tokens, seeds):
    token = tokens("wrong-answer")
    shown = []
    for seed in seeds:
        ran = subprocess.run(
            [sys.executable, "-m", "refrace", "replay", token, "--json", "--times=1"],
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONHASHSEED": str(seed)},
        )
        assert ran.returncode == 1, ran.stderr
        shown.append(json.loads(ran.stdout))
    return [(one["shown"], one["same_trace"]) for one in shown]


def test_it_replays_in_fresh_processes_with_other_hash_seeds(tokens):
    assert in_fresh_processes(tokens, range(2)) == [(1, 1)] * 2


@pytest.mark.soak
def test_it_replays_in_twenty_fresh_processes_with_other_hash_seeds(tokens):
    assert in_fresh_processes(tokens, range(20)) == [(1, 1)] * 20


def test_another_build_is_a_mismatch_that_names_both(tokens):
    key = read_native_token(tokens("wrong-answer"))

    with pytest.raises(refrace.ReplayMismatch) as caught:
        refrace.replay(key.token, build=build("correct"))

    ((module, build_id),) = key.run.builds
    assert f"{module} had build id {build_id} and has build id " in str(caught.value)
    assert build_id not in str(caught.value).partition("has build id ")[2]


def test_the_command_line_replays_a_token_in_several_parts(tokens, subject, capsys):
    token = tokens("wrong-answer")
    middle = len(token) // 2

    code = main(["replay", token[:middle], token[middle:], "--subject", subject])

    assert code == 1
    assert "replays 20 of 20" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    "change",
    [
        lambda token: token[:40],
        lambda token: "rn1:",
        lambda token: "rn1:!!",
        lambda token: token[:-4] + "AAAA",
    ],
)
def test_a_damaged_token_is_refused(tokens, change):
    with pytest.raises(refrace.InvalidData, match="cannot be read"):
        refrace.replay(change(tokens("wrong-answer")))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"times": 0}, "times="),
        ({"build": "no/such/folder"}, "is not a folder"),
        ({"mode": "atomic"}, "omit it"),
        ({"subject": "no_such_module:Name"}, "no_such_module"),
    ],
)
def test_wrong_arguments_are_refused(tokens, options, words):
    with pytest.raises(refrace.RefraceError, match=words):
        refrace.replay(tokens("wrong-answer"), **options)


def test_arguments_for_native_code_do_not_fit_a_trace():
    with pytest.raises(refrace.InvalidArgument, match="times=3 is for the schedule"):
        refrace.replay("rr1:AAMAIgC2WkPngIqYtcH5yszLvH22z2QAzKg", times=3)

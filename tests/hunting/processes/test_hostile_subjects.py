"""Subjects that crash, exit, fork, talk or eat memory: the parent survives them all."""

import os
import signal
import uuid

import pytest
from hunting.fakes.hunts import ENGINE, run_child, zygote
from hunting.fakes.processes import VARIABLE, wait_until_gone

from refrace.errors import InvalidArgument
from refrace.hunting.limits import MOST_OUTPUT
from refrace.hunting.processes.child_task import ChildTask
from refrace.hunting.processes.subject_source import SubjectSource
from refrace.hunting.processes.zygote_process import ZygoteProcess


def load(target):
    return ZygoteProcess(SubjectSource(target), engine=ENGINE)


def ran(messages):
    return [message for message in messages if message["type"] == "run"]


def test_a_well_behaved_subject_runs_all_its_programs():
    end, messages = run_child("well_behaved")

    assert end.how == "done"
    assert len(ran(messages)) == 100
    assert ran(messages)[0]["program"]["source"].startswith("call(0)")


def test_a_crash_names_the_signal_the_program_and_the_python_stack():
    end, messages = run_child("crashes")

    assert end.how == "crash"
    assert end.message.startswith("SIGSEGV")
    assert end.running["program"]["number"] == 2
    assert "in crashes" in end.stacks[0]
    assert len(ran(messages)) == 2


def test_an_abort_is_a_crash():
    end, _ = run_child("aborts")

    assert end.how == "crash"
    assert end.message.startswith("SIGABRT")


def test_an_observation_ends_the_child_because_it_is_corrupt_from_then_on():
    end, messages = run_child("leaks")

    assert end.how == "done"
    assert len(ran(messages)) == 4
    assert ran(messages)[-1]["observations"][0]["kind"] == "leak"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("exits", "exit code 3"),
        ("leaves", "sys.exit('enough')"),
        ("is_killed", "SIGKILL"),
        ("closes_everything", "exit code 75"),
    ],
)
def test_a_subject_that_ends_its_process_is_noted_and_is_not_a_finding(name, text):
    end, _ = run_child(name)

    assert end.how == "note"
    assert text in end.message


def test_what_a_subject_writes_is_captured_up_to_a_limit():
    end, _ = run_child("talks")

    assert end.how == "done"
    assert len(end.output) == MOST_OUTPUT
    assert set(end.output) <= {"x", "y", "\n"}


def test_a_subject_that_recurses_without_end_runs_on():
    end, messages = run_child("recurses")

    assert end.how == "done"
    assert ran(messages)


def test_a_subject_that_eats_memory_meets_the_limit_of_its_child():
    """The fake engine lets the MemoryError through, unlike the real one."""
    end, _ = run_child("eats_memory")

    assert end.how == "failed"
    assert end.message.strip().endswith("MemoryError")


@pytest.mark.parametrize("name", ["forks", "leaves_processes", "starts_threads"])
def test_no_process_of_a_subject_stays_behind(name, monkeypatch):
    tag = uuid.uuid4().hex
    monkeypatch.setenv(VARIABLE, tag)

    end, messages = run_child(name)

    assert end.how in ("done", "failed")
    assert ran(messages)
    assert wait_until_gone(tag) == []


def test_a_fork_of_the_child_does_not_run_the_hunt_twice():
    _, messages = run_child("forks")

    numbers = [message["number"] for message in ran(messages)]
    assert numbers == list(range(len(numbers)))


def test_a_child_that_is_killed_from_outside_costs_only_itself():
    with zygote("well_behaved") as process:
        task = ChildTask("draw", count=10_000, seconds=5.0, rounds=1)
        kills = []

        def kill(message):
            if not kills:
                kills.append(children_of(process))
                os.kill(kills[0][0], signal.SIGKILL)

        end = process.run(task, kill)
        again = process.run(ChildTask("draw", seconds=0.05), lambda _: None)

    assert end.how == "note"
    assert "SIGKILL" in end.message
    assert again.how == "done"


def test_a_zygote_that_is_killed_takes_its_child_along(monkeypatch):
    tag = uuid.uuid4().hex
    monkeypatch.setenv(VARIABLE, tag)
    with zygote("well_behaved") as process:
        number = process._process.pid

        def kill(message):
            os.kill(number, signal.SIGKILL)

        end = process.run(ChildTask("draw", count=10_000, seconds=5.0, rounds=1), kill)
        assert not process.is_alive

    assert end.how == "lost"
    assert wait_until_gone(tag) == []


def test_a_child_can_be_stopped_at_once():
    end, messages = run_child("sleeps", should_stop=lambda: True)

    assert end.how == "done"
    assert ran(messages) == []


def test_a_subject_that_does_not_exist_is_the_users_mistake():
    with pytest.raises(InvalidArgument, match="no 'nothing'"):
        zygote("nothing")
    with pytest.raises(InvalidArgument, match="No module named 'no_such_module'"):
        load("no_such_module:Cache")
    with pytest.raises(InvalidArgument, match="has no name after a colon"):
        load("no_such_module")
    with pytest.raises(InvalidArgument, match="has more than one colon"):
        load("json:dumps:x")
    with pytest.raises(InvalidArgument, match=r"'gone\.py' does not exist"):
        load("gone.py:Cache")


def test_a_subject_that_crashes_while_it_loads_says_so(tmp_path):
    file = tmp_path / "crashing.py"
    file.write_text("import os\nprint('so far')\nos.abort()\n")

    with pytest.raises(InvalidArgument, match="SIGABRT while it did"):
        load(f"{file}:subject")


def children_of(process):
    number = process._process.pid
    with open(f"/proc/{number}/task/{number}/children") as file:
        return [int(word) for word in file.read().split()]

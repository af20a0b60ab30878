"""A deadlock, a hang and a slow program differ in what the threads do."""

from dataclasses import dataclass, field

import pytest
from hunting.fakes.hunts import run_child

from refrace.environment import gil_is_enabled
from refrace.hunting.limits import GIVE_UP_S, SPIN_CPU_S, WAIT_S
from refrace.hunting.processes.stall import Stall
from refrace.hunting.processes.thread_states import ThreadState

INVOKE = 'File "/x/refrace/hunting/execution/invoke.py", line 5 in invoke'
NOISE = 'File "/x/refrace/hunting/execution/noise.py", line 9 in collect'
HARNESS = 'File "/x/refrace/hunting/execution/run.py", line 7 in join'


@dataclass
class Thread:
    """A thread of a simulated process; `cpu` and `polls` are per second."""

    number: int
    wait: str
    stack: str = INVOKE
    cpu: float = 0.0
    polls: float = 0.0
    moves: bool = False


@dataclass
class Process:
    threads: list
    now: float = 0.0
    looks: int = field(default=0)

    def states(self):
        return [
            ThreadState(t.number, t.wait, t.cpu * self.now, int(t.polls * self.now))
            for t in self.threads
        ]

    def stacks(self):
        self.looks += 1
        return {
            t.number: t.stack + (f"\nline {self.looks}" if t.moves else "")
            for t in self.threads
            if t.stack
        }

    def verdict(self, seconds=150.0):
        stall = Stall(self.states, self.stacks, 0.0)
        while self.now < seconds:
            self.now += 0.05
            found = stall.look(self.now)
            if found is not None:
                return found
        return None


def test_two_threads_that_wait_for_locks_are_deadlocked():
    process = Process(
        [Thread(1, "lock", HARNESS), Thread(2, "lock"), Thread(3, "lock")]
    )

    verdict = process.verdict()

    assert verdict.kind == "deadlock"
    assert verdict.message == "2 threads wait for locks; none can go on"
    assert len(verdict.stacks) == 2
    assert WAIT_S <= process.now < WAIT_S + 1


def test_a_thread_that_waits_for_the_gil_is_part_of_a_deadlock():
    process = Process(
        [Thread(2, "lock"), Thread(3, "timed-lock", polls=200, cpu=0.004)]
    )

    verdict = process.verdict()

    assert verdict.kind == "deadlock"
    assert verdict.message == (
        "1 thread waits for a lock and 1 for the GIL; none can go on"
    )


def test_one_thread_that_waits_for_its_own_lock_is_deadlocked():
    verdict = Process([Thread(1, "lock")]).verdict()

    assert verdict.kind == "deadlock"
    assert "no other thread can release" in verdict.message


def test_a_thread_of_the_subject_that_sleeps_may_still_release_the_lock():
    process = Process(
        [Thread(1, "lock"), Thread(2, "outside", "thread of the subject")]
    )

    assert process.verdict().kind == "slow"


def test_a_wait_with_a_limit_ends_by_itself():
    process = Process([Thread(1, "lock"), Thread(2, "timed-lock", polls=0)])

    assert process.verdict().kind == "slow"


def test_noise_does_not_hide_a_deadlock():
    process = Process(
        [
            Thread(1, "lock"),
            Thread(2, "lock"),
            Thread(3, "none", NOISE, 1.0, moves=True),
        ]
    )

    assert process.verdict().kind == "deadlock"


def test_processor_time_without_a_line_of_python_is_a_hang():
    process = Process([Thread(1, "none", cpu=0.5)])

    verdict = process.verdict()

    assert verdict.kind == "hang"
    assert process.now >= 2 * SPIN_CPU_S
    # Code of hooks may have run between two looks.
    assert "looks at it saw no other line of Python" in verdict.message


def test_on_a_busy_machine_a_hang_takes_longer_and_is_not_called_slow():
    process = Process([Thread(1, "none", cpu=0.1)])

    verdict = process.verdict()

    assert verdict.kind == "hang"
    assert process.now >= 10 * SPIN_CPU_S


def test_python_code_that_goes_on_is_slow_however_long_it_takes():
    process = Process([Thread(1, "none", cpu=1.0, moves=True)])

    verdict = process.verdict()

    assert verdict.kind == "slow"
    assert "Python code went on running" in verdict.message
    assert process.now >= GIVE_UP_S


def test_a_thread_that_waits_for_something_outside_is_not_a_finding():
    verdict = Process([Thread(1, "outside")]).verdict()

    assert verdict.kind == "slow"
    assert "outside of the process" in verdict.message


def test_an_unreadable_process_is_never_a_finding():
    assert Process([]).verdict().kind == "slow"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("waits_for_itself", "the only thread waits for a lock"),
        pytest.param(
            *("keeps_gil", "GIL"),
            marks=pytest.mark.skipif(
                not gil_is_enabled(), reason="no thread waits for a GIL here"
            ),
        ),
        ("deadlocks", "2 threads wait for locks"),
    ],
)
def test_a_real_deadlock_is_seen_with_the_stack_of_each_thread(name, text):
    end, _ = run_child(name, threads=1 if name == "waits_for_itself" else 2)

    assert end.how == "deadlock"
    assert text in end.message
    assert any(f"in {name}" in stack for stack in end.stacks)


def test_a_program_that_sleeps_for_seconds_is_only_slow():
    end, messages = run_child("sleeps", seconds=1.0)  # of which one program takes 1.8

    assert end.how == "done"
    assert messages[-1]["type"] == "run"


@pytest.mark.attack
@pytest.mark.soak
def test_a_real_call_that_does_not_end_is_a_hang():
    end, _ = run_child("spins")

    assert end.how == "hang"
    assert "in spins" in end.stacks[0]

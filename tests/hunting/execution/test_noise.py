"""Pauses in the Python code that runs in the threads of a program."""

import sys
import threading
from dataclasses import replace

from refrace.hunting.execution import noise, run_program
from refrace.hunting.execution.atomicity import PythonCalls
from refrace.subjects import Noise, Subject, operation

sys.path.insert(0, __file__.rpartition("/")[0])
from subjects_to_run import PLAIN, program, subject_on

LONG = 600.0  # seconds, which no machine needs


class Counter:
    """The stand-in for an extension that calls back: it reads before, writes after."""

    def setup(self):
        self.count = 0

    @operation
    def add(self):
        seen = self.count
        len(())  # a call of a C function, where the interpreter may switch
        self.count = seen + 1

    def check(self):
        assert self.count == 2, f"{self.count} after two additions"


def test_a_pause_in_the_middle_of_python_code_loses_an_update(monkeypatch):
    monkeypatch.setattr(noise, "AT_CALLS", 1.0)
    monkeypatch.setattr(noise, "PAUSE_S", 2e-3)
    which = program([("add",)], [("add",)], noise=Noise(preempt=True))
    ran = run_program(Subject.of(Counter), which, rounds=30, seconds=LONG)

    assert [one.kind for one in ran.observations] == ["wrong-answer"]
    assert "1 after two additions" in ran.observations[0].message


def pauses(monkeypatch, seed, share):
    slept = []
    monkeypatch.setattr(noise, "AT_CALLS", share)
    monkeypatch.setattr(noise.time, "sleep", slept.append)
    noise.preempted(lambda: [len(()) for _ in range(400)], seed)()
    return len(slept)


def test_the_seed_decides_which_calls_have_pauses(monkeypatch):
    some = [pauses(monkeypatch, seed, 0.25) for seed in (1, 1, 2)]
    least = pauses(monkeypatch, 1, 0.0)
    most = pauses(monkeypatch, 1, 1.0)

    assert some[0] == some[1] != some[2]
    assert most - least in range(800, 804)  # before and after each; one of setprofile
    assert all(100 < one - least < 300 for one in some)


def test_code_of_refrace_has_no_pauses(monkeypatch):
    slept = []
    monkeypatch.setattr(noise, "AT_CALLS", 1.0)
    monkeypatch.setattr(noise.time, "sleep", slept.append)
    noise.preempted(noise.noise_task(Noise(allocate=True)), 1)()

    assert [one for one in slept if one == noise.PAUSE_S] == []


def test_a_profiler_of_the_user_is_set_again():
    def profiler(frame, event, argument):
        pass

    seen = []

    def work():
        sys.setprofile(profiler)
        noise.preempted(lambda: None, 1)()
        seen.append(sys.getprofile())
        PythonCalls(set()).watch(lambda: None)
        seen.append(sys.getprofile())
        sys.setprofile(None)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()

    assert seen == [profiler, profiler]


def test_correct_code_stays_correct_with_everything_late():
    noisy = Noise(
        collect=True, allocate=True, late_calls=True, late_counts=True, late_steps=True
    )
    which = program(
        [("store", 0)],
        [("discard",)],
        canaries=[replace(PLAIN, owner="merged")],
        noise=noisy,
        times=20,
    )

    ran = run_program(Subject.of(subject_on(False)), which, rounds=20, seconds=600.0)

    assert ran.observations == ()
    assert ran.rounds >= 20

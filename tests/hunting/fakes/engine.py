"""A small engine for tests of the processes: a program is a list of calls per thread.

The subject is a function of the number of the program and the number of the thread.
What it returns, a kind or None, is what the engine observes.
"""

import threading
import time
from dataclasses import dataclass, field

from hunting.fakes.hunting.execution.invoke import invoke


@dataclass(frozen=True)
class FakeProgram:
    number: int
    threads: tuple
    noise: int = 0

    operations = ("call",)
    times = 1

    def source(self):
        return f"call({self.number}) in {len(self.threads)} threads, {self.noise}\n"

    def to_dict(self):
        return {
            "number": self.number,
            "threads": list(self.threads),
            "noise": self.noise,
        }


@dataclass(frozen=True)
class FakeObservation:
    kind: str
    message: str
    operations: tuple = ("call",)
    round: int = 1
    addresses: tuple = ()
    python_stacks: tuple = ()
    native_trace: tuple = ()
    native_run: object = None


@dataclass
class FakeRun:
    rounds: int = 0
    rounds_with: dict = field(default_factory=dict)
    observations: tuple = ()
    overlap: float = 0.5
    seconds: float = 0.0
    seconds_single: float = 0.0
    not_compared: tuple = ()
    returned: frozenset = frozenset()
    raised: dict = field(default_factory=dict)
    explored: object = None
    traces: tuple = ()
    taken: frozenset = frozenset()


def subject_of(loaded):
    return loaded


def warm_up(subject):
    pass


def program_from(stored):
    return FakeProgram(stored["number"], tuple(stored["threads"]), stored["noise"])


def draw_programs(subject, seed, count, threads):
    for number in range(count):
        size = threads[number % len(threads)]
        yield FakeProgram(number, tuple(range(size)), noise=3)


def smaller(program):
    if program.noise:
        yield FakeProgram(program.number, program.threads, program.noise - 1)
    if len(program.threads) > 1:
        yield FakeProgram(program.number, program.threads[:-1], program.noise)


def run_program(subject, program, *, rounds, seconds, traps=False, progress=None):
    run = FakeRun()
    began = time.perf_counter()
    found = []

    def work(thread):
        kind = invoke(subject, program.number, thread)
        if kind is not None:
            found.append(kind)

    for _ in range(rounds):
        if len(program.threads) == 1:
            work(0)
        else:
            workers = [
                threading.Thread(target=work, args=(t,)) for t in program.threads
            ]
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join()
        run.rounds += 1
        if progress is not None:
            progress(run.rounds)
        if found or time.perf_counter() - began > seconds:
            break
    for kind in found:
        run.rounds_with[kind] = run.rounds_with.get(kind, 0) + 1
    kinds = dict.fromkeys(found)
    run.observations = tuple(FakeObservation(kind, f"a {kind}") for kind in kinds)
    run.seconds = time.perf_counter() - began
    if len(program.threads) == 1:
        run.seconds_single, run.overlap = run.seconds, 0.0
    return run

"""Limits of time at random values, in every verb that has one; prints figures."""

import random
import threading
import time

import pytest

import refrace

pytestmark = [pytest.mark.soak, pytest.mark.attack]

ROUNDS = 12

# CPU seconds of the calling thread from the limit to the end of the call.  What is
# promised is 0.2; the rest is for the switch to the thread that reads the clock.
LATEST_CPU_S = 0.25


def pairs(threads, n):
    text = "".join(f"hold T{t}.x = A\n" for t in range(1, threads + 1))
    body = " ; ".join(["incref x", "decref x"] * n)
    return text + "".join(f"T{t}: {body}\n" for t in range(1, threads + 1))


SPIN = "int N = 0\n" + "".join(
    f"T{t}: n = N\n  while n == 0 {{\n    n = N\n  }}\n  N = {t}\n"
    for t in (1, 2, 3, 4)
)

CALLS = {
    "explore": lambda s: refrace.explore(pairs(3, 6), "unlocked", max_seconds=s),
    "explore counts": lambda s: refrace.explore(pairs(2, 60), "atomic", max_seconds=s),
    "explore long runs": lambda s: refrace.explore(
        pairs(8, 60), "unlocked", max_seconds=s
    ),
    "explore cycles": lambda s: refrace.explore(SPIN, max_seconds=s),
    "sample": lambda s: refrace.sample(
        pairs(8, 60), "unlocked", runs=10**9, max_seconds=s
    ),
    "sample, minimising": lambda s: refrace.sample(
        pairs(8, 60), "unlocked", runs=50, max_seconds=s
    ),
    "sample of very long runs": lambda s: refrace.sample(
        pairs(8, 200), "unlocked", runs=10**9, max_steps=10**6, max_seconds=s
    ),
    "prove": lambda s: refrace.prove("atomic", max_seconds=s),
    "prove a broken mode": lambda s: refrace.prove("biased_undrained", max_seconds=s),
}


class Watch(threading.Thread):
    """Reads the CPU clock of the main thread when the limit is reached."""

    def __init__(self, seconds):
        super().__init__(daemon=True)
        self.seconds = seconds
        self.clock = time.pthread_getcpuclockid(threading.main_thread().ident)
        self.cpu = None

    def run(self):
        time.sleep(self.seconds)
        self.cpu = time.clock_gettime(self.clock)


@pytest.mark.parametrize("name", CALLS)
def test_a_limit_of_time_is_kept_and_all_of_it_is_reported(name):
    randomness = random.Random(name)
    latest = missing = 0.0
    for _ in range(ROUNDS):
        seconds = randomness.choice([0, 0.01, 0.1, randomness.uniform(0, 3)])
        watch, began = Watch(seconds), time.monotonic()
        watch.start()
        report = CALLS[name](seconds)
        now, took = time.clock_gettime(watch.clock), time.monotonic() - began
        if watch.cpu is not None:
            latest = max(latest, now - watch.cpu)
        missing = max(missing, took - report.elapsed_s)
        watch.join()
    print(f"\n  {name:25} latest {latest:.3f} s of CPU time, missing {missing:.3f} s")
    assert latest < LATEST_CPU_S

"""Signals at random moments, in every verb and every command; minutes, not seconds.

``python -m pytest -m soak -s tests/soak`` runs them and prints figures.
"""

import collections
import itertools
import os
import random
import signal
import subprocess
import sys
import threading
import time

import pytest

import refrace
from refrace.cli import command_line
from refrace.cli.exit_codes import ExitCode

pytestmark = pytest.mark.soak

INTERRUPTS = 300
SIGNALS = 200
FORKS = 50
SECOND_WITHIN_S = 0.05

# CPU seconds of the calling thread from the interrupt to the end of the call.  What is
# promised is 0.2; the rest is for the switch to the thread that sends the signal.
LATEST_CPU_S = 0.25

TWO_DROPS = "hold T1.x = A\nhold T2.x = A\nT1: decref x\nT2: decref x"


def pairs(threads, n):
    text = "".join(f"hold T{t}.x = A\n" for t in range(1, threads + 1))
    body = " ; ".join(["incref x", "decref x"] * n)
    return text + "".join(f"T{t}: {body}\n" for t in range(1, threads + 1))


def again_and_again(call):
    while True:
        call()


GIL = {"gil": "held"} if refrace.Environment.current().gil_enabled else {}

CALLS = {
    "race": lambda: refrace.race("unlocked", objects=10**9),
    "race of many": lambda: refrace.race("biased", threads=8, objects=10**9),
    "race, held": lambda: refrace.race("unlocked", objects=10**9, **GIL),
    "program": lambda: refrace.race("unlocked", program=TWO_DROPS, rounds=10**9),
    "program, held": lambda: refrace.race(
        "unlocked", program=TWO_DROPS, rounds=10**9, **GIL
    ),
    "append": lambda: refrace.lost_append(4, 1_000_000),
    "deadlock": lambda: again_and_again(refrace.deadlock),
    "compare": lambda: refrace.compare(rounds=100_000),
    "parallelism": lambda: refrace.parallelism(rounds=1000),
    "explore": lambda: refrace.explore(pairs(3, 6), "unlocked"),
    "explore long runs": lambda: refrace.explore(pairs(8, 60), "unlocked"),
    "sample": lambda: refrace.sample(pairs(8, 60), "unlocked", runs=10**9),
    "sample, minimising": lambda: refrace.sample(
        pairs(8, 60), "unlocked", runs=50, seed=1
    ),
    "pct": lambda: refrace.sample(pairs(8, 60), "unlocked", strategy="pct", runs=10**9),
    "prove": lambda: refrace.prove("atomic"),
    "check": lambda: refrace.Program.parse(pairs(8, 60)).check("unlocked"),
    "check_gallery": refrace.check_gallery,
    "explain_pattern": lambda: again_and_again(
        lambda: refrace.explain_pattern("lock-free-pop-aba")
    ),
}


class Sender(threading.Thread):
    """Interrupts the main thread after some time, and once more soon after that."""

    def __init__(self, randomness):
        super().__init__(daemon=True)
        self.first = randomness.uniform(0, 0.6)
        self.second = randomness.uniform(0, SECOND_WITHIN_S)
        self.cpu_clock = time.pthread_getcpuclockid(threading.main_thread().ident)
        self.cpu = 0.0

    def run(self):
        time.sleep(self.first)
        self.cpu = time.clock_gettime(self.cpu_clock)
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(self.second)
        os.kill(os.getpid(), signal.SIGINT)


def end_of(sender):
    """Wait for the sender, whose second signal may come now."""
    while sender.is_alive():
        try:
            time.sleep(0.01)
        except KeyboardInterrupt:
            continue


def attack(call, randomness):
    """Interrupt a call twice; return what came of it and how late that was."""
    sender, late = Sender(randomness), 0.0
    try:
        try:
            sender.start()
            call()
            what = "returned before"
        except refrace.Interrupted as error:
            late = time.clock_gettime(sender.cpu_clock) - sender.cpu
            what = "no report" if error.report is None else "report"
        except KeyboardInterrupt:
            late = time.clock_gettime(sender.cpu_clock) - sender.cpu
            what = "KeyboardInterrupt"
    except KeyboardInterrupt:  # the second, right behind the first
        what = "KeyboardInterrupt"
    end_of(sender)
    return what, late


# An interrupt can strike a weak reference's callback in the standard library, which
# reports it and goes on.
@pytest.mark.attack
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_two_interrupts_at_random_moments_of_every_verb():
    randomness = random.Random(12)
    figures = collections.defaultdict(collections.Counter)
    latest = collections.defaultdict(float)
    for name, _ in zip(itertools.cycle(CALLS), range(INTERRUPTS), strict=False):
        what, late = attack(CALLS[name], randomness)
        figures[name][what] += 1
        latest[name] = max(latest[name], late)
        own = [t for t in threading.enumerate() if t.name.startswith("refrace-")]
        assert own == [], name
    print()
    for name, came in figures.items():
        print(f"  {name:20} {dict(came)}, latest {latest[name]:.3f} s of CPU time")
    assert max(latest.values()) < LATEST_CPU_S


# ------------------------------------------------------------------- every command

RUN = "import sys\nfrom refrace.__main__ import main\nsys.exit(main())"

ARGUMENTS = {
    "append": ["--appends", "100000"],
    "compare": [],
    "deadlock": [],
    "demo": [],
    "explain-refcount": [],
    "explore": ["FILE"],
    "gallery": ["--check", "--mode", "atomic"],
    "growth": ["--pairs", "12"],
    "hunt": ["refrace.hunting.planted:Correct", "--seconds", "60", "--no-store"],
    "learn": [],
    "modes": [],
    "new-mode": ["mine", "--output", "OUTPUT", "--force"],
    "parallelism": [],
    "prove": ["atomic"],
    "race": ["unlocked", "--objects", "100000000"],
    "refleaks": ["json:dumps", "--seconds", "30"],
    "replay": ["FILE"],
    "report": ["FILE"],
    "sample": ["FILE", "--mode", "unlocked", "--runs", "100000000"],
    "step": ["FILE", "--max-states", "100000"],
    "timeline": ["atomic", "--objects", "1000"],
    "weaken": ["biased"],
}
# What they start takes their place.
COMPILERS = ("c++", "cc")


@pytest.fixture
def command(tmp_path):
    """Return the whole command line of a command."""
    program, trace = tmp_path / "program.race", tmp_path / "trace.json"
    program.write_text(pairs(3, 6))
    trace.write_text(refrace.explore(TWO_DROPS, "unlocked").counterexample().to_json())

    def command(name):
        file = str(trace if name in ("replay", "report") else program)
        places = {"FILE": file, "OUTPUT": str(tmp_path / "mine.c")}
        given = [places.get(a, a) for a in ARGUMENTS[name]]
        return [sys.executable, "-c", RUN, name, *given]

    return command


def heed_ctrl_c():
    signal.signal(signal.SIGINT, signal.default_int_handler)


def test_every_command_is_attacked():
    assert sorted([*ARGUMENTS, *COMPILERS]) == command_line.list_commands(None)


@pytest.mark.attack
def test_signals_at_random_moments_of_every_command(command):
    randomness = random.Random(12)
    codes = collections.Counter()
    before_us = 0
    for name, _ in zip(itertools.cycle(ARGUMENTS), range(SIGNALS), strict=False):
        process = subprocess.Popen(
            command(name),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=heed_ctrl_c,
        )
        with process:
            for within in (2.0, SECOND_WITHIN_S)[: randomness.randint(1, 2)]:
                time.sleep(randomness.uniform(0, within))
                process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=300)
        was_killed = process.returncode == -signal.SIGINT and not out + err
        if was_killed or ("Traceback" in err and "__main__.py" not in err):
            before_us += 1  # while Python itself started, or imported the package
            continue
        codes[process.returncode] += 1
        assert "Traceback" not in err, (name, err)
        assert process.returncode in (
            ExitCode.CLEAN,
            ExitCode.FINDINGS,
            ExitCode.INCONCLUSIVE,
        ), (name, process.returncode, err)
    print(f"\n  exit codes {dict(codes)}, before the first line of ours {before_us}")


QUICK = {
    **ARGUMENTS,
    "compare": ["--modes", "atomic", "--rounds", "1"],
    "explore": ["FILE", "--max-seconds", "1"],
    "gallery": ["reentrant-clear"],
    "growth": ["--pairs", "1", "--rounds", "3"],
    "hunt": ["refrace.hunting.planted:Correct", "--seconds", "0.5", "--no-store"],
    "parallelism": ["sleep", "--rounds", "1"],
    "race": ["atomic", "--objects", "10"],
    "refleaks": ["json:dumps", "--seconds", "1"],
    "sample": ["FILE", "--runs", "10"],
    "timeline": ["atomic", "--objects", "1", "--hold", "10"],
    "weaken": ["atomic", "--max-seconds", "0"],
}


@pytest.mark.parametrize("name", ARGUMENTS)
def test_closed_streams_of_every_command(name, command, monkeypatch):
    monkeypatch.setitem(ARGUMENTS, name, QUICK[name])
    whole = subprocess.run(command(name), stdin=subprocess.DEVNULL, capture_output=True)
    for closed in (
        "<&-",
        ">&-",
        "2>&-",
        "<&- >&-",
        ">&- 2>&-",
        "<&- 2>&-",
        "<&- >&- 2>&-",
    ):
        done = subprocess.run(
            ["sh", "-c", f'exec "$0" "$@" {closed}', *command(name)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        assert "Traceback" not in done.stderr, (closed, done.stderr)
        if ">&-" in closed.split():
            assert done.returncode == ExitCode.OUTPUT, closed
        elif whole.returncode != ExitCode.INCONCLUSIVE:  # which is a matter of luck
            assert done.returncode in (whole.returncode, ExitCode.INCONCLUSIVE), closed


# ----------------------------------------------------------------------------- forks


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing forks here")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
@pytest.mark.parametrize("name", ["race", "race, held", "program", "append"])
def test_forks_while_a_verb_runs_in_another_thread(name):
    """A child has no thread of the race, and runs one of its own."""
    stopped = threading.Event()
    # Before any fork: a child waits for ever for a module that a thread was importing.
    refrace.race("unlocked", program=TWO_DROPS, rounds=1)
    refrace.lost_append(appends=1)

    def run():
        while not stopped.is_set():
            refrace.race("unlocked", objects=1000)
            if name == "race, held":
                refrace.race("unlocked", objects=100, **GIL)
            elif name == "program":
                refrace.race("unlocked", program=TWO_DROPS, rounds=100)
            elif name == "append":
                refrace.lost_append(appends=100)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        for _ in range(FORKS):
            time.sleep(0.002)
            child = os.fork()
            if child == 0:
                signal.signal(signal.SIGALRM, signal.SIG_DFL)
                signal.alarm(60)
                code = 1
                try:
                    report = refrace.race("atomic", objects=50)
                    code = 0 if report.intact == 50 else 2
                finally:
                    os._exit(code)
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    finally:
        stopped.set()
        thread.join()

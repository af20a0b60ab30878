"""Schedules inside of native code: what is found, in how few, and that it replays."""

import shutil
import subprocess
import sys
import sysconfig
from errno import EBUSY, EDEADLK, EINVAL, EOWNERDEAD, EPERM

import pytest
from hunting.schedules.driving import SCENARIOS, drive

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or not sysconfig.get_platform().endswith("x86_64"),
    reason="native schedules need Linux on x86-64",
)

HAS_GIL = not sysconfig.get_config_var("Py_GIL_DISABLED")
# For programs with 4 orders; the reason is not known.
SEEN_ON_3_14_WITHOUT_A_GIL = 9 if sys.version_info >= (3, 14) and not HAS_GIL else 0
# The kind of the finding, its preemptions, and the most schedules of a bounded search.
EXPECTED = {
    "lost update": ("wrong-answer", 1, 10),
    "at once": ("wrong-answer", 1, 10),
    "lazy": ("wrong-answer", 1, 10),
    "half a change": ("wrong-answer", 1, 10),
    "two preemptions": ("wrong-answer", 2, 300),
    "atomic reader": ("wrong-answer", 1, 10),
    "copied by a call": ("wrong-answer", 1, 10),
    "rest of a call": ("wrong-answer", 2 if HAS_GIL else 1, 300),
    "many bytes": ("wrong-answer", 1, 10),
    "compared by libc": ("wrong-answer", 1, 10),
    "tried lock": ("wrong-answer", 1, 12),
    "tried read lock": ("wrong-answer", 1, 12),
    "spin lock": ("wrong-answer", 1, 10),
    "semaphore": ("wrong-answer", 1, 10),
    "read lock": ("wrong-answer", 1, 10),
    "condition in time": ("wrong-answer", 1, 10),
    "condition of a call": ("wrong-answer", 1, 10),
    "call_once": ("wrong-answer", 1, 10),
    "futex": ("wrong-answer", 1, 10),
    "joined": ("wrong-answer", 1, 10),
    "joined in C++": ("wrong-answer", 1, 10),
    "atomic wait": ("wrong-answer", 1, 10),
    "static": ("wrong-answer", 1, 10),
    "borrowed": ("use-after-free", 1, 10),
    "Cython": ("wrong-answer", 1, 10),
    "memoryview": ("wrong-answer", 1, 10),
    "with gil": ("wrong-answer", 1, 10),
    "exception": ("wrong-answer", 1, 40),
    "shared_ptr": ("use-after-free", 1, 40),
}
if HAS_GIL:
    EXPECTED["dict in use"] = ("use-after-free", 1, 10)
FOR_MUTEX = "thread 2 waits for a pthread mutex"
FOR_SIGNAL = (
    "thread 1 waits for a condition variable that nobody can signal, thread 2 has ended"
)
DEADLOCKS = {
    "lock order": f"thread 1 waits for a pthread mutex, {FOR_MUTEX}",
    "spin order": f"thread 1 waits for a spin lock, {FOR_MUTEX}",
    "semaphore order": f"thread 1 waits for a semaphore, {FOR_MUTEX}",
    "reader order": (
        f"thread 1 waits to read under a lock for readers and writers, {FOR_MUTEX}"
    ),
    "writer order": (
        f"thread 1 waits to write under a lock for readers and writers, {FOR_MUTEX}"
    ),
    "once": (
        f"thread 1 waits until another call of pthread_once has ended, {FOR_MUTEX}"
    ),
    "barrier": f"thread 1 waits at a barrier for other threads, {FOR_MUTEX}",
    "condition": FOR_SIGNAL,
    "condition of C11": FOR_SIGNAL,
    "condition of C++": FOR_SIGNAL,
}
if HAS_GIL:
    DEADLOCKS["lock against GIL"] = (
        "thread 1 holds the GIL and waits for a pthread mutex, "
        "thread 2 waits for the GIL"
    )


@pytest.mark.parametrize("scenario", EXPECTED)
def test_a_race_is_found_in_few_schedules_with_the_fewest_preemptions(scenario):
    kind, preemptions, most = EXPECTED[scenario]
    found = drive(scenario, "wrong", compares=True)

    assert [one[:2] for one in found["seen"]] == [[kind, preemptions]]
    assert found["schedules"] <= most
    assert found["reduced"]["seen"] == [[kind, preemptions]]
    assert found["reduced"]["schedules"] <= most


# What no model follows: waits that give up the sections that a thread is in, and these.
UNFORESEEABLE = ["both sections", "sections", "sections left"]
UNFORESEEABLE += ["futex", "joined", "joined in C++", "atomic wait", "static"]
# Without a GIL, a pointer must be read and counted in one step.
LEFT_OUT = [] if HAS_GIL else ["borrowed"]
CORRECT = [name for name in SCENARIOS if name not in LEFT_OUT]


@pytest.mark.parametrize("scenario", CORRECT)
def test_every_schedule_of_correct_code_with_two_preemptions_is_clean(scenario):
    found = drive(scenario, "correct", compares=True)

    assert found["seen"] == []
    assert found["complete"]
    assert found["schedules"] > 15
    # The same orders of what conflicts, in fewer schedules.
    assert found["reduced"]["complete"]
    assert found["reduced"]["orders"] == found["orders"]
    assert found["reduced"]["foresees"] == (scenario not in UNFORESEEABLE)
    if found["reduced"]["foresees"]:  # one of each order, if no memory moves
        most = 2 * len(found["orders"])
        assert found["reduced"]["schedules"] <= max(most, SEEN_ON_3_14_WITHOUT_A_GIL)
    else:
        assert found["reduced"]["schedules"] < max(found["schedules"] * 0.7, 12)


@pytest.mark.parametrize("scenario", DEADLOCKS)
def test_a_deadlock_ends_the_process_and_says_who_waits_for_what(scenario):
    found = drive(scenario, "wrong")

    assert (found["type"], found["how"]) == ("stuck", "deadlock")
    assert found["message"] == DEADLOCKS[scenario]


def test_threads_that_meet_at_a_barrier_are_scheduled_to_the_end():
    found = drive("barrier", "correct")

    assert found["seen"] == []
    assert found["complete"]
    assert len(found["orders"]) > 2
    assert found["not_compared"] == [
        "answers: in each sequential order, a call waits for a later one"
    ]


@pytest.mark.parametrize("scenario", EXPECTED)
def test_a_finding_replays_a_hundred_times_with_the_same_trace(scenario):
    found = drive(scenario, "wrong", replays=100)

    assert found["kinds"] == [EXPECTED[scenario][0]] * 100
    assert len(found["hashes"]) == 1


@pytest.mark.parametrize(
    ("scenario", "results"),
    [
        ("mutex again", (EDEADLK, EDEADLK, EBUSY, EPERM)),
        ("mutex of a dead thread", (EOWNERDEAD, 0, 0)),
        ("no time", (EINVAL, EINVAL, EINVAL, EINVAL, EINVAL, 0)),
    ],
)
def test_other_kinds_of_mutexes_give_the_errors_of_libc(scenario, results):
    found = drive(scenario, "correct", tells_answers=True)

    answers = [[[str(results)], [str(results)], []]]
    assert found["answers"] == [answers] * len(found["answers"])
    assert found["answers"]


def test_answers_are_not_compared_if_a_call_waits_in_code_without_hooks():
    found = drive("pipe", "correct", most=3)

    assert found["seen"] == []
    assert found["schedules"] == 3
    assert found["not_compared"] == [
        "answers: a call blocks in code that is not scheduled"
    ]


def test_callbacks_call_the_same_each_time_that_a_schedule_is_followed():
    found = drive("reentering", "correct", replays=4)

    assert len(found["hashes"]) == 1
    assert found["complete"], found["why"]


def test_a_finding_replays_in_other_processes_with_other_hash_seeds():
    found = [
        drive("lost update", "wrong", replays=2, environ={"PYTHONHASHSEED": str(seed)})
        for seed in (0, 1, 2)
    ]

    assert len({str(one["hashes"]) for one in found}) == 1
    assert len({str(one["seen"]) for one in found}) == 1


def test_a_trace_shows_source_lines_and_the_gap_between_load_and_store():
    lines = drive("lost update", "wrong", replays=1)["lines"]
    texts = [(thread, text) for thread, text, line in lines if line]

    first = texts.index((2, "long n = self->count;"))
    gap = texts[first + 1 : texts.index((2, "self->count = n + 1;"))]
    assert (1, "self->count = n + 1;") in gap


def test_a_trace_of_cython_shows_the_lines_of_the_pyx():
    lines = drive("Cython", "wrong", replays=1)["lines"]

    assert {(text, line) for _, text, line in lines} >= {("self.n = self.n + 1", 34)}
    assert not any("__pyx" in text for _, text, _ in lines)


@pytest.mark.parametrize(
    ("scenario", "name"), [("lost update", "self->count"), ("Cython", "self.n")]
)
def test_a_trace_names_the_fields_that_both_threads_access(scenario, name):
    pytest.importorskip("elftools")
    places = drive(scenario, "wrong", replays=1)["places"]

    assert {thread for thread, place in places if place == name} == {1, 2}


@pytest.mark.parametrize("strategy", ["random", "pct"])
def test_random_schedules_find_it_too_and_are_never_complete(strategy):
    found = drive("lost update", "wrong", strategy=strategy, most=20_000)
    clean = drive("lost update", "correct", strategy=strategy, most=200)

    assert [one[0] for one in found["seen"]] == ["wrong-answer"]
    assert clean["seen"] == []
    assert not clean["complete"]
    assert clean["why"] == "200 schedules had run"


def test_a_bound_of_one_preemption_does_not_find_what_needs_two():
    found = drive("two preemptions", "wrong", preemptions=1)

    assert found["seen"] == []
    assert found["complete"]


def test_unordered_accesses_are_hints_and_not_findings():
    found = drive("two preemptions", "wrong", preemptions=1)
    clean = drive("two preemptions", "correct", preemptions=1)

    assert found["hints"] > 0
    assert clean["hints"] == 0


needs_clang = pytest.mark.skipif(
    shutil.which("clang") is None, reason="clang is not installed"
)
# As if each wait for a turn had been over before it began: then the kernel says EAGAIN.
IN_A_HURRY = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <sys/syscall.h>

long syscall(long n, long a, long b, long c, long d, long e, long f)
{
    long (*made)(long, ...) = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
    long result = made(n, a, b, c, d, e, f);
    errno = n == SYS_futex ? EAGAIN : errno;
    return result;
}
"""


def test_the_error_number_of_a_thread_is_the_same_after_others_have_run(tmp_path):
    source, library = tmp_path / "hurry.c", tmp_path / "hurry.so"
    source.write_text(IN_A_HURRY)
    command = ["gcc", "-shared", "-fPIC", "-fno-builtin", source, "-o", library, "-ldl"]
    subprocess.run(command, check=True)
    found = drive("error number", "correct", environ={"LD_PRELOAD": str(library)})

    assert found["seen"] == []
    assert found["complete"]


IN_RACES = ["lost update", "at once", "two preemptions", "copied by a call"]
IN_RACES += ["rest of a call", "copy", "many bytes"]


@pytest.mark.parametrize("compiler", ["gcc", pytest.param("clang", marks=needs_clang)])
@pytest.mark.parametrize("scenario", IN_RACES)
def test_what_happened_in_the_same_order_gives_the_same_answers(scenario, compiler):
    found = drive(scenario, "wrong", compiler=compiler, flags="", tells_answers=True)

    assert len(found["answers"]) > (3 if HAS_GIL else 1)
    assert [one for one in found["answers"] if len(one) > 1] == []


# Compilers give hooks to other reads, and linkers other slots to imported functions.
@pytest.mark.parametrize(
    ("compiler", "flags"),
    [
        ("gcc", "-fno-plt"),
        pytest.param("clang", "", marks=needs_clang),
        pytest.param("clang", "-fno-plt", marks=needs_clang),
    ],
)
@pytest.mark.parametrize("scenario", ["at once", "copied by a call", "rest of a call"])
def test_builds_of_other_kinds_give_the_same_findings(scenario, compiler, flags):
    kind, preemptions, _ = EXPECTED[scenario]
    found = drive(scenario, "wrong", compiler=compiler, flags=flags, compares=True)

    assert [one[:2] for one in found["seen"]] == [[kind, preemptions]]
    assert found["reduced"]["seen"] == [[kind, preemptions]]


@pytest.mark.soak  # builds all extensions once more
@needs_clang
@pytest.mark.parametrize("scenario", EXPECTED)
def test_clang_gives_the_same_findings(scenario):
    found = drive(scenario, "wrong", compiler="clang", compares=True)

    kind, preemptions, _ = EXPECTED[scenario]
    assert [one[:2] for one in found["seen"]] == [[kind, preemptions]]
    assert found["reduced"]["seen"] == [[kind, preemptions]]

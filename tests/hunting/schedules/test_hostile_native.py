"""Native code that starts threads, takes Python's locks, sleeps, collects or forks."""

import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from hunting.schedules.building import build

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or not sysconfig.get_platform().endswith("x86_64"),
    reason="native schedules need Linux on x86-64",
)

# What the extension calls in the middle of each of its two concurrent operations.
CALLS = {
    "starts a thread": """
def call():
    thread = threading.Thread(target=lambda: None)
    thread.start()
    thread.join()
""",
    "takes a lock": """
lock = threading.Lock()
def call():
    with lock:
        held.append(1)
        held.pop()
""",
    "takes a lock that it has": """
lock = threading.RLock()
def call():
    with lock, lock:
        held.append(1)
        held.pop()
""",
    "waits with a time-out": """
lock = threading.Lock()
def call():
    if lock.acquire(True, 10.0):
        lock.release()
""",
    "sleeps": """
def call():
    time.sleep(0.001)
""",
    "collects": """
def call():
    gc.collect()
""",
    "forks": """
def call():
    process = os.fork()
    if process:
        os.waitpid(process, 0)
""",
}


def run(call, schedules):
    """What some schedules of two operations gave: results, and the held lock's user."""
    asked = json.dumps([str(build("correct")), CALLS[call], schedules])
    ran = subprocess.run(
        [sys.executable, "-X", "faulthandler", __file__, asked],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert ran.returncode == 0, ran.stderr + ran.stdout
    return json.loads(ran.stdout.splitlines()[-1])


@pytest.mark.parametrize("call", CALLS)
def test_a_hostile_operation_ends_under_every_schedule(call):
    told = run(call, [[], [[1, 1]], [[3, 1]], [[2, 1], [4, 0]]])

    assert told["errors"] == []
    assert told["ended"] == 4


@pytest.mark.parametrize("call", ["takes a lock", "takes a lock that it has"])
def test_waits_for_locks_of_python_are_scheduled_and_never_inferred(call):
    told = run(call, [[[at, 1]] for at in range(8)])

    assert told["errors"] == []
    assert told["inferred"] == 0
    assert told["most_held"] == 1


def main(folder, text, schedules):
    """Run the schedules in this process, and print what they gave."""
    import gc
    import threading
    import time

    from refrace.hunting.schedules import runtime

    native = runtime.load()
    sys.path.insert(0, folder)
    import hostile

    names = {"threading": threading, "time": time, "gc": gc, "os": os, "held": []}
    exec(text, names)
    runtime.open_process(2, report_to=1)
    most = [0]

    def call():
        names["call"]()
        most[0] = max(most[0], len(names["held"]) + 1)

    told = {"errors": [], "ended": 0, "inferred": 0}
    for schedule in schedules:
        subject = hostile.Hostile(call)
        done = native.run([subject.work] * 2, native.FOLLOW, schedule)
        told["errors"] += [repr(error) for error in done.exceptions if error]
        told["ended"] += 1
        told["inferred"] += done.blocks_inferred
    told["most_held"] = most[0]
    print(json.dumps(told), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main(*json.loads(sys.argv[1]))

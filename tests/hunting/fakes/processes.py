"""Which processes of a test still run: they inherit a variable that names the test."""

import os
import time
from pathlib import Path

VARIABLE = "REFRACE_TEST_TAG"


def tagged(tag):
    """The processes with the tag, except this one and those that have ended."""
    wanted = f"{VARIABLE}={tag}".encode()
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if wanted in (entry / "environ").read_bytes().split(b"\0"):
                found.append(int(entry.name))
        except OSError:
            continue
    return [process for process in found if process != os.getpid()]


def wait_until_gone(tag, seconds=120.0):
    """Return the processes that are left after some time; empty as soon as none is."""
    until = time.monotonic() + seconds
    while (left := tagged(tag)) and time.monotonic() < until:
        time.sleep(0.02)
    return left

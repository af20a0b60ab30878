"""Subjects that misbehave in one way each; functions of (program, thread)."""

import contextlib
import ctypes
import mmap
import os
import signal
import subprocess
import sys
import threading
import time
import types

LOCKS = threading.Lock(), threading.Lock()


def well_behaved(program, thread):
    return None


def imports(program, thread):
    """Import an extension in the second program of each process."""
    if program == 1:
        module = types.ModuleType("mylib._speedups")
        module.__file__ = "/somewhere/mylib/_speedups.so"
        sys.modules[module.__name__] = module


def leaks(program, thread):
    return "leak" if program == 3 else None


def crashes(program, thread):
    if program == 2:
        ctypes.string_at(0)


def aborts(program, thread):
    os.abort()


def exits(program, thread):
    if program == 1:
        os._exit(3)


def leaves(program, thread):
    if program == 1:
        sys.exit("enough")


def talks(program, thread):
    print("x" * 200)
    os.write(2, b"y" * 200)
    os.read(0, 10)


def sleeps(program, thread):
    time.sleep(1.8)


def works_long(program, thread):
    """Some seconds of Python code in one round: slow, and no hang."""
    until = time.process_time() + 2.5
    while time.process_time() < until:
        sum(range(1000))


def spins(program, thread):
    """One call that never returns to Python code."""
    sum(iter(int, 1))


def waits_for_itself(program, thread):
    LOCKS[0].acquire()
    LOCKS[0].acquire()


def deadlocks(program, thread):
    with LOCKS[thread]:
        time.sleep(0.3)
        LOCKS[1 - thread].acquire()


def keeps_gil(program, thread):
    """One thread waits for a lock of C with the GIL held; the other for the GIL."""
    if thread == 0:
        semaphore = ctypes.create_string_buffer(64)
        c = ctypes.PyDLL(None)
        c.sem_init(semaphore, 0, 0)
        c.sem_wait(semaphore)
    else:
        while True:
            sum(range(100))


def forks(program, thread):
    """The copy of the child returns from the call, into the hunt."""
    os.fork()


def leaves_processes(program, thread):
    subprocess.Popen(["sleep", "600"], start_new_session=True)


def starts_threads(program, thread):
    threading.Thread(target=time.sleep, args=(600,), daemon=True).start()


def recurses(program, thread):
    def again(n):
        return again(n + 1) + 1

    with contextlib.suppress(RecursionError):
        again(0)


def eats_memory(program, thread):
    """Reserve memory and never touch it: filling a gigabyte takes seconds."""
    private = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
    kept = []
    try:
        while True:
            kept.append(mmap.mmap(-1, 2**26, flags=private))
    except OSError as error:
        raise MemoryError from error


def is_killed(program, thread):
    if program == 1:
        os.kill(os.getpid(), signal.SIGKILL)


def closes_everything(program, thread):
    os.closerange(0, 100)


def fails(program, thread):
    """The fake engine lets exceptions of the subject through."""
    raise MemoryError

"""What drivers have in common: an object that notices its use, threads, counts."""

import contextlib
import gc
import os
import sys
import threading
import time
from functools import partial
from operator import itemgetter

FOUND = 3


def expect(holds):
    """End at once if the bug showed: what is corrupt must not be used any more."""
    if not holds:
        os._exit(FOUND)


class Item:
    """An object that notices if it is used after its death."""

    def __init__(self):
        self.mark = "alive"

    def __del__(self):
        self.mark = "dead"


def drift(obj, call, times=50):
    """Expect that calls leave the reference count of `obj` as it was."""
    references = [obj] * 1000
    call()
    before = sys.getrefcount(obj)
    for _ in range(times):
        call()
    change = sys.getrefcount(obj) - before
    expect(len(references) == 1000 and abs(change) < times / 2)


def growth(call, times=2000):
    """Expect that calls leave the number of allocated blocks as it was."""
    for _ in range(100):
        call()
    gc.collect()
    before = sys.getallocatedblocks()
    for _ in range(times):
        call()
    gc.collect()
    expect(sys.getallocatedblocks() - before < times / 2)


def fails(function, *arguments):
    """Return a call that ignores the exception."""

    def call():
        with contextlib.suppress(Exception):
            function(*arguments)

    return call


def in_threads(*functions):
    """Run each function again and again, each in a thread."""
    end = time.monotonic() + float(sys.argv[4])

    def repeat(function):
        while time.monotonic() < end:
            function()

    once_in_threads(*[partial(repeat, one) for one in functions])


def once_in_threads(*functions):
    """Run each function once, each in a thread."""
    start = threading.Barrier(len(functions))

    def work(function):
        start.wait()
        function()

    threads = [threading.Thread(target=work, args=(one,)) for one in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def inside_of(calls, *others):
    """Return the results of `calls`, made while the others run once, in threads.

    C code alone makes the calls, so other threads get the GIL only while one of the
    calls has released it: each other function starts inside of a call.
    """
    results = []
    unfinished = list(others)

    def work(function):
        while not results:
            time.sleep(0)
        function()
        unfinished.pop()

    threads = [threading.Thread(target=work, args=(one,)) for one in others]
    for thread in threads:
        thread.start()
    until_all_end = iter(unfinished.copy, [])
    results.extend(map(itemgetter(1), zip(until_all_end, calls, strict=False)))
    for thread in threads:
        thread.join()
    return results

"""Executors and work for tests: in any order, in turns, and with workers that die.

A module of its own, because the processes of a pool import it by its name.
"""

import os
import random
import signal
import threading
from concurrent.futures import BrokenExecutor, Executor, Future
from pathlib import Path


class AnyOrder(Executor):
    """Runs what is submitted in one thread, in an order that the seed decides."""

    def __init__(self, seed, lose=lambda number, payload: False):
        self._random = random.Random(seed)
        self._lose = lose
        self._number = 0
        self._waiting = []
        self._changed = threading.Condition()
        self._is_over = False
        self._thread = threading.Thread(target=self._work)
        self._thread.start()

    def submit(self, function, /, *arguments, **named):
        future = Future()
        with self._changed:
            loses = self._lose(self._number, arguments[2])
            call = lambda: function(*arguments, **named)  # noqa: E731
            self._waiting.append((loses, future, call))
            self._number += 1
            self._changed.notify()
        return future

    def _work(self):
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._is_over)
                if not self._waiting:
                    return
                at = self._random.randrange(len(self._waiting))
                loses, future, call = self._waiting.pop(at)
            if not future.set_running_or_notify_cancel():
                continue
            if loses:
                future.set_exception(ConnectionError("worker gone"))
                continue
            try:
                future.set_result(call())
            except BaseException as error:
                future.set_exception(error)

    def shutdown(self, wait=True, *, cancel_futures=False):
        with self._changed:
            self._is_over = True
            self._changed.notify()
        self._thread.join()


class LosesTheSecond:
    """Loses the second batch that is submitted, whenever it is submitted.

    `key` returns what a batch is recognised by.
    """

    def __init__(self, key):
        self._key = key
        self._second = None

    def __call__(self, number, payload):
        if number == 1:
            self._second = self._key(payload)
        return number > 0 and self._key(payload) == self._second


class Breaks(Executor):
    """Breaks for good after some submissions, as a pool of an unknown kind may."""

    def __init__(self, after):
        self._left = after

    def submit(self, function, /, *arguments, **named):
        if not self._left:
            raise BrokenExecutor("out of order")
        self._left -= 1
        future = Future()
        future.set_result(function(*arguments, **named))
        return future


def squares(numbers, stop):
    return [number**2 for number in numbers]


def refuses(numbers, stop):
    raise ValueError("7 is not lucky")


def interrupts(numbers, stop):
    raise KeyboardInterrupt


def waits(numbers, stop):
    """Work until the caller has had enough."""
    while True:
        stop.check()


def dies(numbers, stop):
    os.kill(os.getpid(), signal.SIGKILL)


def dies_at_10(numbers, stop):
    if 10 in numbers:
        dies(numbers, stop)
    return squares(numbers, stop)


def dies_once(numbers_and_path, stop):
    """Kill the worker that is first to make the file."""
    numbers, path = numbers_and_path
    try:
        Path(path).touch(exist_ok=False)
    except FileExistsError:
        return squares(numbers, stop)
    return dies(numbers, stop)

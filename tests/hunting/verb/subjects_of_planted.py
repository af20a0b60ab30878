"""Subjects that a hunt imports by name, with planted bugs and without."""

import os
import signal
import sys

from hypothesis import strategies as st

import refrace
from refrace._native.planted import Planted
from refrace.strategies import canaries


class Buggy:
    def setup(self):
        self.planted = Planted(True)

    @refrace.operation(value=canaries())
    def drop(self, value):
        return self.planted.drop(value)


class Fixed:
    def setup(self):
        self.planted = Planted(False)

    @refrace.operation(value=canaries())
    def drop(self, value):
        return self.planted.drop(value)

    @refrace.operation(value=canaries())
    def leak(self, value):
        return self.planted.leak(value)


class Crashing:
    def setup(self):
        self.planted = Planted(True)

    @refrace.operation(number=st.integers(0, 3))
    def crash(self, number):
        if number == 2:
            self.planted.crash()


class Waiting:
    def setup(self):
        self.planted = Planted(True)

    @refrace.operation
    def wait(self):
        self.planted.wait()


class FailingSetup:
    def setup(self):
        raise OSError("no such device")

    @refrace.operation
    def call(self):
        pass


def ends_its_process(value):
    os._exit(3)


def leaves(value):
    sys.exit("enough")


def is_killed(value):
    os.kill(os.getpid(), signal.SIGKILL)


def eats_memory(value):
    kept = []
    while True:
        kept.append(bytearray(2**26))


def recurses(value):
    return recurses(value)


def forks(value):
    if os.fork() == 0:
        return 1
    return 2


def writes(value):
    print("out" * 1000)
    os.write(2, b"error" * 1000)

"""The named workloads whose parallelism is measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

__all__ = ["WORKLOADS", "YARDSTICK", "Holding", "Step", "Workload", "workload_of"]

Step = Callable[[], object]
"""One small piece of work of about a millisecond; called repeatedly."""

Holding = Literal["gil", "released", "waits", "unknown"]
"""Whether a workload keeps the GIL, releases it, or waits without it."""


@dataclass(frozen=True, slots=True)
class Workload:
    """One kind of work.

    `prepare` returns the step of one thread, with its own buffers.  If it raises
    ImportError, the workload is skipped.
    """

    name: str
    title: str
    holding: Holding
    prepare: Callable[[], Step]


def _pure_python() -> Step:
    def step() -> int:
        total = 0
        for i in range(10_000):
            total += i & 7
        return total

    return step


def _sleep() -> Step:
    from functools import partial
    from time import sleep

    return partial(sleep, 0.005)


def _hashing() -> Step:
    import hashlib

    buffer = bytes(1 << 18)
    return lambda: hashlib.sha256(buffer).digest()


def _compression() -> Step:
    import zlib

    # Neither constant nor random, so that the compressor has some work to do.
    buffer = bytes((i * i >> 5) & 0x3F for i in range(1 << 15))
    return lambda: zlib.compress(buffer)


def _numpy() -> Step:
    from importlib import import_module

    numpy = import_module("numpy")  # an optional extra, unknown to type checkers
    # An elementwise function: the libraries behind a matrix product start their own
    # threads, which would be measured instead.
    values = numpy.linspace(0.0, 100.0, 1 << 15)
    result = numpy.empty_like(values)
    return lambda: numpy.sin(values, out=result)


def _c_loop() -> Step:
    from functools import partial

    from refrace._native import work as native_work

    return partial(native_work.count, 400_000, True)


def _c_loop_held() -> Step:
    from functools import partial

    from refrace._native import work as native_work

    return partial(native_work.count, 400_000, False)


YARDSTICK = Workload("c_loop", "a C loop without the GIL", "released", _c_loop)
"""Runs in parallel on any machine with free cores; measured in every call."""

WORKLOADS = (
    Workload("pure_python", "a loop of pure Python", "gil", _pure_python),
    Workload("sleep", "sleeping, as in input and output", "waits", _sleep),
    Workload("hashing", "hashlib's SHA-256 of 256 KiB", "released", _hashing),
    Workload("compression", "zlib on 32 KiB", "released", _compression),
    Workload("numpy", "NumPy's sine of 32,768 numbers", "released", _numpy),
    YARDSTICK,
    Workload("c_loop_held", "the same C loop holding the GIL", "gil", _c_loop_held),
)


def workload_of(function: Step) -> Workload:
    """Return the workload whose step is the caller's `function`."""
    try:
        name = function.__qualname__
    except Exception:  # functools.partial has none; an object's own may raise anything
        name = None
    if not isinstance(name, str):
        name = type(function).__name__
    return Workload(name, "the given callable", "unknown", lambda: function)

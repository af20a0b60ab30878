"""What runs concurrently with the threads of a program: collections and allocations.

A watchdog ignores a thread with a frame in this file.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from types import FrameType
from typing import Any

from refrace.subjects import Noise

__all__ = ["noise_task", "preempted"]

ALLOCATIONS = 40

PAUSE_S = 20e-6
"""Long enough for another thread to get the GIL; `sleep(0)` often gets it back."""

AT_CALLS = 0.25
"""Share of the calls of C functions by Python code that have a pause on each side."""

_OWN = str(Path(__file__).parents[2])


def preempted(task: Callable[[], None], seed: int) -> Callable[[], None]:
    """Return a task that pauses in the Python code of others that runs in it.

    The pauses are where code begins or ends and, with a probability, before and after
    its calls of C functions: there the interpreter itself gives the GIL to others.
    Between other bytecodes it never does, so a pause would show what cannot happen.

    Parameters
    ----------
    task : callable
        A profiler that is set in its thread is set again after it.
    seed : int
        Decides which calls have pauses.
    """
    at_call = Random(seed).random

    def pause(frame: FrameType, event: str, _: Any) -> None:
        is_call = event.startswith("c_")
        if is_call and at_call() >= AT_CALLS:
            return
        if not frame.f_code.co_filename.startswith(_OWN):
            time.sleep(PAUSE_S)

    def run() -> None:
        before = sys.getprofile()
        sys.setprofile(pause)
        try:
            task()
        finally:
            sys.setprofile(before)

    return run


def noise_task(noise: Noise) -> Callable[[], None]:
    """Return what the thread for noise does in each round."""

    def make_noise() -> None:
        if noise.collect:
            gc.collect()
        if noise.allocate:
            for size in range(ALLOCATIONS):
                _ = [bytes(24), bytes(size), object(), [None] * (size % 8)]
                if size == ALLOCATIONS // 2:
                    time.sleep(0)

    return make_noise

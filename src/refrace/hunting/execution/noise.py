"""What runs concurrently with the threads of a program: collections and allocations.

A watchdog ignores a thread with a frame in this file.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from refrace.subjects import Noise

__all__ = ["noise_task", "preempted"]

ALLOCATIONS = 40

PAUSE_S = 20e-6
"""Long enough for another thread to get the GIL; `sleep(0)` often gets it back."""

_OWN = str(Path(__file__).parents[2])


def preempted(task: Callable[[], None]) -> Callable[[], None]:
    """Return a task that pauses where Python code of others begins or ends in it."""

    def run() -> None:
        sys.setprofile(_pause)
        try:
            task()
        finally:
            sys.setprofile(None)

    return run


def _pause(frame: FrameType, event: str, _: Any) -> None:
    if event in ("call", "return") and not frame.f_code.co_filename.startswith(_OWN):
        time.sleep(PAUSE_S)


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

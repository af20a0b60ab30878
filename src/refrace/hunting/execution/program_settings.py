"""The settings of the interpreter while a program runs: its noise, and no other's."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from refrace.hunting.execution.late_calls import late_calls
from refrace.hunting.judging.visible import freeze_once
from refrace.subjects import HuntProgram

__all__ = ["has_late_calls", "program_settings"]


@contextmanager
def program_settings(program: HuntProgram) -> Iterator[None]:
    """Set the collector and the switch interval of the program."""
    interval, thresholds = sys.getswitchinterval(), gc.get_threshold()
    was_enabled, callbacks = gc.isenabled(), gc.callbacks[:]
    freeze_once()
    collects_often = program.noise.collect and len(program.threads) == 1
    try:
        gc.callbacks.clear()  # that of Hypothesis measures time, in every collection
        if program.noise.switch_us:
            sys.setswitchinterval(program.noise.switch_us / 1e6)
        if collects_often:
            gc.set_threshold(2, 100, 100)
            gc.enable()
        else:
            gc.disable()
        with _in_c(program):
            yield
    finally:
        sys.setswitchinterval(interval)
        gc.set_threshold(*thresholds)
        gc.callbacks[:] = callbacks
        (gc.enable if was_enabled else gc.disable)()


def _in_c(program: HuntProgram) -> AbstractContextManager[None]:
    is_wanted = has_late_calls(program)
    return late_calls(int(program.digest, 16)) if is_wanted else nullcontext()


def has_late_calls(program: HuntProgram) -> bool:
    """Return whether calls of the C API come late in a program."""
    return program.noise.late_calls and len(program.threads) > 1

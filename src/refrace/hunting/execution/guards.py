"""Pauses of threads where they touch a canary, so that other threads run.

Only nanoseconds pass between reading the pointer to an object and counting a reference
to it, often without a call.  When an operation that was passed a canary has returned,
the page of the canary becomes inaccessible.  The next thread that touches it pauses.

On a free-threaded build only: with a GIL, no other thread could run there.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from random import Random

from refrace._native import canary as native
from refrace.canaries.spec import CanarySpec
from refrace.environment import gil_can_be_disabled
from refrace.subjects import HuntProgram

__all__ = ["Guards"]

LONGEST_NS = (2_000, 10_000, 40_000)
"""The longest pause; each program uses one of these."""


class Guards:
    """The guarded canaries of one program, for one round after the other.

    Parameters
    ----------
    program : HuntProgram
    specs : sequence of CanarySpec
        Its canaries.

    Attributes
    ----------
    are_on : bool
        Whether canaries need a page of their own.
    """

    def __init__(self, program: HuntProgram, specs: Sequence[CanarySpec]) -> None:
        self.are_on = (
            program.noise.late_counts
            and len(program.threads) > 1
            and bool(specs)
            and gil_can_be_disabled()
            and native.trap_is_supported()
        )
        self._longest_ns = Random(program.digest).choice(LONGEST_NS)
        self._is_racing = False
        # One for each time that the arguments are loaded.
        self._loaded: list[array[int]] = []

    def forget(self) -> None:
        """Forget the canaries of the last round."""
        self._loaded = []

    def load(self) -> None:
        """Note that the arguments are loaded once more."""
        self._loaded.append(array("q"))

    def enter(self, number: int) -> None:
        """Note a canary among the arguments that are being loaded."""
        if self.are_on:
            self._loaded[-1].append(number)

    def begin(self) -> None:
        """Guard all canaries: the threads start now."""
        self._is_racing = self.are_on
        for copy in range(len(self._loaded)):
            self.after_call(copy)

    def after_call(self, copy: int) -> None:
        """Guard the canaries of the arguments that were loaded as number `copy`."""
        if self._is_racing:
            native.guard(self._loaded[copy], self._longest_ns)

    def end(self) -> None:
        """Let nobody pause any more: the threads have ended."""
        if self._is_racing:
            self._is_racing = False
            for numbers in self._loaded:
                native.unguard(numbers)

"""Threads that run the subject's C code one instruction at a time, with pauses.

Many windows are a few instructions long and contain no call.  If only one thread at a
time gets a core, threads never meet there unless one of them pauses inside.

On a free-threaded build only: with a GIL, no other thread could run there.  It changes
the memory of the loaded extension, so only a child of a hunt does it.
"""

from __future__ import annotations

from random import Random

from refrace._native import canary as native
from refrace.environment import gil_can_be_disabled
from refrace.hunting.execution.late_calls import modules_of_subject
from refrace.subjects import HuntProgram

__all__ = ["Steps"]

ONE_IN = (3, 10, 30)
"""After one of so many instructions is a pause; a program has one of these."""
LONGEST_NS = (2_000, 40_000)
"""A pause is up to so long; a program has one of these."""
MOST = (300, 1_000, 4_000)
"""Instructions of a round; the rest runs as usual.  A program has one of these."""

_added: set[str] = set()


class Steps:
    """The steps of one program, for one round after the other.

    Parameters
    ----------
    program : HuntProgram
    """

    def __init__(self, program: HuntProgram) -> None:
        self._are_on = (
            program.noise.late_steps
            and len(program.threads) > 1
            and gil_can_be_disabled()
        )
        self._random = Random(program.digest)
        choose = self._random.choice
        self._how = choose(ONE_IN), choose(LONGEST_NS), choose(MOST)

    def begin(self) -> None:
        """Let threads step from now on."""
        if not self._are_on:
            return
        for path in modules_of_subject():
            if path not in _added:
                _added.add(path)
                native.add_steps(path)
        native.begin_steps(self._random.getrandbits(64), *self._how)

    def end(self) -> None:
        """Let them run as usual."""
        if self._are_on:
            native.end_steps()

"""The parts of a program: declarations, threads, sub-programs, the end block."""

from __future__ import annotations

from typing import NamedTuple

from refrace.programs.syntax import Block, Declaration, Function, Thread

__all__ = ["Parts"]


class Parts(NamedTuple):
    """The parts of a program, not yet checked."""

    declarations: tuple[Declaration, ...]
    threads: tuple[Thread, ...]
    functions: tuple[Function, ...]
    end: Block

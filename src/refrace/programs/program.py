"""`Program`: what each thread does, as data; the root of the syntax tree."""

from __future__ import annotations

from dataclasses import dataclass

from refrace.programs.syntax import Block, Declaration, Function, Thread

__all__ = ["Program"]


@dataclass(frozen=True)
class Program:
    """A race program: declarations, threads, sub-programs, and checks at the end.

    Attributes
    ----------
    declarations : tuple of Declaration
        In the order in which they were written.
    threads : tuple of Thread
        At least one.
    functions : tuple of Function
        Sub-programs and finalisers.
    end : tuple of Statement
        Checks after the run; empty if there are none.
    """

    declarations: tuple[Declaration, ...] = ()
    threads: tuple[Thread, ...] = ()
    functions: tuple[Function, ...] = ()
    end: Block = ()

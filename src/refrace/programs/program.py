"""`Program`: what each thread does, as data; the root of the syntax tree."""

from __future__ import annotations

from dataclasses import dataclass

from refrace.errors import InvalidArgumentType
from refrace.programs.faults import invalid
from refrace.programs.parser import parse_parts
from refrace.programs.printer import program_text
from refrace.programs.syntax import Block, Declaration, Function, Thread

__all__ = ["Program"]


@dataclass(frozen=True, repr=False)
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

    @classmethod
    def parse(cls, text: str | bytes) -> Program:
        """Read a program from its text (bytes are UTF-8).

        Raises
        ------
        InvalidArgumentType
            `text` is neither str nor bytes.
        InvalidProgram
            The text is no race program; the message names line, column, the
            offending text and the cure.
        """
        return cls(*parse_parts(_decoded(text)))

    def __str__(self) -> str:
        return program_text(self)

    def __repr__(self) -> str:
        return f'Program.parse("""\n{self}\n""")'


def _decoded(text: str | bytes) -> str:
    if isinstance(text, bytes):
        try:
            text = text.decode("utf-8-sig")
        except UnicodeDecodeError as problem:
            before = text[: problem.start]
            raise invalid(
                "this is not UTF-8",
                text=repr(text[problem.start : problem.end]),
                line=before.count(b"\n") + 1,
                column=len(before) - (before.rfind(b"\n") + 1) + 1,
                cure="save the program as UTF-8 text",
            ) from None
    if not isinstance(text, str):
        raise InvalidArgumentType(
            f"text={text!r:.60}: a program is read from str or bytes; "
            f"got {type(text).__name__}"
        )
    return text.replace("\r\n", "\n").replace("\r", "\n")

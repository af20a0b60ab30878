"""The exit codes and their meaning."""

from __future__ import annotations

from enum import IntEnum

from refrace.display.judged import Judgement

__all__ = ["ExitCode"]


class ExitCode(IntEnum):
    """Exit codes of every command."""

    CLEAN = 0
    """Nothing was found, or the absence of findings was proved."""
    FINDINGS = 1
    """Corruption was found."""
    USAGE = 2
    """An invalid argument, or data that cannot be read."""
    INCONCLUSIVE = 3
    """A limit was reached, Ctrl-C was pressed, or threads did not overlap."""
    UNFIT = 4
    """This interpreter or machine does not support the request."""
    OUTPUT = 5
    """The output could not be written; it is missing or truncated."""
    INTERNAL = 70
    """An unexpected error, which is a bug in refrace; ``EX_SOFTWARE`` of sysexits."""
    BROKEN_PIPE = 141
    """Broken pipe: the reader of the output has exited; 128 + SIGPIPE in a shell."""

    @classmethod
    def of(cls, judgement: Judgement) -> ExitCode:
        """Return the exit code for the judgement of a result."""
        return {
            "clean": cls.CLEAN,
            "findings": cls.FINDINGS,
            "inconclusive": cls.INCONCLUSIVE,
        }[judgement]

    @classmethod
    def table(cls) -> str:
        """Return one line for the help."""
        return (
            "Exit codes: 0 clean or proved, 1 findings, 2 usage, 3 inconclusive (a "
            "limit, an interrupt, no overlap), 4 environment unfit, 5 output not "
            "written, 70 a bug in refrace, 141 broken pipe."
        )

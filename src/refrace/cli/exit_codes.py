"""What the exit codes mean, once."""

from __future__ import annotations

from enum import IntEnum

from refrace.display.judged import Judgement

__all__ = ["ExitCode"]


class ExitCode(IntEnum):
    """Exit codes of every command."""

    CLEAN = 0
    """Nothing found, or proved."""
    FINDINGS = 1
    """Corruption was found."""
    USAGE = 2
    """A wrong argument, or data that cannot be read."""
    INCONCLUSIVE = 3
    """A limit, an interrupt, or threads that never met."""
    UNFIT = 4
    """This interpreter or machine cannot do it."""
    OUTPUT = 5
    """The output could not be written: what there is of it is not whole."""
    INTERNAL = 70
    """An unexpected error, which is a bug of refrace; ``EX_SOFTWARE`` of sysexits."""
    BROKEN_PIPE = 141
    """The reader of the output went away: what a shell shows for SIGPIPE."""

    @classmethod
    def of(cls, judgement: Judgement) -> ExitCode:
        """Return the code of a result that was printed."""
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
            "written, 70 a bug of refrace, 141 its reader gone."
        )

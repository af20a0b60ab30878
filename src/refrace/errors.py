"""Every exception and warning of refrace; imports nothing of the package."""

from __future__ import annotations

from typing import Any

__all__ = [
    "CorruptionFound",
    "EnvironmentUnfit",
    "Inconclusive",
    "InconclusiveWarning",
    "Interrupted",
    "InvalidArgument",
    "InvalidArgumentType",
    "InvalidData",
    "InvalidProgram",
    "LimitReached",
    "MissingPackage",
    "NotProved",
    "ObjectClosed",
    "ProgramTooLarge",
    "RefraceError",
    "ReplayMismatch",
    "ThreadDetached",
    "UnknownMode",
    "UnknownPattern",
]


class RefraceError(Exception):
    """Base of all errors of refrace; the message names value, place and cure."""


class InvalidArgument(RefraceError, ValueError):
    """An argument has a value that the call cannot take."""


class InvalidArgumentType(RefraceError, TypeError):
    """An argument has the wrong type."""


class UnknownMode(InvalidArgument):
    """There is no refcount mode of that name."""


class UnknownPattern(InvalidArgument, KeyError):
    """The gallery has no pattern of that name."""

    __str__ = Exception.__str__  # KeyError would show the message quoted


class LimitReached(RefraceError):
    """A stated bound, or memory, ran out before the answer was known.

    Attributes
    ----------
    report : object or None
        What was known until then, None if there was nothing yet.
    """

    def __init__(self, message: str, *, report: Any = None) -> None:
        super().__init__(message)
        self.report = report


class InvalidProgram(RefraceError, ValueError):
    """A race program is malformed, or does what no program may do.

    Attributes
    ----------
    line, column : int or None
        Place of the offending text in the program's source, counted from 1;
        None for a program that was not parsed from text.
    text : str or None
        The offending text.
    file : str or None
        The file that the program was read from; None if it was not read from one.
    trace : Trace or None
        The run that leads there, for what shows only while the program runs.
    """

    def __init__(
        self,
        message: str,
        *,
        line: int | None = None,
        column: int | None = None,
        text: str | None = None,
        file: str | None = None,
        trace: Any = None,
    ) -> None:
        if file is not None:
            message = f"{file}{': ' if line is None else ', '}{message}"
        super().__init__(message)
        self.line = line
        self.column = column
        self.text = text
        self.file = file
        self.trace = trace

    def in_file(self, file: str) -> InvalidProgram:
        """Return the same error, told of a program that was read from `file`."""
        return type(self)(
            str(self),
            line=self.line,
            column=self.column,
            text=self.text,
            file=file,
            trace=self.trace,
        )


class ProgramTooLarge(InvalidProgram, LimitReached):
    """A program may be correct, but is larger than the explorer can hold.

    The bounds are in docs/language.md, section "How large a program may be".  It has
    the attributes of both of its bases; `report` is None.
    """


class InvalidData(RefraceError, ValueError):
    """Stored data (JSON, a replay token) cannot be read back."""


class ReplayMismatch(RefraceError):
    """A trace does not fit the program, mode or version it is replayed on."""


class EnvironmentUnfit(RefraceError, RuntimeError):
    """What was asked for cannot be done by this interpreter or machine."""


class MissingPackage(EnvironmentUnfit, ImportError):
    """A part of refrace needs a package that is not installed."""


class ObjectClosed(RefraceError, ValueError):
    """The object in the hand was closed before it was used."""


class ThreadDetached(RefraceError, RuntimeError):
    """The calling thread has said that it counts nothing for now."""


class CorruptionFound(RefraceError, AssertionError):
    """A result holds findings; raised by all of its ``raise_...()`` methods.

    Attributes
    ----------
    report : object
        The result that holds the findings; the message is its text.
    """

    def __init__(self, report: Any) -> None:
        super().__init__(str(report))
        self.report = report

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.report,)


class Inconclusive(RefraceError, AssertionError):
    """A result has no findings, and does not tell whether there could be any.

    Raised by its ``raise_unless_conclusive()``.  The message says why, and what would
    make the result conclusive.

    Attributes
    ----------
    report : object
        The inconclusive result.
    """

    def __init__(self, report: Any, message: str) -> None:
        super().__init__(message)
        self.report = report

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.report, str(self))


class NotProved(Inconclusive, LimitReached):
    """A result has no findings and is no proof; raised by ``raise_unless_proved()``.

    It is a :class:`LimitReached` too, since a limit is the usual reason.

    Attributes
    ----------
    report : object
        The result that is no proof.
    """


class InconclusiveWarning(UserWarning):
    """A result without findings was accepted although it is inconclusive.

    Given by its ``raise_for_findings()``; ``raise_unless_conclusive()`` raises
    :class:`Inconclusive` instead.
    """


class Interrupted(KeyboardInterrupt):
    """Ctrl-C ended a long call; what was measured so far is in `report`.

    Attributes
    ----------
    report : object or None
        The result up to the interrupt, None if there was nothing yet.
    """

    def __init__(self, report: Any = None) -> None:
        super().__init__("interrupted")
        self.report = report

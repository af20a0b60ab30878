"""Every exception and warning of refrace; imports nothing from the package."""

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
    "InvalidModeFile",
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
    """Base of all errors of refrace; a message names the value, the place and a fix."""


class InvalidArgument(RefraceError, ValueError):
    """An argument has a value that the call does not accept."""


class InvalidArgumentType(RefraceError, TypeError):
    """An argument has the wrong type."""


class UnknownMode(InvalidArgument):
    """No refcount mode has that name."""


class UnknownPattern(InvalidArgument, KeyError):
    """No pattern of the gallery has that name."""

    __str__ = Exception.__str__  # KeyError would quote the message


class InvalidModeFile(RefraceError, ValueError):
    """The C file of a mode cannot be read, does not compile, or breaks the contract.

    Attributes
    ----------
    file : str or None
        The file.
    line : int or None
        The offending line, counted from 1; None if it is not known.
    """

    def __init__(
        self, message: str, *, file: str | None = None, line: int | None = None
    ) -> None:
        place = "" if file is None else f"{file}: "
        if file is not None and line is not None:
            place = f"{file}:{line}: "
        super().__init__(f"{place}{message}")
        self.file = file
        self.line = line


class LimitReached(RefraceError):
    """A documented limit, or memory, was exhausted before the answer was known.

    Attributes
    ----------
    report : object or None
        The partial result; None if there is none.
    """

    def __init__(self, message: str, *, report: Any = None) -> None:
        super().__init__(message)
        self.report = report


class InvalidProgram(RefraceError, ValueError):
    """A race program is malformed or performs an invalid operation.

    Attributes
    ----------
    line, column : int or None
        Position of the offending text in the program's source, counted from 1;
        None for a program that was not parsed from text.
    text : str or None
        The offending text.
    file : str or None
        The file that contains the program; None if it was not read from a file.
    trace : Trace or None
        The run that leads to the error, if the error occurs at run time.
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
        """Return the same error for a program that was read from `file`."""
        return type(self)(
            str(self),
            line=self.line,
            column=self.column,
            text=self.text,
            file=file,
            trace=self.trace,
        )


class ProgramTooLarge(InvalidProgram, LimitReached):
    """A program exceeds a bound of the explorer; it may be correct.

    For the bounds see docs/language.md, section "How large a program may be".  The
    error has the attributes of both base classes; `report` is None.
    """


class InvalidData(RefraceError, ValueError):
    """Stored data (JSON, a replay token) cannot be decoded."""


class ReplayMismatch(RefraceError):
    """A trace does not match the program, mode or version that replays it."""


class EnvironmentUnfit(RefraceError, RuntimeError):
    """The interpreter or machine does not support the request."""


class MissingPackage(EnvironmentUnfit, ImportError):
    """A part of refrace needs a package that is not installed."""


class ObjectClosed(RefraceError, ValueError):
    """The object was used after it was closed."""


class ThreadDetached(RefraceError, RuntimeError):
    """The calling thread is detached and must not use reference counts."""


class CorruptionFound(RefraceError, AssertionError):
    """A result has findings; raised by all of its ``raise_...()`` methods.

    Attributes
    ----------
    report : object
        The result with the findings; its text is the message.
    """

    def __init__(self, report: Any) -> None:
        super().__init__(str(report))
        self.report = report

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.report,)


class Inconclusive(RefraceError, AssertionError):
    """A result has no findings, but does not answer its question.

    Raised by ``raise_unless_conclusive()``.  The message says why the result is
    inconclusive and what would make it conclusive.

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
    """A result has no findings but is no proof; raised by ``raise_unless_proved()``.

    It is also a :class:`LimitReached`, because a limit is the usual reason.

    Attributes
    ----------
    report : object
        The result that is not a proof.
    """


class InconclusiveWarning(UserWarning):
    """A result without findings was accepted although it is inconclusive.

    Issued by ``raise_for_findings()``; ``raise_unless_conclusive()`` raises
    :class:`Inconclusive` instead.
    """


class Interrupted(KeyboardInterrupt):
    """Ctrl-C ended a long call; `report` has the partial result.

    Attributes
    ----------
    report : object or None
        The result up to the interrupt; None if there is none.
    """

    def __init__(self, report: Any = None) -> None:
        super().__init__("interrupted")
        self.report = report

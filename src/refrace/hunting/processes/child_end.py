"""How a child ended, in the words of a finding or of a note."""

from __future__ import annotations

import signal
from dataclasses import dataclass
from typing import Any, Literal

from refrace import errors
from refrace.hunting.limits import CHILD_MEMORY
from refrace.hunting.processes.stacks import shortened, split_stacks

__all__ = ["ChildEnd", "end_of", "error_called"]

How = Literal["done", "crash", "hang", "deadlock", "note", "refused", "failed", "lost"]

# Signals that the faults of a process raise in itself.
_FAULTS = {
    signal.SIGSEGV: "access to memory that it does not have",
    signal.SIGBUS: "access to memory that does not exist",
    signal.SIGABRT: "abort, by the C library or the interpreter",
    signal.SIGILL: "illegal instruction",
    signal.SIGFPE: "arithmetic fault, such as an integer division by zero",
    signal.SIGTRAP: "trap",
    signal.SIGSYS: "forbidden system call",
}
# What faulthandler says of a signal, which the name of the signal says already.
_NO_NEWS = {
    *("Segmentation fault", "Aborted", "Bus error", "Illegal instruction"),
    "Floating-point exception",
}


@dataclass(frozen=True)
class ChildEnd:
    """How a child ended.

    Attributes
    ----------
    how : str
        ``"done"``: its work is done, or its time was over.  ``"crash"``, ``"hang"``,
        ``"deadlock"``: a finding.  ``"note"``: it ended otherwise, which is no finding.
        ``"refused"``, ``"failed"``: an error of the user's, or of refrace, which ends
        the hunt.  ``"lost"``: the zygote is gone.
    message : str
        What happened, in one clause.
    stacks : tuple of str
        Python stacks at a finding, without refrace's own frames.
    output : str
        The end of what it wrote to its standard streams.
    running : dict or None
        The message of the program that it was running.
    error : str
        For ``"refused"``, the name of the exception.
    recorded : bytes
        What the engine had recorded by then; empty unless there is a finding.
    """

    how: How
    message: str = ""
    stacks: tuple[str, ...] = ()
    output: str = ""
    running: dict[str, Any] | None = None
    error: str = ""
    recorded: bytes = b""

    def refusal(self) -> Exception:
        """Return the exception that a child which refused its task raised there."""
        return error_called(self.error, errors.InvalidArgument)(self.message)


def error_called(name: str, otherwise: type[Exception]) -> type[Exception]:
    """Return the exception of refrace with a name, if a message is all that it needs.

    Parameters
    ----------
    name : str
        What another process says that it raised; "" if that is not of refrace.
    otherwise : type
        What to return if there is none.
    """
    found = getattr(errors, name, None) if name else None
    if not isinstance(found, type) or not issubclass(found, errors.RefraceError):
        return otherwise
    if issubclass(found, errors.CorruptionFound | errors.Inconclusive):
        return otherwise  # these need a report
    return found


def end_of(
    status: int,
    memory: int,
    faults: str,
    output: str,
    running: dict[str, Any] | None,
    limit: int = CHILD_MEMORY,
) -> ChildEnd:
    """Return the end of a child that did not say that it was done.

    Parameters
    ----------
    status : int
        Its exit code, or minus the number of the signal that ended it.
    memory : int
        The largest memory it had, in bytes.
    faults : str
        What faulthandler wrote.
    output : str
        The end of what it wrote to its standard streams.
    running : dict or None
        The message of the program that it was running.
    limit : int
        The limit of its memory in bytes; 0 is none.
    """
    stacks = tuple(text for stack in split_stacks(faults) if (text := shortened(stack)))
    said: dict[str, Any] = {"output": output, "running": running}
    if status >= 0:
        what = "without a program" if running is None else "inside an operation"
        return ChildEnd(
            "note", f"it ended itself with exit code {status} {what}", **said
        )
    number = signal.Signals(-status)
    if number not in _FAULTS:
        why = (
            "by the system for lack of memory, or by hand"
            if number is signal.SIGKILL
            else "from outside of refrace"
        )
        return ChildEnd("note", f"it was ended by {number.name}, {why}", **said)
    if limit and memory > 0.8 * limit:
        return ChildEnd(
            "note",
            f"it used up the memory of a child, {limit / 2**30:g} GiB, and ended with "
            f"{number.name}",
            **said,
        )
    message = f"{number.name} ({_FAULTS[number]})"
    fatal = _fatal_line(faults) or _fatal_line(output)
    if fatal:
        message += f": {fatal}"
    return ChildEnd("crash", message, stacks, **said)


def _fatal_line(text: str) -> str:
    """Return what the interpreter or the C library said when it gave up."""
    for line in text.splitlines():
        for mark in ("Fatal Python error: ", "terminate called", "free(): ", "malloc"):
            if mark in line:
                said = line[line.index(mark) :].removeprefix("Fatal Python error: ")
                return "" if said in _NO_NEWS else said[:200]
    return ""

"""What a verdict assumes about the GIL: a waiting thread has released it.

In the model a waiting thread releases the GIL, like code that waits between
Py_BEGIN_ALLOW_THREADS and Py_END_ALLOW_THREADS, or on a PyMutex.  A native lock that is
acquired with the GIL held can deadlock with the GIL; no verdict covers that.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Self

from refrace.catalogue.mode_report import ModeReport
from refrace.programs import Program
from refrace.programs.syntax import Block, If, Repeat, Step, While
from refrace.programs.text.printer import node_text

__all__ = ["IF_WAITS", "AssumesAboutWaits", "waits_with_gil"]

IF_WAITS = "if waits give up the GIL"
"""The assumption, as the first line of a report has it."""

WAITS = ("lock", "await", "await_not")
KEY = "assumptions"
MOST_NAMED = 4


def waits_with_gil(program: Program) -> tuple[str, ...]:
    """Return the statements that may wait while their thread is attached.

    Statements between a `detach` and an `attach` of the same block need no GIL and are
    left out.  Each text appears once, in program order.
    """
    sections = [part.body for part in program.threads]
    sections += [part.body for part in program.functions]
    return tuple(dict.fromkeys(text for body in sections for text in _waits_in(body)))


def _waits_in(body: Block, is_detached: bool = False) -> Iterator[str]:
    for statement in body:
        if isinstance(statement, Step):
            if statement.op in ("detach", "attach"):
                is_detached = statement.op == "detach"
            elif statement.op in WAITS and not is_detached:
                yield node_text(statement)
        elif isinstance(statement, If):
            yield from _waits_in(statement.then, is_detached)
            yield from _waits_in(statement.otherwise, is_detached)
        elif isinstance(statement, While | Repeat):
            yield from _waits_in(statement.body, is_detached)


class AssumesAboutWaits(ModeReport):
    """A report on a program that may run with the GIL held."""

    __slots__ = ()

    program: Program
    gil: Any

    @property
    def assumptions(self) -> tuple[str, ...]:
        """The assumptions beyond the limits of the model, a few sentences each.

        Not empty if the GIL was held and the program may wait while it holds it.
        """
        if self.gil != "held":
            return ()
        waits = [f"`{text}`" for text in waits_with_gil(self.program)]
        if not waits:
            return ()
        more = len(waits) - MOST_NAMED
        named = ", ".join(waits[:MOST_NAMED]) + (
            f" and {more} more" if more > 0 else ""
        )
        return (
            f"A thread that has to wait gives up the GIL: {named}. Code that waits "
            "between Py_BEGIN_ALLOW_THREADS and Py_END_ALLOW_THREADS, or on a "
            "PyMutex, does this. A native lock acquired with the GIL held is not "
            "modelled: it can deadlock with the GIL.",
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the result as JSON-ready data, including its assumptions."""
        return {**super().to_dict(), KEY: list(self.assumptions)}

    @classmethod
    def from_dict(cls, data: Any) -> Self:
        """Rebuild a result from :meth:`to_dict`; its assumptions are recomputed.

        Raises
        ------
        InvalidData
            If `data` is of another format or version, or does not fit it.
        """
        if isinstance(data, dict):
            data = {key: value for key, value in data.items() if key != KEY}
        return super().from_dict(data)

"""What a verdict assumes about the GIL: which waits release it, and who may count.

In the model a thread that waits at `lock` or `await` releases the GIL, like code that
waits between Py_BEGIN_ALLOW_THREADS and Py_END_ALLOW_THREADS, or on a PyMutex.  Code
that keeps the GIL while it waits can deadlock with it; a program says so by
`native_lock` and `spin`, which need no assumption.

A detached thread that counts is explored like any other, access by access.  What the
interpreter itself needs an attached thread for is not part of the model.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Self

from refrace.catalogue.mode_report import ModeReport
from refrace.programs import Program
from refrace.programs.syntax import (
    Block,
    Critical,
    If,
    Lock,
    Region,
    Repeat,
    Step,
    While,
)
from refrace.programs.text.printer import node_text

__all__ = ["AssumesAboutWaits", "counts_detached", "waits_with_gil"]

IF_WAITS = "if waits give up the GIL"
IF_DETACHED = "if a detached thread may count"
"""The assumptions, as the first line of a report has them."""

WAITS = ("lock", "await", "await_not", "await_equal", "wait")
KEY = "assumptions"
MOST_NAMED = 4
COUNTS = (
    *("incref", "decref", "decref_rlx", "try_incref", "upgrade", "unique", "rc"),
    *("setrc", "casrc", "incfetch", "decfetch", "resurrect", "resurrect_end"),
    *("immortalise", "merge", "enable_try", "dealloc", "free"),
)
CALLS = ("call", "maybe")


def waits_with_gil(program: Program) -> tuple[str, ...]:
    """Return the waits of attached threads that give up the GIL in the model.

    Statements between a `detach` and an `attach` of the same block need no GIL and are
    left out, and so are `spin` and native locks, which keep it.  Each text appears
    once, in program order.
    """
    native = {lock.name for lock in program.facts.locks if lock.kind == "native_lock"}
    waits = (
        node_text(step)
        for step, is_detached in _steps(program)
        if step.op in WAITS
        and not is_detached
        and not any(isinstance(on, Lock) and on.name in native for on in step.operands)
    )
    return tuple(dict.fromkeys(waits))


def counts_detached(program: Program) -> tuple[str, ...]:
    """Return the statements with which a detached thread counts or destroys.

    Calls of sub-programs are among them if any sub-program counts.  Each text appears
    once, in program order.
    """
    may_count = any(
        step.op in COUNTS
        for function in program.functions
        for step, _ in _steps_in(function.body)
    )
    counts = COUNTS + CALLS if may_count else COUNTS
    found = (
        node_text(step)
        for step, is_detached in _steps(program)
        if is_detached and step.op in counts
    )
    return tuple(dict.fromkeys(found))


def _steps(program: Program) -> Iterator[tuple[Step, bool]]:
    """Yield all steps, and whether the thread is detached there."""
    bodies = [part.body for part in program.threads]
    for body in [*bodies, *(part.body for part in program.functions)]:
        yield from _steps_in(body)


def _steps_in(body: Block, is_detached: bool = False) -> Iterator[tuple[Step, bool]]:
    for statement in body:
        if isinstance(statement, Step):
            if statement.op in ("detach", "attach"):
                is_detached = statement.op == "detach"
            yield statement, is_detached
        elif isinstance(statement, If):
            yield from _steps_in(statement.then, is_detached)
            yield from _steps_in(statement.otherwise, is_detached)
        elif isinstance(statement, While | Repeat | Region | Critical):
            yield from _steps_in(statement.body, is_detached)


def _named(texts: tuple[str, ...]) -> str:
    more = len(texts) - MOST_NAMED
    named = ", ".join(f"`{text}`" for text in texts[:MOST_NAMED])
    return named + (f" and {more} more" if more > 0 else "")


class AssumesAboutWaits(ModeReport):
    """A report on a program that may run with the GIL held."""

    __slots__ = ()

    program: Program
    gil: Any

    @property
    def assumptions(self) -> tuple[str, ...]:
        """The assumptions beyond the limits of the model, a few sentences each.

        Not empty if the GIL was held and a thread may wait for something else while it
        holds it, or counts while it is detached.
        """
        if self.gil != "held":
            return ()
        found = []
        waits = waits_with_gil(self.program)
        if waits:
            found.append(
                f"A thread that has to wait gives up the GIL: {_named(waits)}. Code "
                "that waits between Py_BEGIN_ALLOW_THREADS and Py_END_ALLOW_THREADS, "
                "or on a PyMutex, does this. If the code keeps the GIL while it waits, "
                "write `native_lock` or `spin`: it can deadlock with the GIL."
            )
        counts = counts_detached(self.program)
        if counts:
            found.append(
                f"A detached thread counts: {_named(counts)}. Its accesses may come "
                "between any two of another thread, and what it destroys ends on this "
                "thread. That the allocator and the deallocators of CPython need an "
                "attached thread is not part of the model."
            )
        return tuple(found)

    @property
    def condition(self) -> str:
        """What a verdict of this report depends on, after "safe"; "" if nothing."""
        if self.gil != "held":
            return ""
        conditions = [
            text
            for text, found in (
                (IF_WAITS, waits_with_gil(self.program)),
                (IF_DETACHED, counts_detached(self.program)),
            )
            if found
        ]
        return " and ".join(conditions)

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

"""Whether the operations of a program are units, so that answers can be compared.

An operation that does several things, or that runs Python code in the middle, lets
other threads in between.  Then answers that no sequential order gives are no error.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from refrace.subjects import HuntProgram, Subject

__all__ = ["PythonCalls", "breaks_atomicity", "codes_of"]

_OWN_FILES = str(Path(__file__).parents[1])


def breaks_atomicity(subject: Subject, program: HuntProgram) -> str | None:
    """Return why operations of a program are no units, as far as that is known now."""
    called = {call.operation for thread in program.threads for call in thread}
    for name in sorted(called):
        if not subject.operations[name].is_single_call:
            return f"{name}() is more than one call"
    if any(spec.hooks for spec in program.canaries):
        return "hooks of canaries act inside operations"
    return None


def codes_of(subject: Subject) -> set[CodeType]:
    """Return the code of the operations that are written in Python."""
    functions = [getattr(subject.target, name, None) for name in subject.operations]
    return {
        one.__code__ for one in [*functions, subject.target] if hasattr(one, "__code__")
    }


class PythonCalls:
    """Notices Python code that runs inside operations, other than their own.

    Parameters
    ----------
    codes : set of code objects
        The operations themselves.

    Attributes
    ----------
    seen : bool
        Whether there was any.
    """

    def __init__(self, codes: set[CodeType]) -> None:
        self._codes = codes
        self.seen = False

    def watch(self, task: Callable[[], None]) -> None:
        """Run a task in this thread and watch it; its profiler is set again after."""
        before = sys.getprofile()
        sys.setprofile(self._on_event)
        try:
            task()
        finally:
            sys.setprofile(before)

    def _on_event(self, frame: FrameType, event: str, _: Any) -> None:
        self.seen = self.seen or self.begins(frame, event)

    def begins(self, frame: FrameType, event: str) -> bool:
        """Return whether an event of a profiler is the begin of such code."""
        if event != "call" or frame.f_code in self._codes:
            return False
        return not frame.f_code.co_filename.startswith(_OWN_FILES)

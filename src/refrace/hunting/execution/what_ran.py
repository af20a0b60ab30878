"""Which operations of a program return: one that only raises does not do its work."""

from __future__ import annotations

from collections.abc import Sequence

from refrace.hunting.judging.answers import Answer
from refrace.subjects import HuntProgram

__all__ = ["what_ran"]


def what_ran(
    program: HuntProgram, answers: Sequence[Answer]
) -> tuple[frozenset[str], dict[str, str]]:
    """Return the operations that returned, and those that raised with an exception."""
    returned: set[str] = set()
    raised: dict[str, str] = {}
    for call, answer in zip(program.calls(), answers, strict=False):
        if answer[0] == "returned":
            returned.add(call.operation)
        elif answer[0] == "raised":
            raised.setdefault(call.operation, answer[1])
    return frozenset(returned), raised

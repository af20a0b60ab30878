"""The contents of containers in answers: compared unless somebody shares them.

An answer is described after the call.  By then another thread may have replaced a list,
so that it is no longer shared, or may have got the same list, so that it is.  Neither
says anything about an order.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from refrace.hunting.judging.answers import SHARED, Answer

__all__ = ["has_shared", "without_contents"]

_CHANGEABLE = {"list", "dict", "set"}


def has_shared(answer: Answer) -> bool:
    """Return whether a container of an answer was one that something else had."""
    return any(map(_has_shared, _values(answer)))


def without_contents(answer: Answer) -> Answer:
    """Return an answer as if all its containers that can change were shared."""
    if answer[0] == "together":
        counts: Counter[Answer] = Counter()
        for one, count in answer[1]:
            counts[without_contents(one)] += count
        return ("together", frozenset(counts.items()))
    if answer[0] == "returned":
        return ("returned", _emptied(answer[1]))
    if answer[0] == "raised":
        return (*answer[:2], tuple(map(_emptied, answer[2])))
    return answer


def _values(answer: Answer) -> tuple[Any, ...]:
    if answer[0] == "together":
        return tuple(value for one, _ in answer[1] for value in _values(one))
    return answer[1:2] if answer[0] == "returned" else answer[2:] and answer[2]


def _is_container(value: Any) -> bool:
    return isinstance(value, tuple) and len(value) == 3 and isinstance(value[2], tuple)


def _has_shared(value: Any) -> bool:
    if _is_container(value):
        return any(map(_has_shared, value[2]))
    return isinstance(value, tuple) and value[1:] == (SHARED,)


def _emptied(value: Any) -> Any:
    if not _is_container(value):
        return value
    kind, length, items = value
    if kind in _CHANGEABLE:
        return (kind, SHARED)
    return (kind, length, tuple(map(_emptied, items)))

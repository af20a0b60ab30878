"""Whether calling a function runs its code."""

from __future__ import annotations

import inspect
from typing import Any

from refrace._base.safe_repr import shown
from refrace.errors import InvalidArgument

__all__ = ["check_runnable"]


def check_runnable(place: str, function: Any) -> None:
    """Raise if calling `function` only makes a coroutine or a generator.

    `place` begins the message and says where the function was passed.

    Raises
    ------
    InvalidArgument
        With a cure.
    """
    if inspect.iscoroutinefunction(function):
        what, cure = "a coroutine function", "call asyncio.run(...) in a function"
    elif inspect.isgeneratorfunction(function):
        what, cure = "a generator function", "call list(...) of it in a function"
    elif inspect.isasyncgenfunction(function):
        what = "an asynchronous generator function"
        cure = "consume it with asyncio.run(...) in a function"
    else:
        return
    raise InvalidArgument(
        f"{place}{shown(function)} is {what}: calling it runs none of its code; {cure}"
    )

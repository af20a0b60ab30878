"""A Python callback among the arguments of an operation, and what a callback does."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Literal, get_args

__all__ = ["ACTIONS", "Action", "Callback", "act", "set_action_handler"]

Action = Literal["return", "yield", "reenter", "mutate", "drop", "raise"]
ACTIONS: tuple[Action, ...] = get_args(Action)

YIELD_S = 20e-6
"""Long enough for another thread to get the GIL; `sleep(0)` often gets it back."""

_handler: Callable[[str, tuple[Any, ...]], None] | None = None


class Callback:
    """A callable that does something and returns a given value.

    Parameters
    ----------
    action : {"return", "yield", "reenter", "mutate", "drop", "raise"}
        What a call does before it returns.  Outside of a hunt, only "yield" and
        "raise" do something.
    value : object
        What a call returns: the same object each time.  Default: None.
    """

    __slots__ = ("action", "value")

    def __init__(self, action: Action = "return", value: Any = None) -> None:
        self.action = action
        self.value = value

    def __call__(self, *arguments: Any, **_: Any) -> Any:
        """Do the action and return the value; any arguments are accepted."""
        act(self.action, arguments)
        return self.value

    def __reduce__(self) -> tuple[Any, ...]:
        return Callback, (self.action, self.value)

    def __repr__(self) -> str:
        return f"Callback({self.action!r}, {self.value!r})"


def act(action: str, arguments: tuple[Any, ...]) -> None:
    """Do what `action` says, in a callback that got `arguments`."""
    if _handler is not None:
        _handler(action, arguments)
    if action == "yield":
        time.sleep(YIELD_S)
    elif action == "raise":
        raise RuntimeError("raised by a callback of refrace")


def set_action_handler(handler: Callable[[str, tuple[Any, ...]], None] | None) -> None:
    """Let `handler` do the actions, given with the arguments; None ends that.

    It is called for every callback, before "yield" and "raise" are done here.
    """
    global _handler
    _handler = handler

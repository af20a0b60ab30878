"""Strategies for calls of a subject's operations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from refrace.strategies.draw_anything import anything
from refrace.strategies.drawing import current
from refrace.subjects import Operation, Subject
from refrace.subjects.text import arguments_text

__all__ = ["DrawnCall", "draw_arguments", "operations"]


@dataclass(frozen=True)
class DrawnCall:
    """One call of an operation, with its arguments.

    Attributes
    ----------
    operation : str
        The name of the operation.
    positional : tuple
        Its positional arguments.
    named : dict of str to object
        Its arguments by name.
    """

    operation: str
    positional: tuple[Any, ...]
    named: dict[str, Any]
    _bind: Callable[[Any, str], Callable[..., Any]]

    def __call__(self, instance: Any) -> Any:
        """Make the call on an instance of the subject and return its answer."""
        bound = self._bind(instance, self.operation)
        return bound(*self.positional, **self.named)

    def __repr__(self) -> str:
        return f"{self.operation}({arguments_text(self.positional, self.named)})"


def operations(cls: Any) -> st.SearchStrategy[DrawnCall]:
    """Generate calls of a subject's operations.

    Parameters
    ----------
    cls : type, callable or Subject
        The subject, as for ``refrace.hunt``.

    Returns
    -------
    SearchStrategy of DrawnCall
        Calls.  ``call(instance)`` makes the call on an instance of `cls` after its
        ``setup``; the instance of a function is ignored.

    Raises
    ------
    InvalidArgument, InvalidArgumentType
        If `cls` is no subject.
    """
    subject = Subject.of(cls)
    return _draw(subject)


@st.composite
def _draw(draw: Any, subject: Subject) -> DrawnCall:
    chosen = draw(st.sampled_from(list(subject.operations.values())))
    positional, named = draw_arguments(draw, chosen)
    return DrawnCall(chosen.name, positional, named, subject.bind)


def draw_arguments(
    draw: Any, operation: Operation
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Draw the arguments of one call."""
    drawn = current()
    positional: Sequence[Any] = []
    named: dict[str, Any] = {}
    if operation.parameters is None:
        for place in range(draw(st.integers(0, 3))):
            if drawn is not None:
                drawn.parameter = str(place)
            positional = [*positional, draw(anything())]
        return tuple(positional), {}
    for name, kind in operation.parameters:
        if drawn is not None:
            drawn.parameter = name
        value = draw(operation.strategies.get(name, anything()))
        if kind == "keyword":
            named[name] = value
        else:
            positional = [*positional, value]
    return tuple(positional), named

"""The decorator that marks the methods a hunt may call, and what it records."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeVar, overload

from refrace._base.arguments import a_kind, nearest
from refrace._base.runnable import check_runnable
from refrace._base.safe_repr import shown
from refrace.errors import InvalidArgument, InvalidArgumentType

__all__ = ["Operation", "operation", "parameters_of"]

F = TypeVar("F", bound=Callable[..., Any])

MARK = "__refrace_operation__"
"""The attribute of a decorated function: its strategies by argument name."""

_NAMED = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


@dataclass(frozen=True)
class Operation:
    """Something that a hunt may call on a subject.

    Attributes
    ----------
    name : str
        The name of the method; the name of the function for a callable subject.
    parameters : tuple of (str, str), or None
        Name and kind of each argument to draw, in order; the kind is "positional" or
        "keyword".  None if the function, written in C, does not say what it takes.
    strategies : mapping of str to SearchStrategy
        The arguments that have a strategy of their own.
    is_single_call : bool
        Whether the body is one call or one operator on the subject.  Only then can its
        answer be compared with those of a sequential order: steps of the user's own
        method may interleave.
    """

    name: str
    parameters: tuple[tuple[str, str], ...] | None
    strategies: Mapping[str, Any]
    is_single_call: bool


@overload
def operation(function: F, /) -> F: ...
@overload
def operation(**strategies: Any) -> Callable[[F], F]: ...


def operation(function: Any = None, /, **strategies: Any) -> Any:
    """Mark a method of a subject as something that a hunt may call.

    Parameters
    ----------
    **strategies : SearchStrategy
        The Hypothesis strategy of each argument.  Arguments without one are drawn from
        ``refrace.strategies.anything()``; those with a default value keep it.

    Returns
    -------
    callable
        The decorator, or the method itself for a bare ``@refrace.operation``.

    Raises
    ------
    InvalidArgument
        If a strategy is for an argument that the method does not have, or if calling
        the method only makes a coroutine or a generator.
    InvalidArgumentType
        If it decorates something that is no function, or a value is no strategy.

    Notes
    -----
    An operation should be one call of the code under test.  Its answer (the value that
    it returns, or its exception) is compared with those of sequential orders only in
    that case.

    Examples
    --------
    >>> import refrace
    >>> from hypothesis import strategies as st
    >>> class Stack:
    ...     def setup(self):
    ...         self.items = []
    ...     @refrace.operation(item=st.integers())
    ...     def push(self, item):
    ...         self.items.append(item)
    """
    if function is not None:
        return _mark(function, {})
    for name, strategy in strategies.items():
        if not callable(getattr(strategy, "flatmap", None)) or isinstance(
            strategy, type
        ):
            cure = "pass a Hypothesis strategy, for example "
            if inspect.isfunction(strategy):
                cure += f"{strategy.__name__}() instead of {strategy.__name__}"
            else:
                cure += "hypothesis.strategies.just(...)"
            raise InvalidArgumentType(
                f"operation({name}={shown(strategy)}) is {a_kind(strategy)}; {cure}"
            )
    return lambda decorated: _mark(decorated, strategies)


def _mark(function: Any, strategies: dict[str, Any]) -> Any:
    if not inspect.isfunction(function):
        raise InvalidArgumentType(
            f"operation decorates {shown(function)}, which is {a_kind(function)}; "
            "decorate a method defined with def"
        )
    check_runnable("the operation ", function)
    known = list(inspect.signature(function).parameters)[1:]
    for name in strategies:
        if name not in known:
            listed = ", ".join(known) or "none"
            raise InvalidArgument(
                f"operation({name}=...) is for an argument that {function.__name__}() "
                f"does not have{nearest(name, known)}; its arguments: {listed}"
            )
    setattr(function, MARK, MappingProxyType(dict(strategies)))
    return function


def parameters_of(
    function: Any, skip: int, given: Mapping[str, Any]
) -> tuple[tuple[str, str], ...] | None:
    """Return the arguments to draw for a call of `function`, without the first `skip`.

    Arguments with a default value are drawn only if `given` has a strategy for them.
    Returns None if the function has no signature.
    """
    try:
        parameters = list(inspect.signature(function).parameters.values())[skip:]
    except (TypeError, ValueError):
        return None
    return tuple(
        (one.name, "keyword" if _needs_name(one, given) else "positional")
        for one in parameters
        if one.kind in _NAMED or one.kind is inspect.Parameter.POSITIONAL_ONLY
        if one.default is inspect.Parameter.empty or one.name in given
    )


def _needs_name(parameter: inspect.Parameter, given: Mapping[str, Any]) -> bool:
    has_default = parameter.default is not inspect.Parameter.empty
    return parameter.kind is inspect.Parameter.KEYWORD_ONLY or (
        has_default and parameter.kind is not inspect.Parameter.POSITIONAL_ONLY
    )

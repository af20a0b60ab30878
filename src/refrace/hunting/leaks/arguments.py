"""Sets of arguments for a callable: drawn once, passed fresh in every call."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from refrace._base.arguments import a_kind, nearest
from refrace._base.safe_repr import shown
from refrace.errors import InvalidArgument, InvalidArgumentType
from refrace.hunting.leaks.copies import fresh_copies

__all__ = ["ArgumentSet", "argument_sets"]


@dataclass(frozen=True, slots=True)
class ArgumentSet:
    """The arguments of one call.

    Attributes
    ----------
    text : str
        The arguments as in source code, truncated.
    fresh : callable
        Returns the positional and the keyword arguments; new objects in each call where
        the values can be pickled or copied.
    canaries : int
        Number of canaries among them.
    is_shared : bool
        Whether every call gets the same objects, because they cannot be copied.
    """

    text: str
    fresh: Callable[[], tuple[tuple[Any, ...], dict[str, Any]]]
    canaries: int = 0
    is_shared: bool = False


def argument_sets(call: Any, arguments: Any, seed: int, most: int) -> list[ArgumentSet]:
    """Draw up to `most` sets of arguments for `call`.

    Raises
    ------
    InvalidArgumentType, InvalidArgument
        If `arguments` does not fit the signature of the callable.
    MissingPackage
        If strategies are needed and Hypothesis is not installed.
    """
    positional, named = _strategies(call, arguments)
    if not positional and not named:
        return [ArgumentSet("", lambda: ((), {}))]

    from refrace.strategies.draw_values import draw_arguments

    return [_set_of(values) for values in draw_arguments(positional, named, seed, most)]


def _set_of(values: tuple[tuple[Any, ...], dict[str, Any]]) -> ArgumentSet:
    positional, named = values
    words = [shown(value, 60) for value in positional]
    words += [f"{name}={shown(value, 60)}" for name, value in named.items()]
    text = ", ".join(words)
    found = fresh_copies(values)
    if found is not None:
        return ArgumentSet(text, *found)
    try:
        copy.deepcopy(values)
    except Exception:
        return ArgumentSet(text, lambda: values, is_shared=True)
    return ArgumentSet(text, lambda: copy.deepcopy(values))


def _strategies(call: Any, given: Any) -> tuple[list[Any], dict[str, Any]]:
    """Return the strategies of positional and of keyword arguments."""
    if given is None:
        given = {}
    elif isinstance(given, Mapping):
        for name in given:
            if not isinstance(name, str):
                raise InvalidArgumentType(
                    f"arguments has the key {shown(name)}, {a_kind(name)}; pass names "
                    "of parameters, or a list of strategies"
                )
    elif isinstance(given, Sequence) and not isinstance(given, str | bytes):
        return [_strategy(f"arguments[{i}]", each) for i, each in enumerate(given)], {}
    else:
        raise InvalidArgumentType(
            f"arguments={shown(given)} is {a_kind(given)}; pass a dictionary from "
            "names of parameters to strategies, or a list of strategies"
        )
    try:
        parameters = list(inspect.signature(call).parameters.values())
    except (ValueError, TypeError):
        if given:
            raise InvalidArgument(
                f"arguments={shown(given)} has names, but {shown(call)} has no "
                "signature that Python can read; pass a list of strategies"
            ) from None
        raise InvalidArgument(
            f"callable={shown(call)} has no signature that Python can read; pass "
            "arguments=[strategy, ...], or arguments=[] to call it without any"
        ) from None
    return _by_parameter(call, parameters, given)


def _by_parameter(
    call: Any, parameters: list[inspect.Parameter], given: Mapping[str, Any]
) -> tuple[list[Any], dict[str, Any]]:
    variable = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    names = [each.name for each in parameters if each.kind not in variable]
    takes_any = any(each.kind is inspect.Parameter.VAR_KEYWORD for each in parameters)
    for name in given:
        if name not in names and not takes_any:
            has = f"has {', '.join(names)}" if names else "has none"
            raise InvalidArgument(
                f"arguments has the name {name!r}{nearest(name, names)}, which is no "
                f"parameter of {shown(call)}; it {has}"
            )
    if not parameters:
        return [], {}
    from refrace.strategies import anything

    positional: list[Any] = []
    named: dict[str, Any] = {}
    for each in parameters:
        if each.kind in variable:
            continue
        if each.name in given:
            strategy = _strategy(f"arguments[{each.name!r}]", given[each.name])
        elif each.default is inspect.Parameter.empty:
            strategy = anything()
        else:
            continue
        if each.kind is inspect.Parameter.POSITIONAL_ONLY:
            positional.append(strategy)
        else:
            named[each.name] = strategy
    for name in given:
        if name not in names:
            named[name] = _strategy(f"arguments[{name!r}]", given[name])
    return positional, named


def _strategy(place: str, value: Any) -> Any:
    from refrace.strategies.draw_values import is_strategy

    if not is_strategy(value):
        raise InvalidArgumentType(
            f"{place}={shown(value)} is {a_kind(value)}; pass a Hypothesis strategy, "
            f"for example hypothesis.strategies.just({shown(value, 40)})"
        )
    return value

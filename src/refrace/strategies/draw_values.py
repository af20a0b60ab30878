"""Draw values of strategies outside of a test, the same ones for the same seed."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable

from refrace.errors import InvalidArgument

__all__ = ["draw_arguments", "is_strategy", "strategy_from"]

Arguments = tuple[tuple[Any, ...], dict[str, Any]]


def is_strategy(value: object) -> bool:
    """Return whether `value` is a Hypothesis strategy."""
    return isinstance(value, st.SearchStrategy)


def strategy_from(source: str) -> Any:
    """Return the value of a Python expression in which `st` has the strategies."""
    return eval(source, {"st": st})


def draw_arguments(
    positional: Sequence[Any], named: Mapping[str, Any], seed: int, most: int
) -> list[Arguments]:
    """Return up to `most` drawn values of the strategies; fewer if there are no more.

    Nothing is stored in the database of examples, and no health check applies.

    Raises
    ------
    InvalidArgument
        If the strategies have no values.
    """
    both = st.tuples(st.tuples(*positional), st.fixed_dictionaries(dict(named)))
    drawn: list[Arguments] = []

    def collect(values: Arguments) -> None:
        drawn.append(values)

    test = hypothesis.given(both)(collect)
    test = settings(
        max_examples=most,
        database=None,
        phases=[Phase.generate],
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )(test)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            hypothesis.seed(seed)(test)()
        except Unsatisfiable:
            raise InvalidArgument(
                f"no value can be drawn from {both!r}; pass strategies that have "
                "values, with filters that let some pass"
            ) from None
    return drawn

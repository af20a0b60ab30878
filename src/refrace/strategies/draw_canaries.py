"""A strategy for canaries."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from hypothesis import strategies as st

from refrace.canaries.protocols import DEFAULT_SUPPORTS, PROTOCOLS
from refrace.canaries.spec import checked_supports
from refrace.strategies.drawing import current, pick

__all__ = ["canaries", "canaries_of_any_kind"]

# What objects of everyday types support; the first is the simplest.
COMMON_SUPPORTS: tuple[frozenset[str], ...] = (
    DEFAULT_SUPPORTS,
    frozenset(),
    frozenset({"hash", "eq", "order"}),
    frozenset({"hash", "eq", "call"}),
    frozenset({"hash", "eq", "number"}),
    frozenset({"sequence", "iterator"}),
    frozenset({"mapping", "iterator"}),
    frozenset({"buffer"}),
    frozenset({"iterator", "context"}),
    frozenset({"hash", "eq", "attributes"}),
    frozenset(PROTOCOLS) - {"mapping"},
)


def canaries(*, supports: Collection[str] = DEFAULT_SUPPORTS) -> st.SearchStrategy[Any]:
    """Generate canaries: objects whose death is watched.

    Parameters
    ----------
    supports : collection of str, default {"hash", "eq"}
        Their protocols, for example ``{"hash", "eq", "order", "call", "buffer"}``; all
        names are in ``refrace.canaries.protocols.PROTOCOLS``.

    Returns
    -------
    SearchStrategy of Canary
        Real canaries in an ordinary test.  In a hunt, canaries that the hunt makes anew
        for each round; there the same one may be an argument of several calls, and the
        hunt decides whether it is held and what it does when it is touched or dies.

    Raises
    ------
    InvalidArgument, InvalidArgumentType
        If `supports` names an unknown protocol or is no collection of names.

    Examples
    --------
    >>> canaries(supports={"hash", "eq", "call"}).example()  # doctest: +SKIP
    Canary(supports={'call', 'eq', 'hash'})
    """
    return _draw((checked_supports(supports),))


def canaries_of_any_kind() -> st.SearchStrategy[Any]:
    """Generate canaries with the protocols of everyday types."""
    return _draw(COMMON_SUPPORTS)


@st.composite
def _draw(draw: Any, kinds: Sequence[frozenset[str]]) -> Any:
    supports = pick(draw, kinds)
    drawn = current()
    if drawn is None:
        from refrace.canaries.canary import Canary

        return Canary(supports=supports)
    return drawn.canary(draw, supports)

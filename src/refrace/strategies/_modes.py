"""Refcount modes to draw."""

from __future__ import annotations

from typing import Literal

from hypothesis import strategies as st

from refrace import catalogue
from refrace._validate import check_choice

__all__ = ["modes"]


def modes(
    claim: Literal["correct", "broken"] | None = None,
) -> st.SearchStrategy[str]:
    """Generate the names of refcount modes.

    Parameters
    ----------
    claim : {"correct", "broken"}, optional
        Only modes that claim this of themselves.  Default: all modes.

    Returns
    -------
    SearchStrategy of str
        Names that every verb of refrace takes; shrinks towards the first of
        :func:`refrace.modes`.

    Raises
    ------
    InvalidArgumentType, InvalidArgument
        If `claim` is no string, or another one.

    Examples
    --------
    >>> modes("broken").example()  # doctest: +SKIP
    'unlocked'
    """
    wanted: tuple[str, ...] = ("correct", "broken")
    if claim is not None:
        wanted = (check_choice("claim", claim, wanted),)
    return st.sampled_from(
        [mode.name for mode in catalogue.modes() if mode.claim in wanted]
    )

"""Refcount modes to draw."""

from __future__ import annotations

from typing import Literal

from hypothesis import strategies as st

from refrace._base.arguments import check_bool, check_choice
from refrace.catalogue import mode as catalogue

__all__ = ["modes"]


def modes(
    claim: Literal["correct", "broken"] | None = None,
    *,
    count_word: bool | None = None,
) -> st.SearchStrategy[str]:
    """Generate the names of refcount modes.

    Parameters
    ----------
    claim : {"correct", "broken"}, optional
        Only modes that claim this of themselves.  Default: all modes.
    count_word : bool, optional
        Only modes whose count can be seen as a cell (True), which every program can be
        tried in, or the others (False), in which a program with ``rc``, ``setrc`` and
        the like is an :class:`~refrace.InvalidProgram`.  Default: all modes.

    Returns
    -------
    SearchStrategy of str
        Names that every verb of refrace takes; shrinks towards the first of
        :func:`refrace.modes`.

    Raises
    ------
    InvalidArgumentType, InvalidArgument
        If `claim` is no string, or another one, or `count_word` no bool.

    Examples
    --------
    >>> modes("broken").example()  # doctest: +SKIP
    'unlocked'
    """
    wanted: tuple[str, ...] = ("correct", "broken")
    if claim is not None:
        wanted = (check_choice("claim", claim, wanted),)
    if count_word is not None:
        count_word = check_bool("count_word", count_word)
    return st.sampled_from(
        [
            mode.name
            for mode in catalogue.modes()
            if mode.claim in wanted and count_word in (None, mode.has_count_word)
        ]
    )

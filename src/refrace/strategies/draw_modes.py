"""A strategy for refcount modes."""

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
        Only modes with this claim.  Default: all modes.
    count_word : bool, optional
        Only modes whose count is a cell (True), which can run every program, or only
        the others (False), in which a program with ``rc``, ``setrc`` or similar
        operations is an :class:`~refrace.InvalidProgram`.  Default: all modes.

    Returns
    -------
    SearchStrategy of str
        Names that every function of refrace accepts; shrinks towards the first of
        :func:`refrace.modes`.

    Raises
    ------
    InvalidArgumentType, InvalidArgument
        If `claim` is not one of these strings, or `count_word` is not a bool.

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

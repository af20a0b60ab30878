"""A strategy for refcount modes."""

from __future__ import annotations

from typing import Literal

from hypothesis import strategies as st

from refrace._base.arguments import check_bool, check_choice
from refrace.catalogue import mode as catalogue
from refrace.catalogue.loaded import loaded_modes

__all__ = ["modes"]


def modes(
    claim: Literal["correct", "broken"] | None = None,
    *,
    count_word: bool | None = None,
    loaded: bool = False,
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
    loaded : bool
        Also the modes that :func:`refrace.load_mode` has loaded in this process before
        this call, behind those of refrace.  Default: False, so that what a test draws
        does not depend on what other tests loaded.

    Returns
    -------
    SearchStrategy of str
        Names that every function of refrace accepts; shrinks towards the first of
        :func:`refrace.modes`.

    Raises
    ------
    InvalidArgumentType, InvalidArgument
        If `claim` is not one of these strings, or `count_word` or `loaded` is not a
        bool.

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
    more = loaded_modes() if check_bool("loaded", loaded) else ()
    return st.sampled_from(
        [
            mode.name
            for mode in (*catalogue.modes(), *more)
            if mode.claim in wanted and count_word in (None, mode.has_count_word)
        ]
    )

"""Explain the result of sys.getrefcount for an object."""

from __future__ import annotations

import gc
import sys
from collections import Counter
from types import FrameType
from typing import Any

from refrace._base.arguments import check_integer
from refrace._native.refcount import CountReading, read_count
from refrace.environment import Environment
from refrace.lessons.explanation_report import (
    CountSplit,
    Part,
    RefcountExplanation,
    account,
)
from refrace.lessons.referrer_names import Namer, listed, printable, type_name
from refrace.lessons.referrers import (
    frames_to_search,
    holders_of,
    untracked_holders_of,
    variables_in,
)

__all__ = ["explain_refcount"]

MOST_PLACES = 1000

STATIC_START = 999_999_999
"""Initial count of static objects in Python 3.11."""

BORROWS_ARGUMENTS = sys.version_info >= (3, 14)
"""Whether a parameter may borrow the caller's reference instead of owning one."""


def explain_refcount(obj: object, *, max_places: int = 20) -> RefcountExplanation:
    """Explain what ``sys.getrefcount(obj)`` would return in place of this call.

    Finds references in globals of modules, variables of frames and generators, closure
    cells, attributes, containers, constants of code, and the argument of the call
    itself.  The rest is reported as not attributable.

    Parameters
    ----------
    obj : object
        Any object.  It is not changed, compared, hashed or printed, no code of its type
        runs, and no reference to it is kept.
    max_places : int
        Maximum number of holders to name individually, 1 to 1000; the others are
        summed by type.  Default: 20.

    Returns
    -------
    RefcountExplanation
        The count, its parts, and the number of unexplained references.

    Raises
    ------
    InvalidArgumentType, InvalidArgument
        If `max_places` has the wrong type or is out of range.

    Notes
    -----
    References made by the explanation itself are not included.  The count is that of a
    direct call from Python code.  If C code makes the call (``map``,
    ``functools.partial``), its own reference is included and not attributable.

    Each call visits all objects that the garbage collector tracks, which takes some 10
    ms to 1 s.  Other threads may change the count meanwhile; the report says so.  On
    Python 3.14 and newer, a parameter may borrow its reference, which is not visible
    from outside: parameters are counted last, up to the remaining count.

    References
    ----------
    PEP 683 (immortal objects), PEP 703 (free-threaded counts).

    Examples
    --------
    >>> import refrace
    >>> shared = []
    >>> holder = [shared, shared]
    >>> explanation = refrace.explain_refcount(shared)
    >>> any("items 0, 1" in part.place for part in explanation.parts)
    True
    """
    # A parameter owns a reference, or (3.14+) borrows the caller's: deleting it while a
    # list holds the object shows which.  This must come first.
    keep: list[Any] = [obj]
    with_argument = sys.getrefcount(keep[0])
    del obj
    without_argument = sys.getrefcount(keep[0])

    max_places = check_integer("max_places", max_places, low=1, high=MOST_PLACES)
    probe = [object()]  # a count read through a list includes extra references
    shown = with_argument - sys.getrefcount(probe[0])
    argument = with_argument - without_argument
    reading = read_count(keep[0])
    if reading.is_immortal:
        shown = with_argument  # the count is constant, so it includes nothing extra
        parts = [Part("constant", "marker of an immortal object", shown, 0)]
        unseen = 0
    else:
        parts = _start(shown, reading)
        if argument:
            place = "the argument of the call of sys.getrefcount"
            parts.append(Part("argument", place, argument, 0))
        frames, unseen = frames_to_search(sys._getframe().f_back)
        parts += _parts(keep, frames, shown - sum(p.seen for p in parts), max_places)
        del frames

    counted, unattributed = account(shown, parts)
    return RefcountExplanation(
        type_name=type_name(type(keep[0])),
        shown=shown,
        parts=counted,
        unattributed=unattributed,
        is_immortal=reading.is_immortal,
        is_tracked=gc.is_tracked(keep[0]),
        moved=sys.getrefcount(keep[0]) - without_argument,
        threads_unseen=unseen,
        split=_split(shown, reading),
        environment=Environment.current(),
    )


def _start(shown: int, reading: CountReading) -> list[Part]:
    if reading.deferred:
        place = "added so that a partly deferred count never reaches zero"
        return [Part("start", place, reading.deferred, 0)]
    if sys.version_info < (3, 12) and shown >= STATIC_START:
        place = "initial count of a static object of the interpreter"
        return [Part("start", place, STATIC_START, 0)]
    return []


def _parts(
    keep: list[Any], frames: list[FrameType], expected: int, max_places: int
) -> list[Part]:
    """Return the references found, the most certain first."""
    holders = holders_of(keep)
    borrowing: list[Part] = []
    variables: list[Part] = []
    for frame, names in variables_in(keep, frames, holders):
        code = frame.f_code
        n_parameters = code.co_argcount + code.co_kwonlyargcount
        parameters = code.co_varnames[:n_parameters] if BORROWS_ARGUMENTS else ()
        call = f"{printable(code.co_qualname)}()"
        owned = [name for name in names if name not in parameters]
        borrowed = [name for name in names if name in parameters]
        for some, into in ((owned, variables), (borrowed, borrowing)):
            if some:
                words = listed(list(map(printable, some)), "local", "locals")
                into.append(Part("variable", f"{words} of {call}", len(some), 0))

    found = sum(n for _, n in holders) + sum(part.seen for part in variables)
    if found < expected and not gc.is_tracked(keep[0]):
        holders += untracked_holders_of(keep)

    namer = Namer(keep, frames)
    holders.sort(key=lambda pair: not namer.is_module_dict(pair[0]))
    named, rest = holders[:max_places], holders[max_places:]
    namer.look_at_owners(
        [holder for holder, _ in named if not namer.is_module_dict(holder)]
    )
    parts = [part for holder, n in named for part in namer.parts(holder, n)]
    numbers: Counter[str] = Counter()
    references: Counter[str] = Counter()
    for holder, n in rest:
        name = type_name(type(holder))
        numbers[name] += 1
        references[name] += n
    for name, n in references.most_common():
        place = f"{numbers[name]:,} more of type {name}"
        parts.append(Part("other", place, n, 0))
    return [*parts, *variables, *reversed(borrowing)]


def _split(shown: int, reading: CountReading) -> CountSplit | None:
    if not reading.is_split:
        return None
    # References added by this call are on the side that this thread counts on.
    extra = reading.local + reading.shared - shown
    here = reading.is_owned_here
    if reading.is_immortal:
        extra = 0
    return CountSplit(
        local=reading.local - (extra if here else 0),
        shared=reading.shared - (0 if here else extra),
        owner=(
            "this thread"
            if here
            else "no thread"
            if reading.is_merged
            else "another thread"
        ),
    )

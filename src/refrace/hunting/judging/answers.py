"""Answers of operations as plain data that can be compared between rounds.

Objects are made anew for each round, so canaries are compared by their number in the
program, and an object that is no plain data by its type only.  A container to which
something else refers may change while it is looked at; only its type is compared.
"""

from __future__ import annotations

import re
import sys
import zlib
from collections.abc import Callable
from typing import Any

from refrace._native import canary as native
from refrace._native.refcount import short_of_references

__all__ = ["SHARED", "Answer", "Describer"]

Answer = tuple[Any, ...]

SHARED = "shared"
"""Instead of the length and the items of a container to which others refer."""

DEEPEST = 5
MOST_ITEMS = 200
LONGEST = 200
MOST_COUNTED = 2_000
"""Objects of one call whose references are counted."""

_A = {"object": "an"}
_PLAIN = (int, bool, float, complex, type(None), type(...), type(NotImplemented))
_ADDRESS = re.compile(r"0x[0-9a-fA-F]+")

# Messages of the interpreter that mean a bug in C code.
_BROKEN_C = re.compile(
    r"returned a result with an exception set|without setting an exception"
    r"|error return without exception set|bad argument to internal function"
    r"|null argument to internal routine|unknown opcode"
)


def _shown(box: list[Any], index: int) -> int:
    # Of a variable, a parameter or an argument, the code around it decides from CPython
    # 3.14 on whether it is a reference; what is taken out of a list always is one.
    return sys.getrefcount(box[index])


_SHOWN_ALONE = _shown([object()], 0)


def _others(box: list[Any], index: int) -> int:
    """Return how many references to an item of a list there are besides the list's."""
    return _shown(box, index) - _SHOWN_ALONE


class Describer:
    """Describes the answers of one round, and notes dead canaries in them.

    Parameters
    ----------
    index_of : callable
        From the number of a canary to its number in the program; None for a canary
        that another one has made.
    is_counting : bool
        Whether no other thread can count references while an answer is looked at.
        Default: True.

    Attributes
    ----------
    dead : list of int
        Canaries that were dead, or dying, when an operation returned them.
    broken : list of str
        Errors of the interpreter about what C code did.
    short : list of str
        Objects other than canaries with fewer references than containers have to them.
    gave_freed : bool
        Whether an operation gave an object whose memory was freed.
    exhausted : bool
        Whether an operation ran out of memory or stack, so that answers mean nothing.
    """

    def __init__(
        self, index_of: Callable[[int], int | None], is_counting: bool = True
    ) -> None:
        self._index_of = index_of
        self._is_counting = is_counting
        self.short: list[str] = []
        self.dead: list[int] = []
        self.broken: list[str] = []
        self.gave_freed = False
        self.exhausted = False

    def count(self, values: list[Any]) -> None:
        """Note what has fewer references than the containers among `values` have."""
        if not self._is_counting:
            return
        for address, name, count, references in short_of_references(
            values, MOST_COUNTED
        ):
            if native.number_at(address) is None:
                has = "no reference" if count < 1 else f"a count of {count}"
                self.short.append(
                    f"{_A.get(name, 'a')} {name} has {has}, but "
                    f"{references} references are in containers"
                )

    def of_result(self, result: list[Any]) -> Answer:
        """Describe what an operation returned: the only item of a list, taken out."""
        is_fresh = _others(result, 0) == 0
        return ("returned", self._describe(result.pop(), 0, is_fresh))

    def of_error(self, error: BaseException) -> Answer:
        """Describe what an operation raised."""
        if isinstance(error, MemoryError | RecursionError):
            self.exhausted = True
        text = str(error) if type(error) is SystemError else ""
        if _BROKEN_C.search(text):
            self.broken.append(_ADDRESS.sub("0x...", text))
        try:
            arguments = tuple(error.args)
        except Exception:
            arguments = ()
        shape = tuple(self._describe(one, 1, False) for one in arguments[:8])
        return ("raised", getattr(type(error), "__qualname__", "?"), shape)

    def look(self, values: Any) -> None:
        """Note the dead canaries among the arguments that a callback got."""
        self._describe(values, 1, False)

    def _describe(self, value: Any, depth: int, is_fresh: bool) -> Any:
        number = native.number(value)
        if number is not None:
            # Not `read`: its Python code would seem to be that of an operation.
            if native.state_of(number) != "live":
                self.dead.append(number)
            return ("canary", self._index_of(number))
        kind = type(value)
        if not isinstance(kind, type):
            self.gave_freed = True
            return ("freed",)
        if kind in _PLAIN:
            # Repeated NaNs are one answer, and 0.0 is not -0.0.
            return (kind.__name__, repr(value)) if kind in (float, complex) else value
        if kind is str:
            return _shortened(_ADDRESS.sub("0x...", value))
        if kind is bytes:
            return _shortened(value)
        if kind in (tuple, list, dict, set, frozenset):
            return self._container(kind, value, depth, is_fresh)
        return ("object", kind.__qualname__)

    def _container(self, kind: type, value: Any, depth: int, is_fresh: bool) -> Any:
        if depth >= DEEPEST:
            return (kind.__name__, "deep")
        try:
            items = list(value.items()) if kind is dict else list(value)
        except RuntimeError:  # it changed meanwhile
            return (kind.__name__, SHARED)
        length = len(items)
        del items[MOST_ITEMS:]
        described = []
        for index in range(len(items)):
            # The container has it too.  Who has a shared container has all its items.
            alone = is_fresh and _others(items, index) <= 1
            described.append(self._describe(items[index], depth + 1, alone))
        if kind in (list, dict, set) and not is_fresh:
            return (kind.__name__, SHARED)
        if kind in (set, frozenset):
            described.sort(key=repr)
        return (kind.__name__, length, tuple(described))


def _shortened(value: Any) -> Any:
    if len(value) <= LONGEST:
        return value
    data = value if type(value) is bytes else value.encode("utf-8", "surrogatepass")
    return (type(value).__name__, len(value), zlib.crc32(data))

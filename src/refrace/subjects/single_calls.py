"""Whether an operation is one call, so that nobody can come in between its parts."""

from __future__ import annotations

import dis
import inspect
import sys
from itertools import pairwise
from types import CodeType, ModuleType
from typing import Any

__all__ = ["is_single_call"]

# Instructions that may run code other than the method's own.
_FOREIGN = (
    *("CALL", "BINARY_", "COMPARE_OP", "CONTAINS_OP", "FOR_ITER", "GET_ITER"),
    *("STORE_SUBSCR", "STORE_ATTR", "STORE_SLICE", "DELETE_", "UNARY_"),
    *("IMPORT_", "SEND", "GET_AWAITABLE", "BEFORE_WITH", "LOAD_SPECIAL"),
)
_HARMLESS = ("CALL_INTRINSIC", "DELETE_FAST")

# These ask what they are given for one item after the other.
_UNPACKS = (
    *("UNPACK_", "LIST_EXTEND", "SET_UPDATE", "DICT_UPDATE", "DICT_MERGE"),
    "CALL_FUNCTION_EX",
)

# These ask for its truth, which may be its length, or for its text.
_ASKS = ("TO_BOOL", "POP_JUMP", "JUMP_IF", "UNARY_NOT", "FORMAT_")

_LOADS_OF_BUILTINS = {"LOAD_GLOBAL", "LOAD_NAME"}
_LOADS = {"LOAD_ATTR", "LOAD_DEREF", *_LOADS_OF_BUILTINS}
_BETWEEN = {"CACHE", "COPY", "EXTENDED_ARG", "NOP", "PRECALL", "CONVERT_VALUE"}

# Builtins that make many calls of what they are given.
_MANY_CALLS = {
    *("all", "any", "bytearray", "bytes", "dict", "enumerate", "filter", "frozenset"),
    *("list", "map", "max", "min", "next", "repr", "reversed", "set", "sorted", "str"),
    *("sum", "tuple", "zip"),
}


def is_single_call(function: Any) -> bool:
    """Return whether the body is one call or operator, as far as the bytecode shows."""
    code = getattr(function, "__code__", None)
    if not isinstance(code, CodeType):
        return True  # written in C: the call is all there is
    if any(isinstance(constant, CodeType) for constant in code.co_consts):
        return False  # a comprehension or an inner function
    if code.co_flags & (inspect.CO_GENERATOR | inspect.CO_COROUTINE):
        return False
    body = [one for one in dis.get_instructions(code) if one.opname not in _BETWEEN]
    # No methods of these names: what they do is up to the extension.
    names = {one.argval for one in body if one.opname in _LOADS_OF_BUILTINS}
    if _MANY_CALLS & names:
        return False
    reads = _Reads(body, getattr(function, "__globals__", {}))
    return sum(_calls_at(at, body, reads) for at in range(len(body))) <= 1


class _Reads:
    """Which instructions read what threads may share, rather than an argument.

    Parameters
    ----------
    body : list of Instruction
    scope : dict
        The globals of the code.
    """

    def __init__(self, body: list[dis.Instruction], scope: dict[str, Any]) -> None:
        self._body = body
        self._scope = scope
        self._names = {
            _names_of(one)[0]
            for before, one in pairwise(body)
            if before.opname in _LOADS and one.opname.startswith("STORE_FAST")
        }
        # Until 3.12 this comes before what is called, and later behind it.
        self._null_first = sys.version_info < (3, 13)

    def is_shared(self, at: int) -> bool:
        """Return whether the value of an instruction was read from somewhere else."""
        one = self._body[at]
        is_local = "LOAD_FAST" in one.opname
        return one.opname in _LOADS or (is_local and _names_of(one)[-1] in self._names)

    def is_state(self, at: int) -> bool:
        """Return whether it reads an attribute of what is shared, and not to call it.

        Reading one of `self`, or of a module or a class, is what nearly every call
        begins with.
        """
        one, after = self._body[at], self._body[at + 1]
        if one.opname != "LOAD_ATTR" or "NULL|self" in one.argrepr:
            return False
        is_inner = after.opname in {"LOAD_ATTR", "LOAD_METHOD", "PUSH_NULL"}
        if is_inner or not self.is_shared(at - 1):
            return False
        first = at
        while self._body[first].opname == "LOAD_ATTR":
            first -= 1
        root, before = self._body[first], self._body[first - 1]
        if root.opname in _LOADS_OF_BUILTINS and isinstance(
            self._scope.get(root.argval), ModuleType | type
        ):
            return False
        return not (self._null_first and before.opname == "PUSH_NULL")


def _calls_at(at: int, body: list[dis.Instruction], reads: _Reads) -> int:
    """Return how many calls an instruction makes: 0, 1, or 2 for several."""
    name = body[at].opname
    if name.startswith(_UNPACKS):
        last = at - 1
        if name == "CALL_FUNCTION_EX" and body[last].opname == "PUSH_NULL":
            last -= 1  # 3.14: no named arguments
        if reads.is_shared(last):
            return 2
        return body[last].opname != "LOAD_CONST"
    if name.startswith(_ASKS):
        return reads.is_shared(at - 1) and not name.endswith("NONE")
    if name in {"LOAD_ATTR", "LOAD_METHOD"}:
        if body[at].argval == "join" and body[at - 1].opname == "LOAD_CONST":
            return 2  # of a text: it asks for the parts
        return reads.is_state(at)
    return name.startswith(_FOREIGN) and not name.startswith(_HARMLESS)


def _names_of(one: dis.Instruction) -> tuple[Any, ...]:
    """Return the local variables of an instruction; 3.13 has some with two."""
    return one.argval if isinstance(one.argval, tuple) else (one.argval,)

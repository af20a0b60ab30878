"""A strategy for any argument: also those that an extension may not expect."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from refrace.strategies.draw_canaries import canaries, canaries_of_any_kind
from refrace.strategies.drawing import current, pick
from refrace.strategies.hostile_classes import draw_class
from refrace.subjects import Callback, HostileValue, OrderedSet, make_class
from refrace.subjects.callback import ACTIONS

__all__ = ["anything"]

DEEPEST = 3

_INTEGERS = (
    *(0, 1, -1, 2, 3, 7, 255, 256, -(2**31), 2**31, 2**63 - 1, 2**63, -(2**63)),
    *(2**64, 10**40, -(10**40)),
)
_TEXTS = (
    *("", "a", "key", "abc" * 20, "\x00", "\u00e9", "\u20ac\u4e2d", "\U0001f40d"),
    *("\ud800", "%s%n", "\u00e9" * 8_000, "x" * 70_000, "\U0001f40d" * 20_000),
)
_BYTES = (
    *(b"", b"a", b"abcdefgh", b"\x00\xff", b"abcdefgh" * 100, b"x" * 70_000),
    b"abcdefgh" * 25_000,
)
_FLOATS = (0.0, 1.5, -0.0, float("inf"), float("nan"), 1e300)
_OTHERS = (
    *(True, False, 0.0, 1.5, -0.0, float("inf"), float("nan"), 1j, ...),
    *(range(3), slice(1, 2), frozenset({1, "a"}), ValueError("wrong"), Decimal("1.5")),
    *(datetime(2024, 2, 29, 12, 30, tzinfo=UTC), date(2024, 2, 29), timedelta(1)),
    *(UUID(int=14), Fraction(1, 3)),
)
_HOSTILE: tuple[Any, ...] = (
    *(0, 7, 1.5, "", "key", b"abc", (), (1, 2), [], [1, 2], {}, {"key": 1}),
    frozenset({1}),
)
_TYPES = (object, int, str, list, dict, type, Exception)

# How a value is drawn, several times for the frequent ones; the first is the simplest.
_FORMS = (
    *("canary",) * 10,
    *("none", "integer", "text", "bytes", "other"),
    *("list", "list", "tuple", "dict", "set"),
    *("again", "callback", "bytearray", "object", "type", "method", "hostile"),
)

# The same for each group of arguments; protocols are those of a canary.
_OF_GROUPS: dict[str, tuple[str | frozenset[str], ...]] = {
    "callable": (
        *(frozenset({"hash", "eq", "call"}),) * 3,
        *("callback", "callback", "callback", "type", "method"),
    ),
    "number": (
        *("integer",) * 4,
        *("float", "other", frozenset({"hash", "eq", "number"})),
        frozenset({"number"}),
    ),
    "text": ("text",),
    "bytes": ("bytes", "bytes", "bytearray", frozenset({"buffer"})),
    "sequence": (
        *("list", "list", "list", "tuple", "container again"),
        frozenset({"sequence", "iterator"}),
    ),
    "mapping": (
        *("dict", "dict", "dict", "container again"),
        frozenset({"mapping", "iterator"}),
    ),
    "iterable": (
        *("set", "list", frozenset({"sequence", "iterator"})),
        *(frozenset({"iterator", "context"}), frozenset({"iterator"})),
    ),
    "object": ("canary", "canary", frozenset({"hash", "eq"}), "again"),
    "none": ("none",),
}

_LEAVES = tuple(form for form in _FORMS if form not in {"list", "tuple", "dict", "set"})


@st.composite
def anything(draw: Any) -> Any:
    """Generate values of all kinds, valid arguments and others.

    Returns
    -------
    SearchStrategy
        Canaries with different protocols, numbers (large ones too), texts (not only
        ASCII, and longer than 64 K), bytes, buffers, None, callbacks, types, and
        containers of all of these.  In a hunt, the same object may stand in several
        places, and a list may contain itself; and a parameter often has arguments of
        one kind in a program, such as those that calls have not refused before.

    Examples
    --------
    >>> anything().example()  # doctest: +SKIP
    [Canary(supports={'hash', 'eq'}), 256]
    """
    return _draw(draw, 0)


def _draw(draw: Any, depth: int) -> Any:
    drawn = current()
    group = drawn.group(draw) if drawn is not None and depth == 0 else None
    if group is not None:
        return _draw_of_group(draw, group)
    form = pick(draw, _FORMS if depth < DEEPEST else _LEAVES)
    return _MAKERS[form](draw, depth)


def _draw_of_group(draw: Any, group: str) -> Any:
    form = pick(draw, _OF_GROUPS[group])
    drawn = current()
    if isinstance(form, str):
        return _MAKERS[form](draw, 0)
    assert drawn is not None
    return drawn.canary(draw, form)


def _a_list(draw: Any, depth: int) -> Any:
    made: list[Any] = []
    _remember(made)
    for _ in range(pick(draw, range(5))):
        made.append(_draw(draw, depth + 1))
    if made and pick(draw, range(10)) == 9:
        made *= 20
    return made


def _a_tuple(draw: Any, depth: int) -> Any:
    return tuple(_draw(draw, depth + 1) for _ in range(pick(draw, range(4))))


def _a_dict(draw: Any, depth: int) -> Any:
    made: dict[Any, Any] = {}
    _remember(made)
    for _ in range(pick(draw, range(4))):
        key = _draw_key(draw)
        made[key] = _draw(draw, depth + 1)
    return made


def _a_set(draw: Any, depth: int) -> Any:
    return OrderedSet(_draw_key(draw) for _ in range(pick(draw, range(4))))


def _draw_key(draw: Any) -> Any:
    """Draw a canary that can be a key, a text or a number."""
    form = pick(draw, ("text", "canary", "integer"))
    return draw(canaries()) if form == "canary" else _MAKERS[form](draw, DEEPEST)


def _again(draw: Any, depth: int) -> Any:
    """Draw an object that stands elsewhere already."""
    drawn = current()
    kinds = [] if drawn is None else [drawn.containers, drawn.canaries]
    kinds = [one for one in kinds if one]
    return pick(draw, pick(draw, kinds)) if kinds else draw(canaries_of_any_kind())


def _a_container_again(draw: Any, depth: int) -> Any:
    drawn = current()
    if drawn is None or not drawn.containers:
        return _a_list(draw, depth)
    return pick(draw, drawn.containers)


def _a_callback(draw: Any, depth: int) -> Any:
    action = pick(draw, ACTIONS)
    value = _draw(draw, DEEPEST)
    drawn = current()
    if drawn is not None and action == "reenter":
        drawn.needs_reentries = True
    return Callback(action, value)


def _a_hostile(draw: Any, depth: int) -> Any:
    """Draw an instance of a subclass of a builtin type that misbehaves."""
    value = pick(draw, _HOSTILE)
    hostile = draw_class(draw, type(value))
    if current() is None:
        return make_class(hostile)(value)
    return HostileValue(hostile, value)


def _remember(container: Any) -> None:
    drawn = current()
    if drawn is not None:
        drawn.containers.append(container)


def _sampled(values: tuple[Any, ...]) -> Any:
    return lambda draw, depth: pick(draw, values)


_MAKERS: dict[str, Any] = {
    "canary": lambda draw, depth: draw(canaries_of_any_kind()),
    "none": lambda draw, depth: None,
    "integer": _sampled(_INTEGERS),
    "text": _sampled(_TEXTS),
    "bytes": _sampled(_BYTES),
    "other": _sampled(_OTHERS),
    "float": _sampled(_FLOATS),
    "list": _a_list,
    "tuple": _a_tuple,
    "dict": _a_dict,
    "set": _a_set,
    "again": _again,
    "container again": _a_container_again,
    "callback": _a_callback,
    "bytearray": lambda draw, depth: bytearray(pick(draw, _BYTES)),
    "object": lambda draw, depth: object(),
    "type": _sampled(_TYPES),
    "hostile": _a_hostile,
    "method": lambda draw, depth: str.upper,
}

"""A strategy for subclasses in which one attribute misbehaves."""

from __future__ import annotations

import inspect
import types
from typing import Any

from hypothesis import strategies as st

from refrace._base.arguments import a_kind
from refrace._base.safe_repr import shown
from refrace.errors import InvalidArgument, InvalidArgumentType
from refrace.strategies.drawing import current, pick
from refrace.subjects import HostileClass, attributes_of, is_special, make_class

__all__ = ["draw_class", "hostile"]


def hostile(cls: type) -> st.SearchStrategy[Any]:
    """Generate subclasses of a class in which one attribute misbehaves.

    Parameters
    ----------
    cls : type
        A class that can be subclassed.

    Returns
    -------
    SearchStrategy of type
        Subclasses.  In each, one attribute of the class (a method, a property, also a
        special method) raises RuntimeError, lets other threads run, calls the subject
        of the hunt, or changes containers among the arguments; then it does what it
        does in `cls`.

    Raises
    ------
    InvalidArgumentType
        If `cls` is no class.
    InvalidArgument
        If it cannot be subclassed.

    Examples
    --------
    >>> hostile(dict).example()  # doctest: +SKIP
    <class 'refrace.subjects.hostile.Hostile_dict_pop_raise'>
    """
    if not inspect.isclass(cls):
        raise InvalidArgumentType(
            f"hostile({shown(cls)}) is given {a_kind(cls)}; pass a class"
        )
    try:
        types.new_class("_Probe", (cls,))
    except TypeError as error:
        raise InvalidArgument(
            f"hostile({shown(cls)}) is given a class without subclasses ({error}); "
            "pass a class that can be subclassed"
        ) from None
    return _draw(cls)


@st.composite
def _draw(draw: Any, cls: type) -> Any:
    made = draw_class(draw, cls)
    return make_class(made) if current() is None else made


def draw_class(draw: Any, cls: type) -> HostileClass:
    """Draw the description of a subclass of `cls`."""
    names = attributes_of(cls)
    # Half of the time an attribute of the class itself: there are few of them, and its
    # code reads them without expecting an error.
    own = [name for name in names if not is_special(name)]
    is_own = bool(own) and pick(draw, (True, False))
    name = pick(draw, own if is_own else names)
    is_method = callable(inspect.getattr_static(cls, name, None))
    forms = ("method", "property") if is_method else ("property",)
    form = pick(draw, forms)
    action = pick(draw, ("raise", "yield", "reenter", "mutate"))
    drawn = current()
    if drawn is not None:
        drawn.needs_reentries |= action == "reenter"
    return HostileClass(cls, name, form, action)

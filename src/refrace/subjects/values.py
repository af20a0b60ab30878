"""The arguments of a program as one pickle, loaded anew for each round.

One pickle for all calls keeps what is shared between them: an object that stands in two
places is one object again.  Canaries and hostile classes are persistent ids: the loader
decides what stands for them.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable, Iterable
from typing import Any

from refrace._base.safe_repr import shown
from refrace.errors import InvalidArgument, MissingPackage

__all__ = [
    "CanaryArgument",
    "HostileClass",
    "HostileValue",
    "OrderedSet",
    "dump",
    "is_plain",
    "load",
]


_PLAIN = {int, float, complex, bool, str, bytes, type(None)}


class CanaryArgument:
    """Stands for canary number `number` of a program among drawn arguments."""

    __slots__ = ("__weakref__", "number", "supports")

    def __init__(self, number: int, supports: frozenset[str] = frozenset()) -> None:
        self.number = number
        self.supports = supports

    def __repr__(self) -> str:
        return f"c{self.number}"


class HostileClass:
    """Stands for a subclass of `base` in which one attribute misbehaves.

    Attributes
    ----------
    base : type
        The class.
    attribute : str
        The name of the overridden attribute.
    form : {"property", "method"}
        Whether an access or a call misbehaves.
    action : {"yield", "reenter", "mutate", "raise"}
        What it does before it returns what the base class would.
    """

    __slots__ = ("__weakref__", "action", "attribute", "base", "form")

    def __init__(self, base: type, attribute: str, form: str, action: str) -> None:
        self.base = base
        self.attribute = attribute
        self.form = form
        self.action = action

    def __repr__(self) -> str:
        return f"Hostile_{self.base.__name__}_{self.attribute}_{self.action}"


class HostileValue:
    """Stands for an instance of a hostile class, which is made of a value.

    Attributes
    ----------
    cls : HostileClass
        The class.
    value : object
        What the class is called with.
    """

    __slots__ = ("__weakref__", "cls", "value")

    def __init__(self, cls: HostileClass, value: Any) -> None:
        self.cls = cls
        self.value = value


def is_plain(value: Any) -> bool:
    """Return whether a value cannot change, so that many calls can share it."""
    if type(value) is tuple:
        return all(map(is_plain, value))
    return type(value) in _PLAIN


class OrderedSet(set[Any]):
    """A set that is pickled, as a plain set, in the order of its making.

    The order of a plain one depends on addresses and on the hash seed, and equal draws
    shall give equal programs.
    """

    def __init__(self, items: Iterable[Any] = ()) -> None:
        self.ordered = list(dict.fromkeys(items))
        super().__init__(self.ordered)

    def __reduce__(self) -> tuple[Any, ...]:
        return set, (self.ordered,)


def dump(values: Any, numbers: dict[int, int] | None = None) -> bytes:
    """Return `values` as bytes for :func:`load`.

    Parameters
    ----------
    values : object
        The values.
    numbers : dict of int to int, optional
        New numbers of canaries.  Those that it lacks get the next ones, and are added.
        Default: canaries keep their numbers.

    Raises
    ------
    InvalidArgument
        If something in them cannot be pickled.
    MissingPackage
        If cloudpickle is not installed.
    """
    try:
        import cloudpickle
    except ImportError as error:
        raise MissingPackage(
            f"a hunt needs the package cloudpickle ({error}); install it: "
            "pip install 'refrace[hunt]'"
        ) from None

    class Pickler(cloudpickle.Pickler):  # type: ignore[misc]
        def persistent_id(self, value: Any) -> Any:
            identity = _persistent_id(value)
            if identity is None or numbers is None or identity[0] != "canary":
                return identity
            return "canary", numbers.setdefault(identity[1], len(numbers))

    buffer = io.BytesIO()
    try:
        Pickler(buffer, protocol=5).dump(values)
    except Exception as error:
        raise InvalidArgument(
            f"the drawn arguments {shown(values)} cannot be pickled "
            f"({type(error).__name__}: {error}); draw plain data, and build such "
            "objects from it inside the operation"
        ) from error
    return buffer.getvalue()


def _persistent_id(value: Any) -> Any:
    if type(value) is CanaryArgument:
        return ("canary", value.number)
    if type(value) is HostileClass:
        return ("hostile", *_described(value))
    if type(value) is HostileValue:
        return ("instance", *_described(value.cls), value.value)
    return None


def _described(cls: HostileClass) -> tuple[Any, ...]:
    return cls.base, cls.attribute, cls.form, cls.action


class _Loader(pickle.Unpickler):
    def __init__(self, data: bytes, make: Callable[[Any], Any]) -> None:
        super().__init__(io.BytesIO(data))
        self.persistent_load = make  # type: ignore[method-assign]


def load(
    data: bytes,
    make_canary: Callable[[int], Any],
    make_class: Callable[[HostileClass], type] | None = None,
) -> Any:
    """Load what :func:`dump` stored.

    Parameters
    ----------
    data : bytes
        The pickle.
    make_canary : callable
        Called with a canary's number, for each place in which it stands; returns the
        same object each time.
    make_class : callable, optional
        Called with each hostile class.  Default: the :class:`HostileClass` itself, and
        a :class:`HostileValue` for each instance.
    """
    classes: dict[Any, Any] = {}

    def class_of(*key: Any) -> Any:
        if key not in classes:
            hostile = HostileClass(*key)
            classes[key] = hostile if make_class is None else make_class(hostile)
        return classes[key]

    def make(identity: Any) -> Any:
        if identity[0] == "canary":
            return make_canary(identity[1])
        if identity[0] == "hostile":
            return class_of(*identity[1:])
        *key, value = identity[1:]
        cls = class_of(*key)
        return HostileValue(cls, value) if make_class is None else cls(value)

    return _Loader(data, make).load()

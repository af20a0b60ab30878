"""What a hunt is about: something to make, and what may be called on it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any

from refrace._base.arguments import a_kind
from refrace._base.runnable import check_runnable
from refrace._base.safe_repr import shown
from refrace.errors import InvalidArgument, InvalidArgumentType
from refrace.subjects.operation import MARK, Operation, parameters_of
from refrace.subjects.single_calls import is_single_call

__all__ = ["Subject"]


@dataclass(frozen=True)
class Subject:
    """Something that a hunt makes, and what may be called on it.

    Made by :meth:`of` from a class or a function; the verbs do that themselves.

    Attributes
    ----------
    target : type or callable
        The class, or the function.
    name : str
        Its name, for reports.
    """

    target: Any
    name: str = field(compare=False)

    @classmethod
    def of(cls, what: Any) -> Subject:
        """Return `what` as a subject.

        Parameters
        ----------
        what : type, callable or Subject
            A class with methods decorated by ``refrace.operation`` and, all optional,
            ``setup``, ``check`` and ``teardown``; or a function, which is its own only
            operation; or a subject, which is returned as it is.

        Raises
        ------
        InvalidArgument
            If a class has no operation, or cannot be made without arguments; or if
            calling a function only makes a coroutine or a generator.
        InvalidArgumentType
            If it is none of these.
        """
        if isinstance(what, Subject):
            return what
        name = getattr(what, "__name__", None) or type(what).__name__
        if not callable(what):
            raise InvalidArgumentType(
                f"subject={shown(what)} is {a_kind(what)}; pass a class with methods "
                "decorated by @refrace.operation, or a function"
            )
        check_runnable("subject=", what)
        subject = cls(what, str(name))
        if inspect.isclass(what):
            _check_class(what, subject)
        return subject

    @cached_property
    def operations(self) -> Mapping[str, Operation]:
        """What may be called, by name, in the order of definition."""
        if not inspect.isclass(self.target):
            one = Operation(
                self.name,
                parameters_of(self.target, 0, {}),
                MappingProxyType({}),
                is_single_call(self.target),
            )
            return MappingProxyType({self.name: one})
        return MappingProxyType(
            {
                name: Operation(
                    name,
                    parameters_of(function, 1, getattr(function, MARK)),
                    getattr(function, MARK),
                    is_single_call(function),
                )
                for name, function in _marked(self.target).items()
            }
        )

    def make(self) -> Any:
        """Return a new instance after its ``setup``; None for a function."""
        if not inspect.isclass(self.target):
            return None
        made = self.target()
        setup = getattr(made, "setup", None)
        if setup is not None:
            setup()
        return made

    def bind(self, made: Any, operation: str) -> Callable[..., Any]:
        """Return the callable of one operation on what :meth:`make` returned."""
        if not inspect.isclass(self.target):
            return self.target  # type: ignore[no-any-return]
        return getattr(made, operation)  # type: ignore[no-any-return]

    def method(self, made: Any, name: str) -> Callable[[], Any] | None:
        """Return ``check`` or ``teardown`` of an instance, or None."""
        return None if made is None else getattr(made, name, None)


def _marked(target: type) -> dict[str, Any]:
    """Return the decorated functions of a class and its bases by name."""
    named: dict[str, Any] = {}
    for base in reversed(target.__mro__):
        for name in vars(base):
            function = getattr(target, name, None)
            if getattr(function, MARK, None) is not None:
                named[name] = function
    return named


def _check_class(target: type, subject: Subject) -> None:
    if not _marked(target):
        raise InvalidArgument(
            f"subject={shown(target)} has no operations; decorate methods with "
            "@refrace.operation, or pass a function that calls the class"
        )
    try:
        needed = parameters_of(target, 0, {})
    except Exception:
        return
    if needed:
        listed = ", ".join(name for name, _ in needed)
        raise InvalidArgument(
            f"subject={shown(target)} cannot be made without arguments ({listed}); "
            "make what it needs in a method setup(self)"
        )

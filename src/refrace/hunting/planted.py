"""Subjects with a planted bug, which a hunt must find before it looks for others.

Each has one operation, so that nearly every program shows the bug.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from refrace._native.planted import Planted
from refrace.strategies import canaries
from refrace.subjects.operation import operation

__all__ = [
    *("BorrowedFirst", "Correct", "Crash", "Drop", "Leak", "LostUpdate", "Wait"),
    "WithoutGil",
]

_LISTS = st.lists(canaries(), min_size=1, max_size=3)


class _Buggy:
    def setup(self) -> None:
        self.planted = Planted(True)


class Leak(_Buggy):
    """A reference to the argument is never dropped: a finding "leak"."""

    @operation(value=canaries())
    def leak(self, value: Any) -> Any:
        """Return `value`."""
        return self.planted.leak(value)


class Drop(_Buggy):
    """A reference of the caller is dropped: a finding "over-decref"."""

    @operation(value=canaries())
    def drop(self, value: Any) -> Any:
        """Return `value`."""
        return self.planted.drop(value)


class BorrowedFirst(_Buggy):
    """An item that died during a callback is returned: "use-after-free"."""

    @operation(items=_LISTS)
    def first_before(self, items: list[Any]) -> Any:
        """Return the item that was first before the list was cleared."""
        return self.planted.first_before(items, list.clear)


class LostUpdate(_Buggy):
    """Two threads add to a total, and one addition is lost: "wrong-answer"."""

    @operation
    def add(self) -> int:
        """Return the new total."""
        return self.planted.add()


class WithoutGil(_Buggy):
    """The last reference is dropped without the GIL: "decref-without-gil"."""

    @operation(items=_LISTS)
    def discard_last(self, items: list[Any]) -> None:
        """Remove the last item."""
        self.planted.store(items.pop())
        self.planted.discard()


class Crash(_Buggy):
    """The process receives a SIGSEGV: "crash"."""

    @operation
    def crash(self) -> None:
        """Crash."""
        self.planted.crash()


class Wait(_Buggy):
    """A thread waits with the GIL for ever: "deadlock" or "hang"."""

    @operation
    def wait(self) -> None:
        """Wait."""
        self.planted.wait()


class Correct:
    """All operations in their fixed form: no finding."""

    def setup(self) -> None:
        """Make it."""
        self.planted = Planted(False)

    @operation(value=canaries())
    def leak(self, value: Any) -> Any:
        """Return `value`."""
        return self.planted.leak(value)

    @operation(value=canaries())
    def drop(self, value: Any) -> Any:
        """Return `value`."""
        return self.planted.drop(value)

    @operation(items=_LISTS)
    def first_before(self, items: list[Any]) -> Any:
        """Return the item that was first before the list was cleared."""
        return self.planted.first_before(items, list.clear)

    @operation
    def add(self) -> int:
        """Return the new total."""
        return self.planted.add()

    @operation(value=canaries())
    def store(self, value: Any) -> None:
        """Keep `value`."""
        self.planted.store(value)

    @operation
    def discard(self) -> None:
        """Drop what is kept."""
        self.planted.discard()

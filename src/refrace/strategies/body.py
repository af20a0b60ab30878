"""A body of a generated program under construction: its lines and ownership."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from hypothesis import strategies as st

from refrace.strategies.symbolic_state import SymbolicState

__all__ = ["Body", "Pointer"]

T = TypeVar("T")

DEEPEST_BLOCK = 3


@dataclass(frozen=True)
class Pointer:
    """What is known about the object that a local points to.

    Attributes
    ----------
    own : int
        References that this block holds and may drop.
    safe : bool
        Whether something outside this block keeps it alive.
    dying : bool
        Whether it is the object of the running finaliser.
    """

    own: int = 0
    safe: bool = False
    dying: bool = False


class Body:
    """A thread, sub-program or finaliser that rules append lines to.

    A clean program (`state.clean`) touches only objects that it holds or that are
    kept alive for it, and drops every reference once.  Otherwise :meth:`touchable` and
    :meth:`owned` return every pointer.
    """

    def __init__(
        self,
        state: SymbolicState,
        draw: Callable[[Any], Any],
        grow: Callable[[Body], Any],
        kind: str,
        budget: int,
        index: int = 0,
    ) -> None:
        self.state = state
        self.draw = draw
        self.kind = kind
        self.index = index
        """Index of the thread, from 0."""
        self.budget = budget
        """Number of rules that may still be drawn, in all blocks together."""
        self.lines: list[str] = []
        self.pointers: dict[str, Pointer] = {}
        self.integers: list[str] = []
        self.lock_level = 0
        """Index of the first lock, in the state's order, that may be taken here."""
        self.in_loop = False
        self.leave = "return"
        """The statement that leaves the body early."""
        self.has_pending_write = kind != "thread"  # the caller may have one
        """Whether a write may be pending in the thread's store buffer."""
        self.tidy = True
        self._grow = grow
        self._depth = 0
        self._fresh: dict[str, int] = {}

    # ------------------------------------------------------------- choosing

    def pick(self, choices: Sequence[T]) -> T:
        """Draw one of `choices`; the first is the simplest."""
        return self.draw(st.sampled_from(list(choices)))  # type: ignore[no-any-return]

    def chance(self) -> bool:
        """Draw a boolean; False is simpler."""
        return bool(self.draw(st.booleans()))

    def number(self, low: int, high: int) -> int:
        """Draw a whole number; the one nearest to 0 is the simplest."""
        return int(self.draw(st.integers(low, high)))

    # -------------------------------------------------------------- asking

    def touchable(self) -> list[str]:
        """Return the pointers whose object certainly exists."""
        return [
            name
            for name, pointer in self.pointers.items()
            if not self.state.clean or pointer.safe or pointer.own
        ]

    def countable(self) -> list[str]:
        """Return the touchable pointers whose count may be incremented."""
        return [
            name
            for name in self.touchable()
            if not self.state.clean or not self.pointers[name].dying
        ]

    def owned(self) -> list[str]:
        """Return the pointers through which a reference can be dropped."""
        return [
            name
            for name, pointer in self.pointers.items()
            if not self.state.clean or pointer.own
        ]

    def may_nest(self) -> bool:
        """Return whether another block may begin here."""
        return self._depth < DEEPEST_BLOCK

    def may_lock(self) -> bool:
        """Return whether a lock may be taken here without a risk of deadlock."""
        return self.kind == "thread" or not self.state.clean

    # ------------------------------------------------------------- writing

    def add(self, line: str) -> None:
        """Append a statement."""
        self.lines.append(line)

    def new_pointer(self, pointer: Pointer) -> str:
        """Return a fresh local that points as `pointer` says."""
        name = self._name("x")
        self.pointers[name] = pointer
        return name

    def new_integer(self) -> str:
        """Return a fresh local that holds an integer."""
        name = self._name("n")
        self.integers.append(name)
        return name

    def _name(self, letter: str) -> str:
        taken = self._fresh.get(letter, 0) + 1
        self._fresh[letter] = taken
        return letter if taken == 1 else f"{letter}{taken}"

    def take_count(self, name: str) -> None:
        """Record one more reference held through a local."""
        pointer = self.pointers[name]
        self.pointers[name] = replace(pointer, own=pointer.own + 1)

    def give_up_count(self, name: str) -> None:
        """Record one reference less; without any, the local is removed."""
        pointer = self.pointers[name]
        if pointer.own > 1 or pointer.safe or not self.state.clean:
            own = max(pointer.own - 1, 0)
            self.pointers[name] = replace(pointer, own=own)
        else:
            del self.pointers[name]

    def drained(self) -> None:
        """Record that the store buffer is empty now."""
        self.has_pending_write = False

    def drop_all(self) -> None:
        """Drop every reference of this block if the body is tidy."""
        if not self.tidy:
            return
        for name, pointer in list(self.pointers.items()):
            for _ in range(pointer.own):
                self.add(f"decref {name}")
                self.drained()
                self.give_up_count(name)

    # -------------------------------------------------------------- blocks

    def grow(self) -> None:
        """Apply rules until the budget is used up or no more rules are drawn."""
        if self.budget > 0:
            self.draw(self._grow(self))

    @contextmanager
    def block(self, opener: str, *, is_loop: bool = False) -> Iterator[None]:
        """Open a block that may run any number of times; it drops what it takes.

        References from outside keep objects alive inside, and cannot be dropped there.
        """
        outer, integers = self.pointers, list(self.integers)
        was_in_loop = self.in_loop
        pending = self.has_pending_write
        self.pointers = {
            name: replace(pointer, own=0, safe=pointer.safe or pointer.own > 0)
            for name, pointer in outer.items()
        }
        # Writes that one iteration leaves pending are still pending in the next.
        self.has_pending_write = pending or is_loop
        self.in_loop = was_in_loop or is_loop
        self._depth += 1
        self.add(f"{opener} {{")
        yield
        self.drop_all()
        self.add("}")
        self._depth -= 1
        self.in_loop = was_in_loop
        self.has_pending_write = self.has_pending_write or pending
        self.pointers, self.integers = outer, integers

    def with_owned(self, name: str, opener: str) -> None:
        """Grow a block in which local `name` owns one reference, dropped at its end."""
        with self.block(opener):
            self.pointers[name] = Pointer(own=1)
            self.grow()

    @contextmanager
    def section(self, lock: str, level: int) -> Iterator[None]:
        """Hold a lock; until its end only locks from `level` on may be taken."""
        outer_level = self.lock_level
        self.lock_level = level
        self._depth += 1
        self.add(f"lock {lock}")
        yield
        self.add(f"unlock {lock}")
        self.drained()
        self._depth -= 1
        self.lock_level = outer_level

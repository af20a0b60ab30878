"""Whether the answers of threads are those of some sequential order.

The calls run again one after the other, each in its own thread, on a fresh subject:
first in a few orders, and in all of them before answers are called wrong.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

from refrace.hunting.judging.answers import Answer
from refrace.hunting.judging.contents import has_shared, without_contents

__all__ = ["CallWaits", "Orders", "count_orders", "orders_of"]

Order = tuple[tuple[int, int], ...]
Answers = tuple[Answer, ...]

MOST_ORDERS = 500
"""Programs with more orders are not compared."""

TIMES_ALONE = 3
"""Runs of the first order, to see which answers vary without any race."""

TIMES_AGAIN = 8
"""Runs of each order, one after the other, before answers are called wrong.

After so many rounds canaries have the same addresses and identity hashes again, and
others until then, so a hash table may give its items in another order.
"""

MOST_AGAIN = 64
"""Of these runs for all orders, if there are many."""


def count_orders(lengths: Sequence[int]) -> int:
    """Return the number of orders of threads with so many calls each."""
    total = math.factorial(sum(lengths))
    for length in lengths:
        total //= math.factorial(length)
    return total


def orders_of(lengths: Sequence[int]) -> Iterator[Order]:
    """Yield every order of the calls that keeps those of each thread in order."""
    left = list(lengths)

    def extend(order: Order) -> Iterator[Order]:
        if not any(left):
            yield order
            return
        for thread, remaining in enumerate(left):
            if remaining:
                left[thread] -= 1
                call = lengths[thread] - remaining
                yield from extend((*order, (thread, call)))
                left[thread] += 1

    return extend(())


class CallWaits(Exception):
    """A call waits for a later one of its order, which therefore cannot happen."""


class Orders:
    """The answers of the sequential orders of a program, run when they are needed.

    Parameters
    ----------
    lengths : sequence of int
        The number of calls of each thread.
    run : callable
        Runs the program in an order; returns the answers, or None if they mean nothing.
        Raises `CallWaits` if the calls cannot be made in this order.

    Attributes
    ----------
    varying : set of int
        Calls whose answers vary in one and the same order.
    """

    def __init__(
        self, lengths: Sequence[int], run: Callable[[Order], Answers | None]
    ) -> None:
        self._run = run
        self._left = orders_of(lengths)
        self._tried: list[Order] = []
        self._known: set[Answers] = set()
        self._answers: dict[Order, Answers] = {}
        self.varying: set[int] = set()
        self._with_shared: set[int] = set()
        self._masked_of: tuple[int, ...] = ()
        self._masked_answers: set[Answers] = set()
        self._has_looked_again = False
        self.is_usable = True

    def begin(self) -> None:
        """Run the first order some times, to learn which answers vary."""
        for first in self._left:
            self._tried.append(first)
            self._learn(first)
            if first in self._answers or not self.is_usable:
                break
        else:
            self.is_usable = False
            return
        for _ in range(TIMES_ALONE - 1):
            self._learn(first)

    def explain(self, answers: Sequence[Answer]) -> bool:
        """Return whether some order gives these answers; True if that is unknown."""
        self._note_shared(answers)
        if not self.is_usable or self._masked(answers) in self._masked_known():
            return True
        for order in self._left:
            self._tried.append(order)
            self._learn(order)
            if not self.is_usable or self._masked(answers) in self._masked_known():
                return True
        # No order does.  Look again at all of them, for answers that vary.
        times = 1
        if not self._has_looked_again:
            times = max(1, min(TIMES_AGAIN, MOST_AGAIN // len(self._tried)))
        for order in self._tried:
            for _ in range(times):
                self._learn(order)
                if not self.is_usable or self._masked(answers) in self._masked_known():
                    return True
        self._has_looked_again = True
        return False

    def _learn(self, order: Order) -> None:
        try:
            given = self._run(order)
        except CallWaits:
            return
        if given is None:
            self.is_usable = False
            return
        self._note_shared(given)
        again = self._answers.setdefault(order, given)
        for index, (one, other) in enumerate(zip(again, given, strict=True)):
            if one != other:
                self.varying.add(index)
        self._known.add(given)

    def _note_shared(self, answers: Sequence[Answer]) -> None:
        """Note where the contents of containers depend on when they are looked at."""
        self._with_shared.update(
            index for index, one in enumerate(answers) if has_shared(one)
        )

    def _masked(self, answers: Sequence[Answer]) -> Answers:
        return tuple(
            without_contents(one) if index in self._with_shared else one
            for index, one in enumerate(answers)
            if index not in self.varying
        )

    def _masked_known(self) -> set[Answers]:
        if not self.varying and not self._with_shared:
            return self._known
        # These only grow; many rounds in a row ask for the same.
        now = (len(self._known), len(self.varying), len(self._with_shared))
        if self._masked_of != now:
            self._masked_of = now
            self._masked_answers = {self._masked(one) for one in self._known}
        return self._masked_answers

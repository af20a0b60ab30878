"""Whether a call waits for a later one in a sequential order of a program."""

from __future__ import annotations

from collections.abc import Callable

from refrace.hunting.execution.round_result import InTurn
from refrace.hunting.execution.rounds import Rounds
from refrace.hunting.judging.orders import Order
from refrace.hunting.schedules.runtime import ScheduledWorkers

__all__ = ["BLOCKS", "TriedOrders"]

BLOCKS = "a call blocks in code that is not scheduled"
_ALWAYS_WAITS = "in each sequential order, a call waits for a later one"


class TriedOrders:
    """Tries each order under the scheduler, where a call that waits lets others go on.

    With no points, as answers of an order are made, it would block its thread for good.

    Parameters
    ----------
    rounds : Rounds
    workers : ScheduledWorkers
    settle : callable
        Called after each round.
    """

    def __init__(
        self, rounds: Rounds, workers: ScheduledWorkers, settle: Callable[[], object]
    ) -> None:
        self._rounds, self._workers, self._settle = rounds, workers, settle
        self._waits: dict[Order, bool | None] = {}

    def waits(self, order: Order) -> bool | None:
        """Return whether a call waits for a later one; None if that is not known."""
        if order not in self._waits:
            self._waits[order] = self._try(order)
        return self._waits[order]

    def _try(self, order: Order) -> bool | None:
        waits: bool | None = False

        def in_turn(tasks: InTurn) -> None:
            nonlocal waits
            waits = self._workers.waits_in_turn(tasks)

        with self._workers.round():
            self._rounds.run(order, in_turn)
            self._settle()
        return waits

    @property
    def has_run(self) -> bool:
        """Whether some order is one in which no call waits."""
        return False in self._waits.values()

    @property
    def why_not_compared(self) -> str | None:
        """Why the orders so far give no answers to compare with; None if they do."""
        if None in self._waits.values():
            return BLOCKS
        return _ALWAYS_WAITS if self._waits and not self.has_run else None

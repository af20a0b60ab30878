"""Stateful tests that judge reference counts: a base class for Hypothesis machines."""

from __future__ import annotations

import gc
import sys
from collections.abc import Collection
from typing import Any

from hypothesis.stateful import RuleBasedStateMachine

from refrace.canaries import harness
from refrace.canaries.protocols import DEFAULT_SUPPORTS
from refrace.canaries.record import CanaryRecord
from refrace.canaries.spec import CanarySpec, checked_supports

__all__ = ["RefcountMachine"]


class RefcountMachine(RuleBasedStateMachine):
    """Base of a stateful test of your own type; it judges canaries at its end.

    A subclass keeps what it tests in attributes of its own, passes objects made by
    :meth:`canary` to it in its rules, and keeps no reference to them itself.  When a
    run ends, the machine drops its attributes, collects, and compares the count of
    each canary with the one reference that is left: the harness's.

    Raises
    ------
    AssertionError
        At the end of a run, if a canary has a reference too many (a leak) or too few,
        died while it was in use, or was used after its death.  Hypothesis then shows
        the shortest sequence of rules.

    Notes
    -----
    A run in which a rule raised is not judged: the traceback may keep references.  A
    cache outside of the machine that keeps a canary counts as a leak.

    Examples
    --------
    >>> from hypothesis.stateful import rule
    >>> from refrace.strategies import RefcountMachine
    >>> class Stack(RefcountMachine):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.stack = []
    ...     @rule()
    ...     def push(self):
    ...         self.stack.append(self.canary())
    ...     @rule()
    ...     def pop(self):
    ...         self.stack and self.stack.pop()
    >>> TestStack = Stack.TestCase
    """

    def __init__(self) -> None:
        super().__init__()
        self._watched: list[int] = []
        self._own = set(vars(self))

    def canary(self, supports: Collection[str] = DEFAULT_SUPPORTS) -> Any:
        """Return a new canary that is judged when the run ends.

        Parameters
        ----------
        supports : collection of str, default {"hash", "eq"}
            Its protocols; names from ``refrace.canaries.protocols.PROTOCOLS``.

        Raises
        ------
        InvalidArgument, InvalidArgumentType
            If `supports` names an unknown protocol or is no collection of names.
        LimitReached
            If there are too many canaries.
        """
        made = harness.new(CanarySpec(supports=checked_supports(supports)))
        self._watched.append(harness.hold(made))
        return made

    def teardown(self) -> None:
        """Drop what the machine keeps, and judge its canaries."""
        for name in set(vars(self)) - self._own:
            delattr(self, name)
        watched, self._watched = self._watched, []
        gc.collect()
        harness.quiesce()
        wrong = [text for number in watched if (text := _wrong(number))]
        for number in watched:
            harness.release(number)
        if wrong and sys.exc_info()[0] is None:
            raise AssertionError("\n".join(wrong))


def _wrong(number: int) -> str | None:
    record: CanaryRecord = harness.record(number)
    who = f"canary {number}"
    if record.died_while_held:
        return f"{who} died although a reference to it was held"
    if record.dead_touches:
        return f"{who} was used after its death, first by {record.first_dead_slot}"
    if record.died_in_slot:
        return f"{who} died while one of its own slots was running"
    if record.drift:
        much = abs(record.drift)
        kept = "reference" if much == 1 else "references"
        many = "many" if record.drift > 0 else "few"
        return f"{who} has {much} {kept} too {many}"
    return None

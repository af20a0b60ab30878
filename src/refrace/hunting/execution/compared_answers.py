"""The answers of rounds, compared with those of the sequential orders of a program."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from refrace.hunting.execution.rounds import Round
from refrace.hunting.judging.answers import Answer
from refrace.hunting.judging.orders import Orders
from refrace.subjects import HuntProgram

__all__ = ["ComparedAnswers"]

MOST_SHOWN = 4
"""Different answers of equal calls in a message."""


class ComparedAnswers:
    """The answers of a program in the form in which they are compared.

    Parameters
    ----------
    program : HuntProgram
    is_one_call : bool
        Whether all calls of all threads are equal.  Then only how often each answer
        occurs is compared: which of them gets which one is a matter of their order.

    Attributes
    ----------
    wrong : list of (int, str)
        Rounds with answers that no order gives, and the answers as text.
    """

    def __init__(self, program: HuntProgram, is_one_call: bool) -> None:
        self._first = len(program.prefix)
        self._last = len(program.suffix)
        calls = [call.operation for call in program.calls()]
        self._names = calls[: len(calls) - len(program.reentries)]
        if is_one_call:
            one = program.threads[0][0].operation
            suffix = self._names[len(self._names) - self._last :]
            self._names = [*self._names[: self._first], one, *suffix]
        self._weak: set[int | None] = {
            index
            for index, spec in enumerate(program.canaries)
            if "weakref" in spec.supports and not spec.held
        }
        if self._weak:
            self._weak.add(None)  # a canary that a slot of these returned
        self.wrong: list[tuple[int, str]] = []

    def of(self, result: Round) -> tuple[Answer, ...]:
        """Return the answers of a round; those of many equal calls as one."""
        answers = result.answers
        if result.together is None:
            return tuple(answers)
        suffix = answers[len(answers) - self._last :]
        together = ("together", result.together)
        return (*answers[: self._first], together, *suffix)

    def compare(self, orders: Orders, number: int, result: Round) -> None:
        """Note round `number` if no order gives its answers.

        An argument dies after its call.  Until then another thread may get it through a
        weak reference, which happens in no order, and is no error.
        """
        answers = self.of(result)
        if self._weak and _has_canary(answers, self._weak):
            return
        if not orders.explain(answers):
            self.wrong.append((number, self._text_of(answers)))

    def names_of(self, positions: Iterable[int]) -> list[str]:
        """Return the operations whose answers stand at these positions, sorted."""
        known = range(len(self._names))
        return sorted({self._names[at] for at in positions if at in known})

    def _text_of(self, answers: Sequence[Answer]) -> str:
        return "; ".join(
            f"{name}() {_text(answer)}"
            for name, answer in zip(self._names, answers, strict=False)
        )


def _has_canary(value: Any, indices: set[int | None]) -> bool:
    """Return whether answers, or a part of them, have one of these canaries."""
    if isinstance(value, tuple) and len(value) == 2 and value[0] == "canary":
        return value[1] in indices
    if not isinstance(value, tuple | frozenset):
        return False
    return any(_has_canary(one, indices) for one in value)


def _text(answer: Answer) -> str:
    if answer[0] != "together":
        return " ".join(map(str, answer))
    each = sorted(
        f"{count:,} times {' '.join(map(str, one))}" for one, count in answer[1]
    )
    return ", ".join(each[:MOST_SHOWN]) + ", ..." * (len(each) > MOST_SHOWN)

"""The answers of rounds, compared with those of the sequential orders of a program."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

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
        """Note round `number` if no order gives its answers."""
        answers = self.of(result)
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


def _text(answer: Answer) -> str:
    if answer[0] != "together":
        return " ".join(map(str, answer))
    each = sorted(
        f"{count:,} times {' '.join(map(str, one))}" for one, count in answer[1]
    )
    return ", ".join(each[:MOST_SHOWN]) + ", ..." * (len(each) > MOST_SHOWN)

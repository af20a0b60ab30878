"""The words of one statement, and a cursor over them that reports errors."""

from __future__ import annotations

import re

from refrace.programs.syntax import MAX_INTEGER, NULL, Arithmetic, Constant, Local
from refrace.programs.vocabulary import NAME, RESERVED, did_you_mean, is_field_name

__all__ = ["Malformed", "Words"]

_TOKEN = re.compile(
    rf"\s*({NAME}|[0-9]+|==|!=|<=|>=|\+\+|--(?=\s*$)|[-+*/]=|&&|\|\||:=|\S)"
)


class Malformed(Exception):
    """A statement that does not parse; the parser adds its line and column.

    Parameters
    ----------
    problem, cure : str
    text : str
        The offending word.
    offset : int
        Where it begins, from the beginning of the statement.
    """

    def __init__(self, problem: str, text: str, offset: int, cure: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.text = text
        self.offset = offset
        self.cure = cure


class Words:
    """A cursor over the words of one statement."""

    __slots__ = ("at", "offsets", "source", "words")

    def __init__(self, source: str) -> None:
        self.source = source
        # Two "" at the end, so that lookahead by one word needs no test.
        self.words: list[str] = [*_TOKEN.findall(source), "", ""]
        self.at = 0

    def malformed(
        self, problem: str, cure: str = "", at: int | None = None
    ) -> Malformed:
        """Return the report about the word at `at` (default: the current one)."""
        at = self.at if at is None else at
        starts = [match.start(1) for match in _TOKEN.finditer(self.source)]
        if at < len(starts):
            return Malformed(problem, self.words[at], starts[at], cure)
        return Malformed(problem, self.source, 0, cure)

    def peek(self) -> str:
        """Return the current word, "" at the end."""
        return self.words[self.at]

    def take(self) -> str:
        """Return the current word and advance."""
        word = self.words[self.at]
        self.at += 1
        return word

    def skip(self, word: str) -> bool:
        """Advance if the current word is `word`; return whether it was."""
        if self.words[self.at] == word:
            self.at += 1
            return True
        return False

    def expect(self, word: str, form: str) -> None:
        """Skip `word`, or report that `form` needs it here."""
        if not self.skip(word):
            raise self.malformed(f"`{word}` is missing", f"write `{form}`")

    def name(self, what: str, form: str) -> str:
        """Take a name; the report names `what` and `form` as expected."""
        word = self.words[self.at]
        if word.isidentifier() and word not in RESERVED:
            self.at += 1
            return word
        if not word:
            raise self.malformed(f"{what} is missing", f"write `{form}`")
        if word == "(":
            raise self.malformed(
                "operands are written without parentheses", f"write `{form}`"
            )
        if word in RESERVED:
            raise self.malformed(
                f"`{word}` is a reserved word",
                f"choose another name: `{form}`",
            )
        raise self.malformed(f"{what} is expected here", f"write `{form}`")

    def field(self, what: str, form: str) -> str:
        """Take the name of a field, which may be a word of the language."""
        word = self.words[self.at]
        if is_field_name(word):
            self.at += 1
            return word
        return self.name(what, form)

    def integer(self, what: str, form: str) -> int:
        """Take an integer, with its sign."""
        start = self.at
        sign = -1 if self.skip("-") else 1
        word = self.words[self.at]
        if not (word.isascii() and word.isdigit()):
            self.at = start
            raise self.malformed(f"{what} is expected here", f"write `{form}`")
        digits = word.lstrip("0")
        if len(digits) > 10 or int(digits or "0") > MAX_INTEGER:
            raise self.malformed(
                "this number is too large",
                f"the largest number is {MAX_INTEGER} = 2**31 - 1",
            )
        self.at += 1
        return sign * int(digits or "0")

    def operand(self, form: str) -> Local | Constant:
        """Take a local, a number or null."""
        word = self.words[self.at]
        if word == "null":
            self.at += 1
            return NULL
        if word == "-" or "0" <= word[:1] <= "9":
            return Constant(self.integer("a number", form))
        return Local(self.name("a local, a number or null", form))

    def value(self, form: str) -> Local | Constant | Arithmetic:
        """Take an operand, or a sum or difference of two, or one in parentheses."""
        if self.skip("("):
            value = self.value_inside(form)
            self.expect(")", form)
            return value
        return self.value_inside(form)

    def value_inside(self, form: str) -> Local | Constant | Arithmetic:
        """Take an operand, or a sum or difference of two."""
        left = self.operand(form)
        word = self.words[self.at]
        if word == "." and isinstance(left, Local):
            raise self.malformed(
                "a field is a separate shared access",
                f"load it first: `k = {left.name}.{self.words[self.at + 1]}`",
                self.at - 1,
            )
        if word not in ("+", "-"):
            return left
        self.at += 1
        value = Arithmetic(word, left, self.operand(form))
        if self.words[self.at] in ("+", "-"):
            raise self.malformed(
                "only two numbers can be added at once",
                "split it into two statements; locals cost no step",
            )
        return value

    def end(self, form: str) -> None:
        """Report any words left in the statement."""
        word = self.words[self.at]
        if word:
            cure = did_you_mean(word, ()) or f"write `{form}`, one statement per line"
            raise self.malformed("nothing can follow here", cure)

"""Reads one statement's text into the parts of a step, or of a condition."""

from __future__ import annotations

from collections.abc import Callable, Collection

from refrace.programs.faults import shown
from refrace.programs.operand_kinds import OPTIONAL, OperandKind, ResultKind
from refrace.programs.regions import REGION_FORMS
from refrace.programs.slips import CURES, in_call, in_method_call, in_sum
from refrace.programs.steps import CAS_FAILURES, OPERATIONS, Operation
from refrace.programs.syntax import (
    MAX_PARAMETERS,
    Arithmetic,
    Barrier,
    Cell,
    Condition,
    Constant,
    Container,
    Field,
    FunctionName,
    Local,
    Lock,
    ObjectLock,
    ObjectName,
    Operand,
    Predicate,
    Template,
)
from refrace.programs.text.tokens import Malformed, Words
from refrace.programs.vocabulary import (
    COMPARISONS,
    DECLARATION_WORDS,
    NEGATED,
    OBJECT_LOCK,
    ORDERS,
    RESERVED,
    SOFT_WORDS,
    WORD_OPERATIONS,
    did_you_mean,
    in_words,
)

__all__ = ["StepParts", "read_condition", "read_count", "read_objects", "read_step"]

StepParts = tuple[str, tuple[Operand, ...], str | None, str | None, str | None]
"""The `op`, `operands`, `result`, `order` and `failure` of a step."""

_ASSIGNMENT = "x = …` or `S = x"
_NAMED: dict[OperandKind, tuple[Callable[[str], Operand], str]] = {
    OperandKind.CONTAINER: (Container, "a container"),
    OperandKind.BARRIER: (Barrier, "a barrier"),
    OperandKind.TEMPLATE: (Template, "a type"),
    OperandKind.NAMED_OBJECT: (ObjectName, "an object"),
    OperandKind.FUNCTION: (FunctionName, "a sub-program"),
}
_VALUES = (OperandKind.VALUE, OperandKind.INTEGER, OperandKind.REFERENCE)


def read_step(source: str, cells: Collection[str]) -> StepParts:
    """Read a statement that has no block; `cells` are the names of shared cells.

    Raises
    ------
    Malformed
        Something in it cannot be read.
    """
    words = Words(source)
    first, second = words.words[0], words.words[1]
    slip = in_method_call(words.words, WORD_OPERATIONS)
    if slip is not None:
        raise words.malformed(*slip)
    if second == "=" or second == ".":
        return _assignment(words, cells)
    if first in WORD_OPERATIONS:
        return _word_operation(words, result=None)
    raise _unknown_first_word(words, second, cells)


def _assignment_cure(words: Words, cells: Collection[str]) -> str:
    name, operator, operand = words.words[:3]
    if operator == ":=":
        return f"write `{name} = …`"
    sign = operator[0] if operator[0] in "+-" else "+"
    operand = operand if operand.isidentifier() or operand.isdigit() else "1"
    if name not in cells:
        return f"write `{name} = {name} {sign} {operand}`"
    slip = in_sum(name, [name, sign, operand], cells, is_shared=True)
    return "" if slip is None else slip.cure


def _unknown_first_word(words: Words, second: str, cells: Collection[str]) -> Malformed:
    first = shown(words.peek())
    if first in ("if", "while", "repeat", "else", "critical", *REGION_FORMS):
        return words.malformed(
            f"`{first}` opens a block", f"write `{first} … {{` on one line"
        )
    if first == "fn":
        return words.malformed(
            "a sub-program begins with its name and its parameters",
            "write `fn f:`, or `fn f a b:`",
        )
    if first in DECLARATION_WORDS:
        return words.malformed(
            "a declaration cannot be inside a block",
            "move it above the first thread",
        )
    if second in ("++", "--", "+=", "-=", "*=", "/=", ":="):
        return words.malformed(
            "there is no such assignment", _assignment_cure(words, cells), at=1
        )
    if second == "-" and words.words[2] == ">":
        return words.malformed(
            "there is no `->`", f"write `{first}.{words.words[3]}`", at=1
        )
    slip = in_call(words.words, WORD_OPERATIONS)
    if slip is not None:
        return words.malformed(*slip)
    if not first.isidentifier():
        cure = CURES.get(first) or f"write `{_ASSIGNMENT}`"
        return words.malformed("a statement begins with a name", cure)
    known = sorted((WORD_OPERATIONS | RESERVED) - DECLARATION_WORDS)
    near = did_you_mean(first, known, alike=0.7)
    return words.malformed("unknown step", near or f"write `{_ASSIGNMENT}`")


def _assignment(words: Words, cells: Collection[str]) -> StepParts:
    target = words.name("a local or a cell", _ASSIGNMENT)
    if words.skip("."):
        place = Field(target, words.field("a field", "o.f = x"))
        words.expect("=", f"{place.local}.{place.name} = x")
        return _store(words, place, cells)
    words.expect("=", f"{target} = …")
    if target in cells:
        return _store(words, Cell(target), cells)
    word = words.peek()
    if word in WORD_OPERATIONS and not _is_soft_name(words):
        return _word_operation(words, result=target)
    slip = in_sum(target, words.words[words.at :], cells, is_shared=False)
    if slip is not None:
        raise words.malformed(slip.problem, slip.cure)
    if word in cells or words.words[words.at + 1] == ".":
        loaded = _place(words, f"{target} = S")
        orders = _orders(words, OPERATIONS["load"])
        return "load", (loaded,), _end(words, target, "= S"), *orders
    if word == "await":
        raise words.malformed("`await` has no result", "write `await N`")
    _fail_at_unknown_word(words)
    value = words.value_inside(f"{target} = a + 1")
    return "assign", (value,), _end(words, target, "= a + 1"), None, None


def _is_soft_name(words: Words) -> bool:
    """Return whether a word that is also an operation is a name here: no operand."""
    following = words.words[words.at + 1]
    is_operand = following.isidentifier() or following[:1].isdigit() or following == "("
    return words.peek() in SOFT_WORDS and not is_operand


def _end(words: Words, target: str, form: str) -> str:
    words.end(f"{target} {form}")
    return target


def _fail_at_unknown_word(words: Words) -> None:
    """Report `x = foo y`: two names in a row are probably an operation."""
    word, following = words.peek(), words.words[words.at + 1 :]
    looks_applied = following and (following[0] == "(" or following[0].isidentifier())
    if looks_applied and word.isidentifier() and word not in RESERVED:
        near = did_you_mean(word, sorted(WORD_OPERATIONS))
        raise words.malformed("unknown step", near or "to load a cell, write `x = S`")


def _store(words: Words, place: Cell | Field, cells: Collection[str]) -> StepParts:
    word = words.peek()
    name = place.name if isinstance(place, Cell) else f"{place.local}.{place.name}"
    slip = in_sum(name, words.words[words.at :], cells, is_shared=True)
    if slip is not None:
        raise words.malformed(slip.problem, slip.cure)
    if word in cells or words.words[words.at + 1] == ".":
        raise words.malformed(
            "this would be two shared accesses in one statement",
            f"use a local: `k = {word} ; {name} = k`",
        )
    if word in WORD_OPERATIONS and not _is_soft_name(words):
        raise words.malformed(
            f"the result goes into a local, but `{name}` is shared",
            f"use a local: `k = {word} … ; {name} = k`",
        )
    value = words.value_inside(f"{name} = x")
    orders = _orders(words, OPERATIONS["store"])
    words.end(f"{name} = x")
    return "store", (place, value), None, *orders


def _word_operation(words: Words, result: str | None) -> StepParts:
    at = words.at
    op = words.take()
    if op == "await" and "==" in words.words[words.at :]:
        op = "await_equal"
    elif op in NEGATED and words.skip("not"):
        op = NEGATED[op]
    elif op == "at" and result is None and "=" in words.words[words.at :]:
        op = "at_set"
    row = OPERATIONS[op]
    operands: list[Operand] = []
    for kind in row.operands:
        if kind in OPTIONAL and not words.peek():
            break
        if op == "await_equal" and operands:
            words.expect("==", row.form)
        elif op == "at_set" and len(operands) == 2:
            words.expect("=", row.form)
        operands.append(_operand(words, kind, row))
    orders = _orders(words, row)
    if words.peek():
        if op == "call":
            raise words.malformed(
                f"a sub-program takes at most {MAX_PARAMETERS} arguments",
                "pass a pointer to an object with fields",
            )
        count = len(row.operands)
        takes = ("no operands", "one operand", "two operands", "three operands")[count]
        form = "return v" if op == "return" else row.form
        cure = CURES["/"] if words.peek() == "/" else f"write `{form}`"
        raise words.malformed(f"`{op}` takes {takes}", cure)
    if result is not None and row.result is ResultKind.NONE:
        raise words.malformed(f"`{op}` has no result", f"write `{row.form}`", at)
    return op, tuple(operands), result, *orders


def _orders(words: Words, row: Operation) -> tuple[str | None, str | None]:
    """Read the memory orders behind a step, if it has any."""
    order = words.peek()
    if order not in ORDERS or not row.orders:
        return None, None
    if order not in row.orders:
        raise words.malformed(
            f"`{row.name}` cannot be `{order}`", f"choose one of {in_words(row.orders)}"
        )
    words.take()
    failure = words.peek()
    if row.name != "cas" or failure not in ORDERS:
        return order, None
    if failure not in CAS_FAILURES:
        raise words.malformed(
            f"a `cas` that fails cannot be `{failure}`",
            f"choose one of {in_words(CAS_FAILURES)}",
        )
    return order, words.take()


def _operand(words: Words, kind: OperandKind, row: Operation) -> Operand:
    form = row.form
    if kind is OperandKind.OBJECT:
        if words.peek() == "null":
            raise words.malformed(f"`{row.name}` needs an object", f"write `{form}`")
        name = words.name("a local that points to an object", form)
        if words.peek() == ".":
            raise words.malformed(
                f"`{row.name}` works on a local",
                f"load the field first: `k = {name}.{words.words[words.at + 1]}`",
                words.at - 1,
            )
        return Local(name)
    if kind in _VALUES or kind in OPTIONAL:
        if not words.peek():
            raise words.malformed("an operand is missing", f"write `{form}`")
        return words.value(form)
    if kind is OperandKind.LOCK:
        name = words.name("a lock", form)
        if not words.skip("."):
            return Lock(name)
        if words.name("the lock `m`", f"{row.name} {name}.m") != OBJECT_LOCK:
            raise words.malformed(
                "an object has one lock, `m`", f"write `{row.name} {name}.m`",
                words.at - 1,
            )  # fmt: skip
        return ObjectLock(name)
    if kind in _NAMED:
        node, what = _NAMED[kind]
        return node(words.name(what, form))
    return _place(words, form)


def _place(words: Words, form: str) -> Cell | Field:
    name = words.name("a cell or a field", form)
    if words.skip("."):
        return Field(name, words.field("a field", "o.f"))
    return Cell(name)


def read_condition(source: str, opener: str) -> Condition:
    """Read the condition after `opener` (if, while, assert) in `source`."""
    form = f"{opener} x != null and n < 3"
    words = Words(source)
    words.at = 1
    alternatives = [_all_of(words, form)]
    while words.skip("or"):
        alternatives.append(_all_of(words, form))
    word = words.peek()
    if word == "||":
        raise words.malformed("there is no `||`", "write `or`")
    if word == "is":
        raise words.malformed("there is no `is`", "write `==`, or `!=` for `is not`")
    if word == "&&":
        raise words.malformed("there is no `&&`", "write `and`")
    if word:
        words.end(form)
    return Condition(alternatives[0], tuple(alternatives[1:]))


def _all_of(words: Words, form: str) -> tuple[Predicate, ...]:
    predicates = [_predicate(words, form)]
    while words.skip("and"):
        predicates.append(_predicate(words, form))
    return tuple(predicates)


def _predicate(words: Words, form: str) -> Predicate:
    negated = False
    while words.peek() in ("not", "!"):
        if words.take() == "!":
            raise words.malformed("there is no `!`", "write `not`", words.at - 1)
        negated = not negated
    bracketed = words.skip("(")
    left = _compared(words, form)
    word = words.peek()
    predicate = Predicate(left, negated=negated)
    if word in COMPARISONS:
        words.at += 1
        predicate = Predicate(left, word, _compared(words, form), negated)
    elif word == "=":
        raise words.malformed("`=` does not compare", "write `==`")
    if bracketed:
        if words.peek() in ("and", "or", "&&", "||"):
            raise words.malformed(
                "parentheses can hold only one comparison",
                "join the comparisons without parentheses: `and` before `or`",
            )
        words.expect(")", form)
    return predicate


def _compared(words: Words, form: str) -> Local | Constant:
    value = words.value_inside(form)
    if isinstance(value, Arithmetic):
        raise words.malformed(
            "conditions compare locals and constants",
            "compute it first: `k = a + 1`",
            words.at - 2,
        )
    return value


def read_objects(source: str) -> tuple[Local, ...]:
    """Read the objects of ``critical x y``."""
    words = Words(source)
    words.at = 1
    form = "critical x y { … }"
    objects = [Local(words.name("a local that points to an object", form))]
    if words.peek().isidentifier():
        objects.append(Local(words.name("a local", form)))
    if words.peek().isidentifier():
        raise words.malformed(
            "a critical section has at most two objects",
            "enter another section in it: `critical x y { critical z { … } }`",
        )
    words.end(form)
    return tuple(objects)


def read_count(source: str) -> int:
    """Read the number of ``repeat 3``."""
    words = Words(source)
    words.at = 1
    form = "repeat 3 { … }"
    if words.peek() and words.peek()[0].isidentifier():
        raise words.malformed(
            "`repeat` takes a number",
            "count with a local: `i = 0 ; while i < n { … ; i = i + 1 }`",
        )
    count = words.integer("a number", form)
    if count < 0:
        raise words.malformed(
            "a block cannot run a negative number of times", f"write `{form}`", 1
        )
    words.end(form)
    return count

"""Infers which locals hold pointers and which hold integers.

A local has one type in its section, so values need no tag at run time.  Locals
that are copied to each other, compared, or passed as an argument have the same type:
they are joined (union-find), and the joined set has at most one type.
"""

from __future__ import annotations

from refrace.programs.checks.names import Names
from refrace.programs.checks.sections import Section, condition_of
from refrace.programs.faults import Fault
from refrace.programs.steps import OPERATIONS, OperandKind, ResultKind
from refrace.programs.syntax import (
    Arithmetic,
    Cell,
    Condition,
    Constant,
    Critical,
    Field,
    FunctionName,
    Local,
    ObjectLock,
    Operand,
    Statement,
    Step,
)
from refrace.programs.text.printer import node_text
from refrace.programs.vocabulary import ARGUMENT, SELF

__all__ = ["INTEGER", "REFERENCE", "LocalTypes"]

INTEGER = "integer"
REFERENCE = "reference"
_ONE_TYPE = "a local has one type; use another name"
_NULL_OR_ZERO = "null is the empty pointer, 0 is a number"
_ORDER = "pointers can be compared only by == and !="
_WORDS = {INTEGER: "a number", REFERENCE: "a pointer"}

_RESULT = "return"
"""What a sub-program gives, as if it were a local; no local has this name."""

_Variable = tuple[str, str]  # section key, local
_Term = _Variable | str | None  # a variable, a type, or a value of any type


class LocalTypes:
    """The types of all locals of a program.

    Raises
    ------
    Fault
        A local would need two types.
    """

    def __init__(
        self, sections: tuple[Section, ...], names: Names, fields: dict[str, bool]
    ) -> None:
        self._names = names
        self._fields = fields
        self._parents: dict[_Variable, _Variable] = {}
        self._types: dict[_Variable, tuple[str, Statement | None]] = {}
        self._section = sections[0] if sections else None
        for hold in names.holds:
            self._types[self._root((hold.thread, hold.local))] = (REFERENCE, None)
        for node in (*names.objects.values(), *names.types.values()):
            if node.finaliser is not None:
                self._types[self._root((node.finaliser, SELF))] = (REFERENCE, None)
        for section in sections:
            self._section = section
            for statement in section.distinct:
                if isinstance(statement, Step):
                    self._step(statement)
                elif isinstance(statement, Critical):
                    for one in statement.objects:
                        self._unify(
                            (section.key, one.name), REFERENCE, statement, one.name
                        )
                condition = condition_of(statement)
                if condition is not None:
                    self._condition(condition, statement)

    def of(self, section: str, local: str) -> str | None:
        """Return "integer", "reference", or None if undetermined (never used)."""
        found = self._types.get(self._root((section, local)))
        return None if found is None else found[0]

    # -------------------------------------------------------------- inference

    def _step(self, step: Step) -> None:
        row = OPERATIONS[step.op]
        place: _Term = None
        if step.op == "call":
            self._call(step)
            return
        for kind, operand in zip(row.operands, step.operands, strict=False):
            if isinstance(operand, (Field, ObjectLock)):
                self._unify((self._key, operand.local), REFERENCE, step, operand.local)
            if isinstance(operand, Cell):
                is_integer = self._names.cells[operand.name].kind == "int"
                place = INTEGER if is_integer else REFERENCE
            elif isinstance(operand, Field):
                place = INTEGER if self._fields[operand.name] else REFERENCE
            elif isinstance(operand, (Local, Constant, Arithmetic)):
                needed = self._needed(kind, place, step)
                term = self._term(operand, step)
                self._unify(term, needed, step, _name(operand))
                if step.op == "assign":
                    place = term
        if step.result is not None:
            gives = {
                ResultKind.INTEGER: INTEGER,
                ResultKind.BOOLEAN: INTEGER,
                ResultKind.REFERENCE: REFERENCE,
            }.get(row.result, place)
            self._unify(
                (self._key, step.result), gives, step, step.result, is_result=True
            )

    def _call(self, step: Step) -> None:
        function = step.operands[0]
        assert isinstance(function, FunctionName)
        name = function.name
        parameters = self._names.functions[name].parameters or (ARGUMENT,)
        for parameter, operand in zip(parameters, step.operands[1:], strict=False):
            term = self._term(operand, step)
            self._unify(term, (name, parameter), step, _name(operand))
        if step.result is not None:
            gives = (name, _RESULT)
            result = (self._key, step.result)
            self._unify(result, gives, step, step.result, is_result=True)

    @property
    def _key(self) -> str:
        assert self._section is not None
        return self._section.key

    def _needed(self, kind: OperandKind, place: _Term, step: Step) -> _Term:
        if kind is OperandKind.INTEGER:
            return INTEGER
        if kind in (OperandKind.OBJECT, OperandKind.REFERENCE):
            return REFERENCE
        if kind is OperandKind.RETURNED:
            return (self._key, _RESULT)
        return place  # the value of `assign` comes before any place: None

    def _condition(self, condition: Condition, statement: Statement) -> None:
        for predicate in condition.mentioned:
            if predicate.right is None:
                continue
            left = self._term(predicate.left, statement)
            right = self._term(predicate.right, statement)
            if predicate.operator in ("==", "!="):
                name = _name(predicate.left) or _name(predicate.right)
                self._unify(left, right, statement, name, _mixed(left, right))
            else:
                self._unify(left, INTEGER, statement, _name(predicate.left), _ORDER)
                self._unify(right, INTEGER, statement, _name(predicate.right), _ORDER)

    def _term(self, operand: Operand, statement: Statement) -> _Term:
        if isinstance(operand, Local):
            return (self._key, operand.name)
        if isinstance(operand, Constant):
            return REFERENCE if operand.value is None else INTEGER
        assert isinstance(operand, Arithmetic)
        for part in (operand.left, operand.right):
            term = self._term(part, statement)
            self._unify(term, INTEGER, statement, _name(part))
        return INTEGER

    # ------------------------------------------------------------- union-find

    def _root(self, variable: _Variable) -> _Variable:
        parents = self._parents
        path = []
        while (parent := parents.get(variable, variable)) != variable:
            path.append(variable)
            variable = parent
        for passed in path:
            parents[passed] = variable
        return variable

    def _unify(
        self,
        one: _Term,
        other: _Term,
        statement: Statement,
        name: str,
        cure: str = _ONE_TYPE,
        is_result: bool = False,
    ) -> None:
        if one is None or other is None:
            return
        if isinstance(one, str) and not isinstance(other, str):
            one, other = other, one
        known, where = self._known(one)
        asked, _ = self._known(other)
        if known is not None and asked is not None and known != asked:
            raise self._conflict(known, asked, where, statement, name, cure, is_result)
        if isinstance(one, str):
            return
        root = self._root(one)
        if not isinstance(other, str):
            other_root = self._root(other)
            if other_root != root:
                self._parents[other_root] = root
                if known is None and asked is not None:
                    self._types[root] = self._types[other_root]
        elif known is None:
            self._types[root] = (other, statement)

    def _known(self, term: _Term) -> tuple[str | None, Statement | None]:
        if isinstance(term, str):
            return term, None
        assert term is not None
        return self._types.get(self._root(term), (None, None))

    def _conflict(
        self,
        known: str,
        asked: str,
        where: Statement | None,
        statement: Statement,
        name: str,
        cure: str,
        is_result: bool,
    ) -> Fault:
        place = ""
        if where is not None and where is not statement:
            at = f"line {where.line}" if where.line is not None else node_text(where)
            place = f" ({at})"
        subject = f"`{name}` is" if name and name != "null" else "this is"
        if not name.isidentifier() or name == "null":
            cure = _NULL_OR_ZERO
        assert self._section is not None
        return Fault(
            f"{subject} {_WORDS[known]}{place}, but {_WORDS[asked]} is "
            + ("stored in it here" if is_result else "needed here"),
            statement,
            text=name,
            cure=cure,
            section=self._section.label,
            is_result=is_result,
        )


def _mixed(left: _Term, right: _Term) -> str:
    # A term that is already a type, not a variable, is null or a number.
    is_constant = isinstance(left, str) or isinstance(right, str)
    return _NULL_OR_ZERO if is_constant else _ONE_TYPE


def _name(operand: Operand) -> str:
    if isinstance(operand, Local):
        return operand.name
    if isinstance(operand, Constant):
        return "null" if operand.value is None else str(operand.value)
    return ""

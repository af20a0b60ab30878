"""Checks first that nodes built by hand are well-formed."""

from __future__ import annotations

from typing import Any

from refrace._base.safe_repr import shown
from refrace.errors import InvalidProgram
from refrace.programs.faults import invalid
from refrace.programs.operand_kinds import OPTIONAL, OperandKind
from refrace.programs.regions import REGION_FORMS
from refrace.programs.steps import CAS_FAILURES, OPERATIONS
from refrace.programs.syntax import (
    MAX_INTEGER,
    MAX_NESTING,
    Arithmetic,
    Assert,
    Barrier,
    BarrierDeclaration,
    Cell,
    CellDeclaration,
    Condition,
    Constant,
    Container,
    ContainerDeclaration,
    Critical,
    Field,
    FieldDeclaration,
    FunctionName,
    HoldDeclaration,
    If,
    InterruptDeclaration,
    Local,
    Lock,
    LockDeclaration,
    ObjectDeclaration,
    ObjectLock,
    ObjectName,
    Predicate,
    Region,
    Repeat,
    Step,
    Template,
    While,
)
from refrace.programs.vocabulary import (
    CELL_KINDS,
    COMPARISONS,
    LOCK_KINDS,
    OBJECT_LOCK,
    is_field_name,
    is_name,
)

__all__ = ["check_declaration", "check_name", "check_parameters", "check_statement"]

_VALUE = (Local, Constant, Arithmetic)
_PLACE = (Cell, Field)
_CLASSES: dict[OperandKind, tuple[type, ...]] = {
    OperandKind.OBJECT: (Local,),
    OperandKind.VALUE: _VALUE,
    OperandKind.INTEGER: _VALUE,
    OperandKind.REFERENCE: _VALUE,
    OperandKind.ARGUMENT: _VALUE,
    OperandKind.RETURNED: _VALUE,
    OperandKind.PLACE: _PLACE,
    OperandKind.REFERENCE_PLACE: _PLACE,
    OperandKind.INTEGER_PLACE: _PLACE,
    OperandKind.CONTAINER: (Container,),
    OperandKind.LOCK: (Lock, ObjectLock),
    OperandKind.BARRIER: (Barrier,),
    OperandKind.TEMPLATE: (Template,),
    OperandKind.NAMED_OBJECT: (ObjectName,),
    OperandKind.FUNCTION: (FunctionName,),
}


def check_name(name: object, what: str) -> None:
    """Raise InvalidProgram unless `name` is a valid name; `what` describes its role."""
    if not is_name(name):
        raise invalid(
            f"this cannot be {what}",
            text=name if isinstance(name, str) else shown(name),
            cure="a name is an identifier that is not a reserved word",
        )


def check_parameters(names: object) -> None:
    """Raise InvalidProgram unless `names` is a tuple of names of locals."""
    if type(names) is not tuple:
        raise _wrong(names, "a tuple of parameters", "a sub-program")
    for name in names:
        check_name(name, "a parameter")


def check_integer(value: object, what: str, least: int = -MAX_INTEGER) -> None:
    """Raise InvalidProgram unless `value` is an int from `least` to MAX_INTEGER."""
    if type(value) is not int or not least <= value <= MAX_INTEGER:
        raise invalid(
            f"this cannot be {what}",
            text=shown(value, 80),
            cure=f"write an int from {least} to {MAX_INTEGER}",
        )


def check_statement(statement: object, section: str, depth: int = 0) -> None:
    """Check a statement and the blocks in it.

    Raises
    ------
    InvalidProgram
        A node is of a wrong class, or an attribute of a wrong type.
    """
    if depth > MAX_NESTING:
        raise invalid(
            f"blocks nest more than {MAX_NESTING} deep",
            text="",
            section=section,
            cure="move the inner ones to a sub-program and `call` it",
        )
    blocks: tuple[Any, ...] = ()
    if type(statement) is Step:
        _check_step(statement, section)
    elif type(statement) is Assert:
        _check_condition(statement.condition, section)
    elif type(statement) is If:
        _check_condition(statement.condition, section)
        blocks = (statement.then, statement.otherwise)
    elif type(statement) is While:
        _check_condition(statement.condition, section)
        blocks = (statement.body,)
    elif type(statement) is Repeat:
        check_integer(statement.count, "how often a block runs", least=0)
        blocks = (statement.body,)
    elif type(statement) is Region:
        if not isinstance(statement.word, str) or statement.word not in REGION_FORMS:
            raise _wrong(statement.word, "the word of a block", section)
        blocks = (statement.body,)
    elif type(statement) is Critical:
        _check_critical(statement, section)
        blocks = (statement.body,)
    else:
        raise _wrong(statement, "a statement", section)
    for block in blocks:
        if type(block) is not tuple:
            raise _wrong(block, "a block: a tuple of statements", section)
        for inner in block:
            check_statement(inner, section, depth + 1)


def _check_critical(statement: Critical, section: str) -> None:
    objects = statement.objects
    if type(objects) is not tuple or not 1 <= len(objects) <= 2:
        raise _wrong(objects, "a tuple of one local or two", section)
    for one in objects:
        if type(one) is not Local:
            raise _wrong(one, "a local", section)
        check_name(one.name, "a local")


def _wrong(value: object, what: str, section: str) -> InvalidProgram:
    return invalid(
        f"this is not {what}", text=shown(value, 80), section=section, cure=""
    )


def _check_step(step: Step, section: str) -> None:
    row = OPERATIONS.get(step.op) if isinstance(step.op, str) else None
    if row is None:
        raise _wrong(step.op, "an operation of the language", section)
    if type(step.operands) is not tuple:
        raise _wrong(step.operands, "a tuple of operands", section)
    most = len(row.operands)
    least = sum(kind not in OPTIONAL for kind in row.operands)
    if not least <= len(step.operands) <= most:
        raise invalid(
            f"`{row.name}` takes {most} operands, not {len(step.operands)}",
            text=shown(step),
            section=section,
            cure=f"it is written `{row.form}`",
        )
    for kind, operand in zip(row.operands, step.operands, strict=False):
        if type(operand) not in _CLASSES[kind]:
            raise _wrong(operand, f"what `{row.form}` takes", section)
        _check_operand(operand)
    if step.result is not None:
        check_name(step.result, "a local")
    if step.order is not None and step.order not in row.orders:
        raise _wrong(step.order, f"a memory order of `{row.form}`", section)
    if step.failure is not None and (
        row.name != "cas" or step.order is None or step.failure not in CAS_FAILURES
    ):
        raise _wrong(step.failure, "the memory order of a failed `cas`", section)


def _check_operand(operand: object) -> None:
    if type(operand) is Constant:
        if operand.value is not None:
            check_integer(operand.value, "a constant")
    elif type(operand) is Arithmetic:
        if operand.operator not in ("+", "-"):
            raise invalid("this is not an operator", text=shown(operand.operator))
        for part in (operand.left, operand.right):
            if type(part) not in (Local, Constant):
                raise _wrong(part, "a local or a constant", "a sum")
            _check_operand(part)
    elif type(operand) is Field:
        check_name(operand.local, "a local")
        _check_field_name(operand.name)
    elif type(operand) is ObjectLock:
        check_name(operand.local, "a local")
    else:
        assert isinstance(
            operand,
            (
                *(Local, Cell, Lock, Barrier, Container, Template),
                *(ObjectName, FunctionName),
            ),
        )
        check_name(operand.name, "a name")


def _check_field_name(name: object) -> None:
    if not is_field_name(name):
        check_name(name, "a field")
    if name == OBJECT_LOCK:
        raise invalid(
            "`m` is the lock that every object has",
            text=OBJECT_LOCK,
            cure="choose another name for the field",
        )


def _check_condition(condition: object, section: str) -> None:
    if (
        type(condition) is not Condition
        or type(condition.others) is not tuple
        or not all(type(one) is tuple and one for one in condition.alternatives)
    ):
        raise _wrong(condition, "a condition of at least one predicate", section)
    for predicate in condition.mentioned:
        _check_predicate(predicate, section)


def _check_predicate(predicate: object, section: str) -> None:
    if type(predicate) is not Predicate or type(predicate.negated) is not bool:
        raise _wrong(predicate, "a predicate", section)
    operands = [predicate.left]
    if predicate.right is not None:
        operands.append(predicate.right)
    known = (None,) if predicate.right is None else COMPARISONS
    if predicate.operator not in known:
        raise _wrong(predicate, "a comparison, or one bare operand", section)
    for operand in operands:
        if type(operand) not in (Local, Constant):
            raise _wrong(operand, "a local or a constant", section)
        _check_operand(operand)


def check_declaration(node: object) -> None:
    """Check a declaration.

    Raises
    ------
    InvalidProgram
        It is of a wrong class, or an attribute of a wrong type.
    """
    kinds: tuple[str, ...]
    if type(node) is CellDeclaration:
        kinds = (*CELL_KINDS, "weak")
        _check_initial(node.initial)
        if node.callback is not None:
            check_name(node.callback, "a sub-program")
    elif type(node) is ContainerDeclaration:
        kinds = ("vec", "rawvec")
        if type(node.items) is not tuple:
            raise _wrong(node.items, "a tuple of object names", node.name)
        for item in node.items:
            if item is not None:
                check_name(item, "an object")
        if node.room is not None:
            check_integer(node.room, "a room", least=0)
        if type(node.delayed) is not bool:
            raise _wrong(node.delayed, "True or False", "a declaration")
    elif type(node) is LockDeclaration:
        kinds = LOCK_KINDS
    elif type(node) is ObjectDeclaration:
        kinds = ("obj", "type")
        _check_object(node)
    elif type(node) is HoldDeclaration:
        _check_hold(node)
        return
    elif type(node) is BarrierDeclaration:
        check_name(node.name, "a barrier")
        check_integer(node.threads, "how many threads a barrier needs")
        return
    elif type(node) is InterruptDeclaration:
        check_name(node.thread, "a thread")
        check_name(node.function, "a sub-program")
        check_integer(node.times, "how often an interrupt may come")
        return
    else:
        raise _wrong(node, "a declaration", "the declarations")
    if node.kind not in kinds:
        raise _wrong(node.kind, f"one of {', '.join(kinds)}", "a declaration")
    check_name(node.name, "a name")


def _check_hold(node: HoldDeclaration) -> None:
    if node.kind not in ("hold", "borrow"):
        raise _wrong(node.kind, "`hold` or `borrow`", "a declaration")
    check_name(node.thread, "a thread")
    check_name(node.local, "a local")
    check_name(node.object, "an object")


def _check_initial(initial: object) -> None:
    if initial is None:
        return
    if isinstance(initial, str):
        check_name(initial, "an object")
    else:
        check_integer(initial, "an initial value")


def _check_object(node: ObjectDeclaration) -> None:
    if node.finaliser is not None:
        check_name(node.finaliser, "a sub-program")
    for count, what in ((node.count, "a count"), (node.max_count, "a counter's width")):
        if count is not None:
            check_integer(count, what)
    for flag in (node.stable, node.uncounted, node.gc, node.untracks_late):
        if type(flag) is not bool:
            raise _wrong(flag, "True or False", "a declaration")
    if type(node.fields) is not tuple:
        raise _wrong(node.fields, "a tuple of fields", "a declaration")
    for part in node.fields:
        if type(part) is not FieldDeclaration or part.kind not in ("field", "rawfield"):
            raise _wrong(part, "a field or rawfield", "a declaration")
        if not is_field_name(part.name):
            check_name(part.name, "a field")
        _check_initial(part.initial)
    if type(node.visits) is not tuple:
        raise _wrong(node.visits, "a tuple of pairs", "a declaration")
    for visit in node.visits:
        if type(visit) is not tuple or len(visit) != 2:
            raise _wrong(visit, "a field and how often it is visited", "a declaration")
        if not is_field_name(visit[0]):
            check_name(visit[0], "a field")
        check_integer(visit[1], "how often a field is visited", least=0)

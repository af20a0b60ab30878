"""Lowers one body of a program: blocks become jumps, names become numbers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

from refrace._native import explorer as native_explorer
from refrace.programs.steps import OPERATIONS, OperandKind
from refrace.programs.syntax import (
    Arithmetic,
    Assert,
    Barrier,
    Block,
    Cell,
    Condition,
    Constant,
    Container,
    Critical,
    Field,
    FunctionName,
    If,
    Local,
    Lock,
    ObjectLock,
    ObjectName,
    Predicate,
    Region,
    Repeat,
    Statement,
    Step,
    Template,
    While,
)
from refrace.programs.vocabulary import ARGUMENT

__all__ = ["NOWHERE", "OP_NUMBERS", "Body", "Numbers"]

CONTROL = (
    *("jump", "jump-unless", "assert", "mask", "unmask"),
    *("critical", "critical-end"),
    *("stop_world", "stop_world-end", "nosafe", "nosafe-end", "give"),
    *("barrier-wait", "barrier-go"),
)
"""The operations of the core that a program cannot write."""
RELATIONS = (None, "==", "!=", "<", "<=", ">", ">=")
NEGATED = 8
REGIONS = {
    "masked": ("mask", "unmask"),
    "stop_world": ("stop_world", "stop_world-end"),
    "nosafe": ("nosafe", "nosafe-end"),
}
"""What enters and what leaves each region."""
OF_PAYLOADS = ("peek", "poke")
"""The steps on the number of a payload, which is a field of the object."""
STRETCHES = ("nosafe",)
"""The regions that a jump leaves without an instruction: the code is in them or not."""
NOWHERE = -1
TRACKED_LOCALS = (1 << 64) - 1

OP_NUMBERS = {
    name: number
    for number, name in enumerate(
        [name for name in OPERATIONS if name != "break"] + list(CONTROL)
    )
}


ORDER_NUMBERS = {order: number for number, order in enumerate(native_explorer.ORDERS)}
OP_BITS, ORDER_BITS = 8, 4  # of the core's instructions
FAILURES = {"seq_cst": "seq_cst", "acquire": "acquire", "acq_rel": "acquire"}
"""The order of a failed `cas`, if it states none; others are relaxed."""


def _orders(step: Step) -> int:
    """Return the orders of a step as the core has them, above its operation."""
    order = step.order or "seq_cst"
    failure = step.failure or FAILURES.get(order, "relaxed")
    number = ORDER_NUMBERS[order] + (ORDER_NUMBERS[failure] << ORDER_BITS)
    return number << OP_BITS if step.order is not None else 0


class Numbers(Protocol):
    """The part of a program that a body needs: the numbers of names and values."""

    cells: dict[str, int]
    containers: dict[str, int]
    locks: dict[str, int]
    barriers: dict[str, int]
    objects: dict[str, int]
    templates: dict[str, int]
    functions: dict[str, int]
    field_names: dict[str, int]
    payload: str
    statements: list[Statement]

    def word(self, value: str | int | None) -> int:
        """Return the word of a value."""

    def value(self, kind: int, x: int, y: int = 0) -> int:
        """Return the number of a value; equal values have equal numbers."""


@dataclass(slots=True)
class Instr:
    """One instruction; a jump's target is its last operand."""

    op: int
    result: int = NOWHERE
    operands: list[int] = field(default_factory=list)
    statement: int = NOWHERE
    reads: int = 0  # locals, as bits
    live: int = 0


class Body:
    """The code of one thread, sub-program or `end` block."""

    def __init__(self, numbers: Numbers, names: Iterable[str], body: Block) -> None:
        self.lowering = numbers
        self.locals = {name: i for i, name in enumerate(names)}
        self.argument = self.locals.get(ARGUMENT, NOWHERE)
        """The local of the first argument; those of others follow it."""
        self.code: list[Instr] = []
        self._breaks: list[list[Instr]] = []
        # What leaves each open region or section, and its statement.
        self._regions: list[tuple[int, str, list[int]]] = []
        self._loop_regions: list[int] = []  # how many were open at each open loop
        self.n_sections = 0
        """The most critical sections that are open at once."""
        self._n_counters = 0
        self._statement = NOWHERE
        self._block(body)
        self._emit("return")
        self._find_live()

    # -------------------------------------------------------------- statements

    def _emit(self, op: str, operands: Iterable[int] = (), reads: int = 0) -> Instr:
        instr = Instr(OP_NUMBERS[op], NOWHERE, list(operands), self._statement, reads)
        self.code.append(instr)
        return instr

    def _block(self, body: Block) -> None:
        for statement in body:
            self._statement = len(self.lowering.statements)
            self.lowering.statements.append(statement)
            if isinstance(statement, Step):
                self._step(statement)
            elif isinstance(statement, Assert):
                self._assert(statement.condition)
            elif isinstance(statement, If):
                self._if(statement)
            elif isinstance(statement, Region):
                self._region(statement)
            elif isinstance(statement, While):
                top = len(self.code)
                self._loop(top, self._jumps_unless(statement.condition), statement.body)
            elif isinstance(statement, Critical):
                self._critical(statement)
            else:
                self._repeat(statement)

    def _critical(self, statement: Critical) -> None:
        objects = [self.locals[one.name] for one in statement.objects]
        number = sum(leave == "critical-end" for _, leave, _ in self._regions)
        self.n_sections = max(self.n_sections, number + 1)
        operands = [number, *objects, NOWHERE][:3]
        self._emit("critical", operands, sum({1 << local for local in objects}))
        self._inside("critical-end", [number], statement.body)

    def _inside(self, leave: str, operands: list[int], body: Block) -> None:
        """Lower the block of a region, and what leaves it."""
        self._regions.append((self._statement, leave, operands))
        self._block(body)
        self._leave_regions(len(self._regions) - 1)
        self._regions.pop()

    def _if(self, statement: If) -> None:
        skips = self._jumps_unless(statement.condition)
        self._block(statement.then)
        if statement.otherwise:
            leave = self._emit("jump", [NOWHERE])
            self._land(skips)
            self._block(statement.otherwise)
            self._land([leave])
        else:
            self._land(skips)

    def _region(self, statement: Region) -> None:
        enter, leave = REGIONS[statement.word]
        self._emit(enter)
        if statement.word in STRETCHES:
            here = self._statement
            self._block(statement.body)
            self._statement = here
            self._emit(leave)
        else:
            self._inside(leave, [], statement.body)

    def _leave_regions(self, n_kept: int) -> None:
        """Leave the open regions but the first so many, as a jump out of them does."""
        now = self._statement
        for statement, leave, operands in reversed(self._regions[n_kept:]):
            self._statement = statement
            self._emit(leave, operands)
        self._statement = now

    def _repeat(self, statement: Repeat) -> None:
        lowering = self.lowering
        counter = len(self.locals)
        self.locals[f"repeat {counter}"] = counter  # no local has a space in its name
        local = lowering.value(0, counter)
        number = lowering.value(1, lowering.word(statement.count))
        zero, one = (lowering.value(1, lowering.word(n)) for n in (0, 1))
        self._emit("assign", [number]).result = counter
        top = len(self.code)
        more = [local, RELATIONS.index(">"), zero, NOWHERE]
        leave = self._emit("jump-unless", more, 1 << counter)
        less = self._emit("assign", [lowering.value(3, local, one)], 1 << counter)
        less.result = counter
        self._loop(top, [leave], statement.body)

    def _loop(self, top: int, leaves: list[Instr], body: Block) -> None:
        self._breaks.append([])
        self._loop_regions.append(len(self._regions))
        self._block(body)
        self._loop_regions.pop()
        self._emit("jump", [top])
        self._land(leaves)
        self._land(self._breaks.pop())

    def _assert(self, condition: Condition) -> None:
        *others, last = condition.alternatives
        found = self._jumps_if_any(others)
        for predicate in last:
            operands, reads = self._predicate(predicate)
            self._emit("assert", operands, reads)
        self._land(found)

    def _jumps_unless(self, condition: Condition) -> list[Instr]:
        """Go on if the condition is true; return the jumps that are taken if not."""
        *others, last = condition.alternatives
        found = self._jumps_if_any(others)
        jumps = self._jumps_unless_all(last)
        self._land(found)
        return jumps

    def _jumps_if_any(self, alternatives: list[tuple[Predicate, ...]]) -> list[Instr]:
        """Return the jumps that are taken at the first alternative that is true."""
        found = []
        for predicates in alternatives:
            failed = self._jumps_unless_all(predicates)
            found.append(self._emit("jump", [NOWHERE]))
            self._land(failed)
        return found

    def _jumps_unless_all(self, predicates: tuple[Predicate, ...]) -> list[Instr]:
        jumps = []
        for predicate in predicates:
            operands, reads = self._predicate(predicate)
            jumps.append(self._emit("jump-unless", [*operands, NOWHERE], reads))
        return jumps

    def _land(self, jumps: Iterable[Instr]) -> None:
        for jump in jumps:
            jump.operands[-1] = len(self.code)

    def _predicate(self, predicate: Predicate) -> tuple[list[int], int]:
        left, reads = self._value(predicate.left)
        relation = RELATIONS.index(predicate.operator)
        right = left
        if predicate.right is not None:
            right, more = self._value(predicate.right)
            reads |= more
        return [left, relation + NEGATED * predicate.negated, right], reads

    def _step(self, step: Step) -> None:
        if step.op == "return":
            self._leave_regions(0)
        if step.op == "break":
            self._leave_regions(self._loop_regions[-1])
            self._breaks[-1].append(self._emit("jump", [NOWHERE]))
            return
        operands: list[int] = []
        reads = 0
        for kind, operand in zip(
            OPERATIONS[step.op].operands, step.operands, strict=False
        ):
            numbers, more = self._operand(kind, operand)
            operands += numbers
            if step.op in OF_PAYLOADS and kind is OperandKind.OBJECT:
                operands.append(self.lowering.field_names[self.lowering.payload])
            reads |= more
        if step.op == "call":
            operands += [NOWHERE] * (len(OPERATIONS["call"].operands) - len(operands))
        op = "give" if step.op == "return" and operands else step.op
        instr = self._emit(op, operands, reads)
        instr.op += _orders(step)
        if step.op == "wait":
            for op in ("barrier-wait", "barrier-go"):
                self._emit(op, operands)
        if step.result is not None:
            instr.result = self.locals[step.result]

    # ---------------------------------------------------------------- operands

    def _operand(self, kind: OperandKind, operand: object) -> tuple[list[int], int]:
        lowering = self.lowering
        if isinstance(operand, Cell):
            return [NOWHERE, lowering.cells[operand.name]], 0
        if isinstance(operand, Field):
            local = self.locals[operand.local]
            # A field that the object does not have is an error when it is reached.
            return [local, lowering.field_names[operand.name]], 1 << local
        if isinstance(operand, Lock):
            return [NOWHERE, lowering.locks[operand.name]], 0
        if isinstance(operand, Barrier):
            name = operand.name
            return [NOWHERE, lowering.locks[name], lowering.barriers[name]], 0
        if isinstance(operand, ObjectLock):
            local = self.locals[operand.local]
            return [local, 0], 1 << local
        if isinstance(operand, Container):
            return [lowering.containers[operand.name]], 0
        if isinstance(operand, Template):
            return [lowering.templates[operand.name]], 0
        if isinstance(operand, ObjectName):
            return [lowering.objects[operand.name]], 0
        if isinstance(operand, FunctionName):
            return [lowering.functions[operand.name]], 0
        if kind is OperandKind.OBJECT:
            assert isinstance(operand, Local)
            local = self.locals[operand.name]
            return [local], 1 << local
        value, reads = self._value(operand)
        return [value], reads

    def _value(self, value: object) -> tuple[int, int]:
        lowering = self.lowering
        if isinstance(value, Local):
            local = self.locals[value.name]
            return lowering.value(0, local), 1 << local
        if isinstance(value, Constant):
            return lowering.value(1, lowering.word(value.value)), 0
        assert isinstance(value, Arithmetic)
        left, reads = self._value(value.left)
        right, more = self._value(value.right)
        return lowering.value(
            2 if value.operator == "+" else 3, left, right
        ), reads | more

    # ---------------------------------------------------------------- liveness

    def _find_live(self) -> None:
        """Find for each instruction the locals that are read from it on."""
        jump, unless = OP_NUMBERS["jump"], OP_NUMBERS["jump-unless"]
        ends = OP_NUMBERS["return"], OP_NUMBERS["give"]
        changed = True
        while changed:
            changed = False
            for at in range(len(self.code) - 1, -1, -1):
                instr = self.code[at]
                after = 0
                if instr.op in (jump, unless):
                    after = self.code[instr.operands[-1]].live
                if instr.op not in (jump, *ends):
                    after |= self.code[at + 1].live
                if instr.result >= 0:
                    after &= ~(1 << instr.result)
                live = (after | instr.reads) & TRACKED_LOCALS
                if live != instr.live:
                    instr.live = live
                    changed = True

"""Checks that every name in a statement is of the kind that its place needs."""

from __future__ import annotations

from collections.abc import Iterable

from refrace.programs.checks.names import Names
from refrace.programs.checks.sections import Section, locals_read
from refrace.programs.faults import Fault
from refrace.programs.steps import OPERATIONS, OperandKind, Operation, ResultKind
from refrace.programs.syntax import (
    Arithmetic,
    Barrier,
    Cell,
    Constant,
    Container,
    Critical,
    Field,
    FunctionName,
    Lock,
    ObjectDeclaration,
    ObjectName,
    Operand,
    Region,
    Step,
    Template,
    walk,
)
from refrace.programs.vocabulary import ARGUMENT, SELF, did_you_mean

__all__ = ["check_references"]


def check_references(
    sections: tuple[Section, ...], names: Names, fields: dict[str, bool]
) -> None:
    """Check the statements of every section; `fields` tells which fields hold integers.

    Raises
    ------
    Fault
        A word names nothing, or something of another kind.
    """
    for section in sections:
        checker = _Checker(section, names, fields)
        for statement in section.distinct:
            for name in locals_read(statement):
                checker.check_local(name, statement)
            if isinstance(statement, Step):
                checker.check_step(statement)
            elif isinstance(statement, Critical):
                checker.check_critical(statement)
        checker.check_regions()


class _Checker:
    """The checks of one section."""

    def __init__(self, section: Section, names: Names, fields: dict[str, bool]) -> None:
        self._section = section
        self._names = names
        self._fields = fields

    def _fault(
        self,
        problem: str,
        node: object,
        text: str = "",
        cure: str = "",
        is_result: bool = False,
    ) -> Fault:
        return Fault(
            problem,
            node,
            text=text,
            cure=cure,
            section=self._section.label,
            is_result=is_result,
        )

    def check_critical(self, statement: Critical) -> None:
        """Check that a critical section is not in the `end` block."""
        if self._section.kind == "end":
            raise self._fault(
                "the `end` block only reads: it has no critical sections",
                statement,
                cure="do it in a thread or a sub-program",
            )

    def check_regions(self) -> None:
        """Check that the `end` block, where no thread is left, stops none."""
        for node in walk(self._section.body) if self._section.kind == "end" else ():
            if isinstance(node, Region) and node.word == "stop_world":
                raise self._fault(
                    "all threads have ended where the `end` block runs: there is no "
                    "world to stop",
                    node,
                    cure="do it in a thread or a sub-program",
                )

    def check_step(self, step: Step) -> None:
        row = OPERATIONS[step.op]
        if self._section.kind == "end" and not row.in_end:
            raise self._fault(
                f"the `end` block only reads: `{row.form}` is not allowed in it",
                step,
                cure="do it in a thread or a sub-program",
            )
        self._check_result(step, row)
        for kind, operand in zip(row.operands, step.operands, strict=False):
            self._check_operand(kind, operand, step)

    def _check_result(self, step: Step, row: Operation) -> None:
        if step.result is None:
            if row.result_required:
                raise self._fault(
                    f"the result of `{row.name}` must be kept",
                    step,
                    cure=f"write `{row.form}`",
                )
            return
        if row.result is ResultKind.NONE:
            raise self._fault(
                f"`{row.name}` has no result", step, cure=f"write `{row.form}`"
            )
        known = self._names.kind_of(step.result)
        if self._names.is_shared(step.result):
            is_place = step.result in self._names.cells
            raise self._fault(
                f"`{step.result}` is {known}, not a local",
                step,
                step.result,
                f"use a local: `k = … ; {step.result} = k`"
                if is_place
                else "choose another name for the local",
                is_result=True,
            )

    def check_local(self, name: str, node: object) -> None:
        """Check that the name of a local is not the name of something shared."""
        if not self._names.is_shared(name):
            return
        known = self._names.kind_of(name)
        if name in self._names.cells:
            cure = f"load it first: `k = {name}`"
        elif name in self._names.objects:
            cure = f"load it from a cell: `slot S = {name}` and `k = S`"
        elif name in self._names.containers:
            cure = f"read an item: `k = get {name} 0`"
        else:
            cure = "use a local here"
        raise self._fault(f"`{name}` is {known}, not a local", node, name, cure)

    def _check_operand(self, kind: OperandKind, operand: Operand, step: Step) -> None:
        if isinstance(operand, Cell):
            cells = self._names.cells
            self._check_known(operand.name, cells, "a cell", "slot S = A", step)
            is_integer = cells[operand.name].kind == "int"
            self._check_place(kind, operand.name, is_integer, step)
        elif isinstance(operand, Field):
            self._check_field(operand, step)
            is_integer = self._fields[operand.name]
            self._check_place(kind, operand.name, is_integer, step)
        elif isinstance(operand, Lock):
            locks = self._names.locks
            self._check_known(operand.name, locks, "a lock", "lock L", step)
        elif isinstance(operand, Barrier):
            self._check_barrier(operand.name, step)
        elif isinstance(operand, Container):
            containers = self._names.containers
            form = "vec C = []"
            self._check_known(operand.name, containers, "a container", form, step)
            needs_block = step.op in ("items", "resize")
            if needs_block and containers[operand.name].room is None:
                raise self._fault(
                    f"the items of `{operand.name}` lie in no block of their own",
                    step,
                    operand.name,
                    f"declare one: `vec {operand.name} = [] room 2`",
                )
        elif isinstance(operand, ObjectName):
            objects = self._names.objects
            self._check_known(operand.name, objects, "an object", "obj A", step)
            if objects[operand.name].uncounted:
                raise self._fault(
                    f"`{operand.name}` is memory without a count",
                    step,
                    operand.name,
                    "allocate with `malloc`",
                )
        elif isinstance(operand, FunctionName):
            functions = self._names.functions
            form = f"fn {operand.name}: …"
            self._check_known(operand.name, functions, "a sub-program", form, step)
        elif isinstance(operand, Template):
            self._check_template(operand.name, step)
        elif kind is OperandKind.REFERENCE and (
            isinstance(operand, Arithmetic)
            or (isinstance(operand, Constant) and operand.value is not None)
        ):
            raise self._fault(
                "a container holds pointers, not numbers",
                step,
                cure="pass a local that holds a pointer, or null",
            )

    def _check_barrier(self, name: str, step: Step) -> None:
        if name in self._names.cells:
            known = self._names.kind_of(name)
            problem = f"`{name}` is {known}, not a barrier"
            raise self._fault(problem, step, name, f"write `await {name}`")
        barriers, form = self._names.barriers, "barrier B 2"
        self._check_known(name, barriers, "a barrier", form, step)

    def _check_known(
        self, name: str, known: Iterable[str], what: str, form: str, step: Step
    ) -> None:
        if name in known:
            return
        declared = self._names.kind_of(name)
        if declared:
            problem = f"`{name}` is {declared}, not {what}"
            cure = did_you_mean(name, known) or f"`{step.op}` needs {what} here"
        else:
            problem = f"there is no {what.partition(' ')[2]} `{name}`"
            cure = did_you_mean(name, known) or f"declare it: `{form}`"
            if what == "a cell" and isinstance(step.operands[0], Cell):
                cure = did_you_mean(name, known) or "declare it: `slot`, `raw` or `int`"
        raise self._fault(problem, step, name, cure)

    def _check_place(
        self, kind: OperandKind, name: str, is_integer: bool, step: Step
    ) -> None:
        if kind is OperandKind.INTEGER_PLACE and not is_integer:
            raise self._fault(
                f"`{name}` holds a pointer, but `{step.op}` needs a number",
                step,
                name,
                "use an `int` cell",
            )
        if kind is OperandKind.REFERENCE_PLACE and is_integer:
            raise self._fault(
                f"`{name}` holds a number, but `{step.op}` needs a pointer",
                step,
                name,
                "use a `slot` or a `raw`",
            )

    def _check_field(self, operand: Field, step: Step) -> None:
        if operand.name not in self._fields:
            raise self._fault(
                f"no object or type has a field `{operand.name}`",
                step,
                operand.name,
                did_you_mean(operand.name, self._fields)
                or f"declare it: `obj A field {operand.name}=null`",
            )

    def _check_template(self, name: str, step: Step) -> None:
        known = self._names.declared.get(name)
        if name in (SELF, ARGUMENT):
            raise self._fault(
                f"`{name}` is a local", step, name, "use a type: `x = new T`"
            )
        if known is None:
            return
        if not isinstance(known, ObjectDeclaration):
            raise self._fault(
                f"`{name}` is {self._names.kind_of(name)}, not a type",
                step,
                name,
                "use a type: `x = new T`",
            )
        if known.kind == "obj" and known != ObjectDeclaration("obj", name):
            raise self._fault(
                f"`{name}` is an object with options of its own",
                step,
                name,
                f"declare a type for new ones, or write `renew {name}`",
            )

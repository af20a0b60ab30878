"""The static facts of a program: what is known without running it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from types import MappingProxyType

from refrace.programs.checks import Checked
from refrace.programs.checks.calls import call_depths, calls_in
from refrace.programs.checks.declared import initial_counts
from refrace.programs.checks.sections import Section, locals_read
from refrace.programs.normalise import renamed
from refrace.programs.steps import OPERATIONS
from refrace.programs.syntax import (
    Assert,
    BarrierDeclaration,
    CellDeclaration,
    ContainerDeclaration,
    Critical,
    Declaration,
    HoldDeclaration,
    If,
    InterruptDeclaration,
    LockDeclaration,
    ObjectDeclaration,
    ObjectName,
    Region,
    Step,
    Template,
    While,
    walk,
)

__all__ = ["Facts"]


class Facts:
    """The static facts of one program, each computed on first use.

    A section is named after its thread or sub-program; the `end` block is "end".
    """

    def __init__(self, declarations: tuple[Declaration, ...], checked: Checked) -> None:
        self._declarations = declarations
        self._names = checked.names
        self._types = checked.types
        self.sections: tuple[Section, ...] = checked.sections

    # ---------------------------------------------------- declarations

    @cached_property
    def cells(self) -> tuple[CellDeclaration, ...]:
        """Every `slot`, `raw` and `int`, in the order of declaration."""
        return tuple(self._names.cells.values())

    @cached_property
    def containers(self) -> tuple[ContainerDeclaration, ...]:
        """Every `vec` and `rawvec`."""
        return tuple(self._names.containers.values())

    @cached_property
    def locks(self) -> tuple[LockDeclaration, ...]:
        """Every `lock`, `rlock` and `native_lock`; not the objects' own locks."""
        return tuple(self._names.locks.values())

    @cached_property
    def barriers(self) -> tuple[BarrierDeclaration, ...]:
        """Every `barrier`."""
        return tuple(self._names.barriers.values())

    @cached_property
    def holds(self) -> tuple[HoldDeclaration, ...]:
        """Every `hold` and `borrow`."""
        return self._names.holds

    @cached_property
    def interrupts(self) -> tuple[InterruptDeclaration, ...]:
        """Every `interrupt`, in the order of the threads and then of declaration."""
        order = {name: place for place, name in enumerate(self._names.threads)}
        found = self._names.interrupts
        return tuple(sorted(found, key=lambda node: order[node.thread]))

    @cached_property
    def objects(self) -> tuple[ObjectDeclaration, ...]:
        """Every object that exists at the start, in order of first mention.

        An object without an `obj` line has no options.
        """
        return tuple(self._names.objects.values())

    @cached_property
    def templates(self) -> Mapping[str, ObjectDeclaration]:
        """The templates of `new`, `raw_new` and `renew`, by name, in order of use.

        A name that is not a type has no options, except in `renew`, where it has the
        options of that object.
        """
        found: dict[str, ObjectDeclaration] = {}
        for section in self.sections:
            for statement in section.distinct:
                if not isinstance(statement, Step):
                    continue
                for operand in statement.operands:
                    if isinstance(operand, (Template, ObjectName)):
                        found.setdefault(operand.name, self._template(operand.name))
        return MappingProxyType(found)

    def _template(self, name: str) -> ObjectDeclaration:
        known = self._names.types.get(name) or self._names.objects.get(name)
        return ObjectDeclaration("type", name) if known is None else known

    @cached_property
    def initial_counts(self) -> Mapping[str, int]:
        """The initial count of every object: its `rc`, or the number of its owners."""
        counts = initial_counts(self._declarations, self._names)
        return MappingProxyType(counts)

    @cached_property
    def integer_fields(self) -> Mapping[str, bool]:
        """For every field name, whether it holds an integer (otherwise a pointer)."""
        return MappingProxyType(
            {
                part.name: isinstance(part.initial, int)
                for node in self._declarations
                if isinstance(node, ObjectDeclaration)
                for part in node.fields
            }
        )

    # ------------------------------------------------------------- locals

    @cached_property
    def locals(self) -> Mapping[str, tuple[str, ...]]:
        """The locals of every section: first those held, then by first mention.

        The parameters of a sub-program come before all others.  They include `self`
        and `arg` if these are read or written.
        """
        return MappingProxyType(
            {section.key: self._locals_of(section) for section in self.sections}
        )

    def _locals_of(self, section: Section) -> tuple[str, ...]:
        found = dict.fromkeys(section.parameters)
        found.update(dict.fromkeys(hold.local for hold in self._held(section)))
        found.update(dict.fromkeys(_mentioned_locals(section)))
        return tuple(found)

    def _held(self, section: Section) -> list[HoldDeclaration]:
        return self._names.held_by.get(section.key, [])

    def local_type(self, section: str, local: str) -> str | None:
        """Return "integer" or "reference"; None if the type is undetermined."""
        return self._types.of(section, local)

    # ----------------------------------------------------------- features

    @cached_property
    def operations(self) -> frozenset[str]:
        """Every `op` used, and each word of a block and "assert" if used."""
        return frozenset(
            _operation(statement)
            for section in self.sections
            for statement in walk(section.body)
        )

    def uses(self, *operations: str) -> bool:
        """Return whether any of `operations` is used."""
        return not self.operations.isdisjoint(operations)

    @property
    def uses_store_buffer(self) -> bool:
        """Whether a write may wait in a store buffer."""
        return self.uses("put")

    @property
    def uses_finalisers(self) -> bool:
        """Whether an object of the program may have a finaliser."""
        nodes = (*self.objects, *self.templates.values())
        return any(node.finaliser is not None for node in nodes)

    @property
    def uses_count_word(self) -> bool:
        """Whether a step needs a count that is one word, which not every mode has."""
        return any(
            op in OPERATIONS and OPERATIONS[op].needs_count_word
            for op in self.operations
        )

    @property
    def whole_count_changes(self) -> tuple[str, ...]:
        """The steps that change a count as a whole, which not every mode has."""
        return tuple(
            op
            for op in OPERATIONS
            if OPERATIONS[op].changes_whole_count and self.uses(op)
        )

    @property
    def uses_loops(self) -> bool:
        """Whether there is a `while` (a `repeat` always ends)."""
        return self.uses("while")

    @property
    def uses_allocation(self) -> bool:
        """Whether objects are allocated during the run."""
        return self.uses("new", "raw_new", "renew", "malloc")

    @cached_property
    def call_depth(self) -> int:
        """How deep `call` and `maybe` nest, without finalisers; 0 without calls."""
        calls = {s.key: [name for name, _ in calls_in(s)] for s in self.sections}
        return max(call_depths(calls).values(), default=0)

    @cached_property
    def n_statements(self) -> int:
        """The number of statements; the opener of a block counts as one."""
        return sum(1 for section in self.sections for _ in walk(section.body))

    # ----------------------------------------------------------- symmetry

    @cached_property
    def identical_threads(self) -> tuple[tuple[str, ...], ...]:
        """The threads in groups with the same behaviour and the same initial locals.

        Threads of one group are interchangeable in every state: their bodies and what
        they hold differ only in the names of locals.
        """
        groups: dict[object, list[str]] = {}
        for section in self.sections:
            if section.kind == "thread":
                new = self.normal_names(section)
                held = sorted(
                    (new[hold.local], hold.kind, hold.object)
                    for hold in self._held(section)
                )
                coming = tuple(
                    (node.function, node.times)
                    for node in self.interrupts
                    if node.thread == section.key
                )
                key = (renamed(section.body, new), tuple(held), coming)
                groups.setdefault(key, []).append(section.key)
        return tuple(map(tuple, groups.values()))

    def normal_names(self, section: Section) -> dict[str, str]:
        """Return the standard name of every local: `x1`, `x2` … by first mention.

        Locals that are held and never mentioned come last; `self` and `arg` keep their
        names in sub-programs.
        """
        kept = ("self", "arg") if section.kind == "function" else ()
        found = dict.fromkeys(section.parameters)
        found.update(dict.fromkeys(_mentioned_locals(section)))
        for hold in sorted(self._held(section), key=lambda h: (h.object, h.kind)):
            found.setdefault(hold.local)
        fresh = self._fresh_names()
        return {name: name if name in kept else next(fresh) for name in found}

    def _fresh_names(self) -> Iterator[str]:
        number = 0
        while True:
            number += 1
            if not self._names.is_shared(f"x{number}"):
                yield f"x{number}"


def _mentioned_locals(section: Section) -> Iterator[str]:
    for statement in section.distinct:
        if isinstance(statement, Step) and statement.result is not None:
            yield from locals_read(statement)
            yield statement.result
        else:
            yield from locals_read(statement)


def _operation(statement: object) -> str:
    if isinstance(statement, Step):
        return statement.op
    if isinstance(statement, Assert):
        return "assert"
    if isinstance(statement, If):
        return "if"
    if isinstance(statement, Region):
        return statement.word
    if isinstance(statement, Critical):
        return "critical"
    return "while" if isinstance(statement, While) else "repeat"

"""Lowers race programs to flat arrays of numbers, the form that the core runs.

The numbers of the operations come from ``cext/program/ops.def``; the layout of the
image is defined in ``cext/program/program.h``.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, replace

from refrace._native import explorer as native_explorer
from refrace.errors import ProgramTooLarge
from refrace.explorer.model.lower_body import NOWHERE, Body
from refrace.programs import Program
from refrace.programs.syntax import FieldDeclaration, ObjectDeclaration, Statement
from refrace.programs.text.printer import node_text, printed_statements
from refrace.programs.vocabulary import LOCK_KINDS, SELF

__all__ = ["LARGEST_INTEGER", "Lowered", "lower"]

LARGEST_INTEGER = native_explorer.BOUNDS["integer"]
"""The integers of a program that runs lie between minus this and this."""

IMAGE_VERSION = 1
NULL_WORD = 0
COUNTED, UNCOUNTED, ITEMS = range(3)  # enum rr_memory_kind


@dataclass(frozen=True, slots=True)
class Lowered:
    """A program in the core's form, and the meaning of its numbers.

    Attributes
    ----------
    image : array of int32
    threads, objects, cells, containers, locks, templates : tuple of str
        Names, in the order of their numbers.
    locals : tuple of tuple of str
        The locals of each thread, and of the `end` block if there is one.
    fields : tuple of tuple of str
        The fields of each template, in the order of their numbers; the last is the
        number of the payload, if the program uses it.
    texts, lines : tuple of str, tuple of int
        The text of each statement, and its line in the text of the program.
    has_end : bool
        Whether there is an `end` block; its thread number is ``len(threads)``.
    has_block : tuple of bool
        Whether the items of each container lie in a block of their own.
    interrupts : tuple of (str, int)
        The sub-program of each interrupt, and the line of its declaration.
    n_sections : tuple of int
        How many critical sections each thread may be in at once, without sub-programs.
    barriers : frozenset of str
        Those of `locks` that are barriers.
    """

    image: array[int]
    threads: tuple[str, ...]
    objects: tuple[str, ...]
    cells: tuple[str, ...]
    containers: tuple[str, ...]
    locks: tuple[str, ...]
    templates: tuple[str, ...]
    locals: tuple[tuple[str, ...], ...]
    fields: tuple[tuple[str, ...], ...]
    texts: tuple[str, ...]
    lines: tuple[int, ...]
    has_end: bool
    has_block: tuple[bool, ...]
    interrupts: tuple[tuple[str, int], ...]
    n_sections: tuple[int, ...]
    barriers: frozenset[str] = frozenset()


def lower(program: Program) -> Lowered:
    """Return the flat form of `program`.

    Raises
    ------
    ProgramTooLarge
        A number in it is too large for the core.
    """
    return _Lowering(program).run()


class _Lowering:
    def __init__(self, program: Program) -> None:
        facts = program.facts
        self.program = program
        self.facts = facts
        self.payload = "payload"
        self.cells = {node.name: i for i, node in enumerate(facts.cells)}
        self.containers = {node.name: i for i, node in enumerate(facts.containers)}
        # The core names a barrier like a lock, which is never held.
        self.barriers = {node.name: node.threads for node in facts.barriers}
        locks = (*(node.name for node in facts.locks), *self.barriers)
        self.locks = {name: i for i, name in enumerate(locks)}
        self.objects = {node.name: i for i, node in enumerate(facts.objects)}
        # One template per object, so that renewing it keeps its options, and one per
        # other type, used or not: a finaliser that never runs may name its fields.
        self.template_nodes: list[ObjectDeclaration] = list(facts.objects)
        self.templates = dict(self.objects)
        types = {
            node.name: node
            for node in program.declarations
            if isinstance(node, ObjectDeclaration)
        }
        for name, node in {**facts.templates, **types}.items():
            if name not in self.templates:
                self.templates[name] = len(self.template_nodes)
                self.template_nodes.append(node)
        # One more for the blocks of each container that has some.
        self.block_templates = {
            node.name: len(self.template_nodes) + i
            for i, node in enumerate(n for n in facts.containers if n.room is not None)
        }
        uses_payloads = facts.uses("peek", "poke")
        names = {part.name for node in self.template_nodes for part in node.fields}
        if uses_payloads:
            self._add_payloads(names)
        parts = [part.name for node in self.template_nodes for part in node.fields]
        if uses_payloads:
            parts.append(self.payload)  # also where there are no objects at all
        self.field_names = {name: i for i, name in enumerate(dict.fromkeys(parts))}
        first_function = len(program.threads) + bool(program.end)
        self.functions = {
            node.name: first_function + i for i, node in enumerate(program.functions)
        }
        self.values: dict[tuple[int, int, int], int] = {}
        self.statements: list[Statement] = []

    def _add_payloads(self, names: set[str]) -> None:
        """Give every object a field for the number of its payload."""
        if self.payload in names:
            self.payload = "(payload)"  # as no field can be named
        part = FieldDeclaration("rawfield", self.payload, 0)
        self.template_nodes = [
            replace(node, fields=(*node.fields, part)) for node in self.template_nodes
        ]

    def run(self) -> Lowered:
        program = self.program
        names = self.facts.locals
        sections = [(node.name, node.body) for node in program.threads]
        if program.end:
            sections.append(("end", program.end))
        sections += [(node.name, node.body) for node in program.functions]
        n_runners = len(program.threads) + bool(program.end)
        bodies = [Body(self, names[name], body) for name, body in sections]
        for body, node in zip(bodies[n_runners:], program.functions, strict=True):
            if node.parameters:
                body.argument = body.locals[node.parameters[0]]
        return Lowered(
            array("i", self._image(bodies)),
            tuple(node.name for node in program.threads),
            tuple(self.objects),
            tuple(self.cells),
            tuple(self.containers),
            tuple(self.locks),
            (*self.templates, *(f"{name}.items" for name in self.block_templates)),
            tuple(tuple(body.locals) for body in bodies[:n_runners]),
            tuple(
                tuple(part.name for part in node.fields) for node in self.template_nodes
            )
            + ((),) * len(self.block_templates),
            tuple(map(node_text, self.statements)),
            _lines(program),
            bool(program.end),
            tuple(node.room is not None for node in self.facts.containers),
            tuple(
                (node.function, 1 + program.declarations.index(node))
                for node in self.facts.interrupts
            ),
            tuple(body.n_sections for body in bodies[: len(self.program.threads)]),
            frozenset(self.barriers),
        )

    # --------------------------------------------------------------- the image

    def _image(self, bodies: Sequence[Body]) -> list[int]:
        facts, nodes = self.facts, self.template_nodes
        n_items = sum(len(node.items) for node in facts.containers)
        n_fields = sum(len(node.fields) for node in nodes)
        image = [IMAGE_VERSION, len(self.program.threads), int(bool(self.program.end))]
        image += [len(bodies), sum(len(body.code) for body in bodies)]
        image += [len(self.values), len(facts.cells), len(facts.containers), n_items]
        n_templates = len(nodes) + len(self.block_templates)
        image += [len(self.locks), n_templates, n_fields, len(facts.objects)]
        image += [len(facts.holds), len(facts.interrupts), len(self.field_names)]
        for body in bodies:
            image += [len(body.code), len(body.locals)]
            image += [body.argument, body.locals.get(SELF, NOWHERE)]
        for body in bodies:
            for instr in body.code:
                operands = [*instr.operands, 0, 0, 0, 0][:4]
                image += [instr.op, instr.result, *operands, instr.statement]
                image += [_signed(instr.live), _signed(instr.live >> 32)]
        for value in self.values:
            image += value
        for cell in facts.cells:
            image += [cell.kind == "slot", self.word(cell.initial)]
            image += [
                cell.kind == "weak",
                self.functions.get(cell.callback or "", NOWHERE),
            ]
        for container in facts.containers:
            image += [container.kind == "vec", len(container.items)]
            room = NOWHERE if container.room is None else container.room
            template = self.block_templates.get(container.name, NOWHERE)
            image += [room, container.delayed, template]
        for container in facts.containers:
            image += [self.word(item) for item in container.items]
        image += [LOCK_KINDS.index(lock.kind) for lock in facts.locks]
        image += [len(LOCK_KINDS)] * len(self.barriers)
        image += self._templates()
        for i, name in enumerate(self.objects):
            image += [i, self._checked(facts.initial_counts[name])]
        threads = {node.name: i for i, node in enumerate(self.program.threads)}
        for hold in facts.holds:
            image += [
                threads[hold.thread],
                bodies[threads[hold.thread]].locals[hold.local],
            ]
            image += [self.objects[hold.object], hold.kind == "hold"]
        for node in facts.interrupts:
            image += [threads[node.thread], self.functions[node.function], node.times]
        return image

    def _templates(self) -> list[int]:
        image: list[int] = []
        for node in self.template_nodes:
            finaliser = NOWHERE
            if node.finaliser is not None:
                finaliser = self.functions[node.finaliser]
            is_type = node.name not in self.objects
            count = 1 if node.count is None or not is_type else node.count
            maximum = 0 if node.max_count is None else node.max_count
            image += [UNCOUNTED if node.uncounted else COUNTED, finaliser]
            image += [self._checked(maximum), node.stable]
            image += [self._checked(count), node.gc, node.untracks_late]
            image.append(len(node.fields))
        for _ in self.block_templates:
            image += [ITEMS, NOWHERE, 0, False, 0, False, False, 0]
        for node in self.template_nodes:
            for part in node.fields:
                image += [self.field_names[part.name], part.kind == "field"]
                image += [self.word(part.initial), node.visits_of(part)]
        return image

    # ------------------------------------------------------------------ values

    def _checked(self, number: int) -> int:
        if abs(number) > LARGEST_INTEGER:
            raise ProgramTooLarge(
                f"{number}: the numbers of a program that runs lie between "
                f"-{LARGEST_INTEGER:,} and {LARGEST_INTEGER:,}; use a smaller one"
            )
        return number

    def word(self, value: str | int | None) -> int:
        """Return the word of the value of a declaration or a constant."""
        if value is None:
            return NULL_WORD
        if isinstance(value, int):
            return 2 * self._checked(value) + 1
        return 2 * self.objects[value] + 2

    def value(self, kind: int, x: int, y: int = 0) -> int:
        """Return the number of a value; equal values have equal numbers."""
        return self.values.setdefault((kind, x, y), len(self.values))


def _lines(program: Program) -> tuple[int, ...]:
    """Return the line of every statement, in the order of the core's numbers."""
    printed = printed_statements(program.parts)
    last = {node.name for node in program.functions}
    return tuple(
        one.line for one in sorted(printed, key=lambda one: one.section in last)
    )


def _signed(word: int) -> int:
    """Return the low 32 bits as a signed number."""
    low = word & 0xFFFFFFFF
    return low - (1 << 32) if low >= 1 << 31 else low

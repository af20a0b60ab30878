"""Every name that a program declares or implies, and its meaning."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from refrace.programs.faults import Fault
from refrace.programs.syntax import (
    BarrierDeclaration,
    CellDeclaration,
    ContainerDeclaration,
    Declaration,
    Function,
    HoldDeclaration,
    InterruptDeclaration,
    LockDeclaration,
    ObjectDeclaration,
    Thread,
)
from refrace.programs.vocabulary import ARGUMENT, SELF

__all__ = ["Names", "owned_objects"]

_Named: TypeAlias = (
    CellDeclaration
    | ContainerDeclaration
    | LockDeclaration
    | BarrierDeclaration
    | ObjectDeclaration
    | Thread
    | Function
)
_ARTICLES = {
    "obj": "an object",
    "int": "an int cell",
    "weak": "a weak reference",
    "rlock": "a re-entrant lock",
    "native_lock": "a native lock",
}


@dataclass(slots=True)
class Names:
    """The names of one program.

    `declared` has all names, the other attributes those of one kind.  `objects` are in
    order of first mention and include implied objects: those that only a cell, item,
    field, `hold` or `borrow` names.
    """

    declared: dict[str, _Named] = field(default_factory=dict)
    cells: dict[str, CellDeclaration] = field(default_factory=dict)
    containers: dict[str, ContainerDeclaration] = field(default_factory=dict)
    locks: dict[str, LockDeclaration] = field(default_factory=dict)
    barriers: dict[str, BarrierDeclaration] = field(default_factory=dict)
    objects: dict[str, ObjectDeclaration] = field(default_factory=dict)
    types: dict[str, ObjectDeclaration] = field(default_factory=dict)
    threads: dict[str, Thread] = field(default_factory=dict)
    functions: dict[str, Function] = field(default_factory=dict)
    holds: tuple[HoldDeclaration, ...] = ()
    held_by: dict[str, list[HoldDeclaration]] = field(default_factory=dict)
    interrupts: tuple[InterruptDeclaration, ...] = ()

    @classmethod
    def of(
        cls,
        declarations: tuple[Declaration, ...],
        threads: tuple[Thread, ...],
        functions: tuple[Function, ...],
    ) -> Names:
        """Collect the names.

        Raises
        ------
        Fault
            A name is declared twice, or has two meanings.
        """
        names = cls()
        holds = []
        interrupts = []
        for node in (*declarations, *threads, *functions):
            if isinstance(node, HoldDeclaration):
                holds.append(node)
                names.held_by.setdefault(node.thread, []).append(node)
            elif isinstance(node, InterruptDeclaration):
                interrupts.append(node)
            else:
                names._declare(node)
        names.holds = tuple(holds)
        names.interrupts = tuple(interrupts)
        for declaration in declarations:
            for name in _mentioned_objects(declaration):
                names._mention(name, declaration)
        return names

    def kind_of(self, name: str) -> str:
        """Return what `name` is declared as, with its article; "" if it is not."""
        node = self.declared.get(name)
        if node is None:
            return ""
        if isinstance(node, Thread):
            return "a thread"
        if isinstance(node, Function):
            return "a sub-program"
        if isinstance(node, BarrierDeclaration):
            return "a barrier"
        return _ARTICLES.get(node.kind, f"a {node.kind}")

    def is_shared(self, name: str) -> bool:
        """Return whether `name` is taken, so that no local may have it."""
        node = self.declared.get(name)
        return node is not None and not isinstance(node, (Thread, Function))

    def _declare(self, node: _Named) -> None:
        name = node.name
        if name in (SELF, ARGUMENT):
            raise _reserved_local(name, node)
        first = self.declared.setdefault(name, node)
        if first is not node:
            where = f" on line {first.line}" if first.line is not None else ""
            raise Fault(
                f"`{name}` is already declared{where}",
                node,
                text=name,
                cure="choose another name",
            )
        if isinstance(node, CellDeclaration):
            self.cells[name] = node
        elif isinstance(node, ContainerDeclaration):
            self.containers[name] = node
        elif isinstance(node, LockDeclaration):
            self.locks[name] = node
        elif isinstance(node, BarrierDeclaration):
            self.barriers[name] = node
        elif isinstance(node, Thread):
            self.threads[name] = node
        elif isinstance(node, Function):
            self.functions[name] = node
        elif node.kind == "type":
            self.types[name] = node

    def _mention(self, name: str, node: Declaration) -> None:
        if name in self.objects:
            return
        if name in (SELF, ARGUMENT):
            raise _reserved_local(name, node)
        implied = ObjectDeclaration("obj", name, line=node.line, column=node.column)
        named = self.declared.setdefault(name, implied)
        if not isinstance(named, ObjectDeclaration) or named.kind != "obj":
            raise Fault(
                f"`{name}` is {self.kind_of(name)}, not an object",
                node,
                text=name,
                cure="use an object here",
            )
        self.objects[name] = named


def _reserved_local(name: str, node: object) -> Fault:
    meaning = "the argument of a sub-program" if name == ARGUMENT else "a dying object"
    return Fault(
        f"`{name}` is the local that holds {meaning}",
        node,
        text=name,
        cure="choose another name",
    )


def _mentioned_objects(node: Declaration) -> Iterator[str]:
    if isinstance(node, CellDeclaration):
        found: tuple[object, ...] = (node.initial,)
    elif isinstance(node, ContainerDeclaration):
        found = node.items
    elif isinstance(node, ObjectDeclaration):
        own = (node.name,) if node.kind == "obj" else ()
        found = (*own, *(part.initial for part in node.fields))
    elif isinstance(node, HoldDeclaration):
        found = (node.object,)
    else:
        found = ()
    for name in found:
        if isinstance(name, str):
            yield name


def owned_objects(node: Declaration) -> Iterator[str]:
    """Yield the object of every count that a declaration initially owns."""
    if isinstance(node, CellDeclaration) and node.kind == "slot":
        found: tuple[object, ...] = (node.initial,)
    elif isinstance(node, ContainerDeclaration) and node.kind == "vec":
        found = node.items
    elif isinstance(node, ObjectDeclaration) and node.kind == "obj":
        found = tuple(part.initial for part in node.fields if part.kind == "field")
    elif isinstance(node, HoldDeclaration) and node.kind == "hold":
        found = (node.object,)
    else:
        found = ()
    for name in found:
        if isinstance(name, str):
            yield name

"""Race programs as plain data, the form in which the reference explorer runs them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple


class InvalidProgram(Exception):
    """The text is no race program, or the program breaks a rule of the language."""


class Step(NamedTuple):
    """One instruction that is a step: a place where other threads may come in.

    `operands` holds local names, places and expressions, as the operation needs.
    """

    operation: str
    target: str | None
    operands: tuple
    text: str


class Local(NamedTuple):
    """One instruction on locals alone: it happens together with the step before it.

    `what` is one of assign, jump, jump-unless, assert, call and return.
    """

    what: str
    operands: tuple


@dataclass(frozen=True)
class Options:
    """What an `obj` or `type` line says about an object."""

    finaliser: str | None = None
    fields: tuple[tuple[str, bool, object], ...] = ()  # name, owning, initial value
    count: int | None = None
    maximum: int | None = None
    stable: bool = False
    uncounted: bool = False
    gc: bool = False
    untracks_late: bool = False
    visits: tuple[tuple[str, int], ...] = ()

    def owns(self, name: str) -> bool:
        return any(known == name and owning for known, owning, _ in self.fields)


@dataclass
class Program:
    """A parsed program: its shared things, and one list of instructions per body."""

    cells: dict[str, object] = field(default_factory=dict)  # initial values
    owning_cells: set[str] = field(default_factory=set)
    weak: dict[str, str | None] = field(default_factory=dict)  # and their callbacks
    containers: dict[str, tuple] = field(default_factory=dict)  # initial items
    rooms: dict[str, tuple[int, bool]] = field(default_factory=dict)  # delayed?
    owning_containers: set[str] = field(default_factory=set)
    locks: dict[str, str] = field(default_factory=dict)  # the word that declares it
    barriers: dict[str, int] = field(default_factory=dict)  # threads that it needs
    objects: dict[str, Options] = field(default_factory=dict)
    types: dict[str, Options] = field(default_factory=dict)
    holds: list[tuple[str, str, str]] = field(default_factory=list)
    borrows: list[tuple[str, str, str]] = field(default_factory=list)
    threads: list[str] = field(default_factory=list)
    bodies: dict[str, list[Step | Local]] = field(default_factory=dict)
    parameters: dict[str, tuple[str, ...]] = field(default_factory=dict)
    # Of each body, the instructions inside of a `masked` block.
    masked: dict[str, set[int]] = field(default_factory=dict)
    nosafe: dict[str, set[int]] = field(default_factory=dict)  # the same
    interrupts: list[tuple[str, str, int]] = field(default_factory=list)
    mentioned: list[object] = field(default_factory=list)  # values, as declared

    def initial_count(self, name: str) -> int:
        """The number of owners of a declared object, unless `rc` says otherwise."""
        said = self.objects[name].count
        if said is not None:
            return said
        owned = [self.cells[cell] for cell in self.owning_cells]
        for container in self.owning_containers:
            owned += self.containers[container]
        for options in self.objects.values():
            owned += [value for _, owning, value in options.fields if owning]
        owned += [held for _, _, held in self.holds]
        return owned.count(name)

"""Checks declarations: initial values, options and holders."""

from __future__ import annotations

from collections import Counter

from refrace.programs.checks.collected import check_collected, check_weak
from refrace.programs.checks.interrupts import check_interrupt
from refrace.programs.checks.names import Names, owned_objects
from refrace.programs.faults import Fault
from refrace.programs.syntax import (
    BarrierDeclaration,
    CellDeclaration,
    ContainerDeclaration,
    Declaration,
    FieldDeclaration,
    HoldDeclaration,
    InterruptDeclaration,
    ObjectDeclaration,
)
from refrace.programs.vocabulary import OBJECT_LOCK, did_you_mean

__all__ = ["check_declarations", "initial_counts"]

MOST_AT_A_BARRIER = 32
MOST_ROOM = 1024
MOST_DELAYING = 30


def initial_counts(
    declarations: tuple[Declaration, ...], names: Names
) -> dict[str, int]:
    """Return every object's initial count: its `rc`, or the number of its owners."""
    owners = Counter(name for node in declarations for name in owned_objects(node))
    return {
        name: owners[name] if node.count is None else node.count
        for name, node in names.objects.items()
    }


def check_declarations(
    declarations: tuple[Declaration, ...], names: Names
) -> dict[str, bool]:
    """Check every declaration; return for each field name whether it holds integers.

    Raises
    ------
    Fault
        A declaration names something unknown, or is contradictory.
    """
    fields: dict[str, bool] = {}
    held: set[tuple[str, str]] = set()
    counts = initial_counts(declarations, names)
    for node in declarations:
        if isinstance(node, CellDeclaration):
            _check_initial(node.kind, node.name, node.initial, node)
            check_weak(node, names)
        elif isinstance(node, ObjectDeclaration):
            _check_finaliser(node, names)
            _check_counts(node, counts.get(node.name, 0))
            _check_fields(node, fields)
            _check_uncounted(node)
            check_collected(node)
        elif isinstance(node, ContainerDeclaration):
            _check_room(node, names)
        elif isinstance(node, HoldDeclaration):
            _check_hold(node, names, held)
        elif isinstance(node, BarrierDeclaration):
            _check_barrier(node)
        elif isinstance(node, InterruptDeclaration):
            check_interrupt(node, names)
        _check_owned(node, names)
    return fields


def _check_owned(node: Declaration, names: Names) -> None:
    """Refuse an owner of a count that its object does not have."""
    for name in owned_objects(node):
        if names.objects[name].uncounted:
            raise Fault(
                f"`{name}` is memory without a count, which nothing can own",
                node,
                text=name,
                cure="point to it by `raw`, `rawvec`, `rawfield` or `borrow`",
            )


def _check_uncounted(node: ObjectDeclaration) -> None:
    if not node.uncounted:
        return
    if node.kind == "type":
        raise Fault(
            "a type is not `uncounted`; the step that allocates decides",
            node,
            text="uncounted",
            cure=f"remove the word, and write `b = malloc {node.name}`",
        )
    options = {"final": node.finaliser, "rc": node.count, "max": node.max_count}
    for option, value in options.items():
        if value is not None:
            raise Fault(
                f"memory without a count has no `{option}`",
                node,
                text=option,
                cure=f"remove `{option}` or `uncounted`",
            )


def _check_barrier(node: BarrierDeclaration) -> None:
    if not 1 <= node.threads <= MOST_AT_A_BARRIER:
        raise Fault(
            f"no barrier of {node.threads} threads can be filled",
            node,
            text=str(node.threads),
            cure=f"write how many it needs, from 1 to {MOST_AT_A_BARRIER}",
        )


def _check_room(node: ContainerDeclaration, names: Names) -> None:
    if node.room is None:
        if node.delayed:
            raise Fault(
                "only a container with a block of its own can delay a free",
                node,
                text="delayed",
                cure=f"write `{node.kind} {node.name} = […] room 2 delayed`",
            )
        return
    if len(node.items) > node.room:
        raise Fault(
            f"the block has room for {node.room}, but begins with {len(node.items)}",
            node,
            text=str(node.room),
            cure=f"write `room {len(node.items)}` or more",
        )
    if node.room > MOST_ROOM:
        raise Fault(
            f"a block has room for at most {MOST_ROOM:,} items at first",
            node,
            text=str(node.room),
            cure="use a smaller room",
        )
    if node.delayed and len(names.threads) > MOST_DELAYING:
        raise Fault(
            f"a program that delays frees has at most {MOST_DELAYING} threads",
            node,
            text="delayed",
            cure="remove `delayed`, or some threads",
        )


def _check_finaliser(node: ObjectDeclaration, names: Names) -> None:
    name = node.finaliser
    if name is not None and name not in names.functions:
        near = did_you_mean(name, names.functions)
        raise Fault(
            f"there is no sub-program `{name}`",
            node,
            text=name,
            cure=near or f"define it: `fn {name}: …`",
        )


def _check_fields(node: ObjectDeclaration, fields: dict[str, bool]) -> None:
    own: set[str] = set()
    for part in node.fields:
        if part.name in own:
            raise Fault(
                "this field is declared twice",
                node,
                text=part.name,
                cure="choose another name",
            )
        own.add(part.name)
        _check_field(node, part)
        is_integer = isinstance(part.initial, int)
        if fields.setdefault(part.name, is_integer) != is_integer:
            raise Fault(
                "this field is a number in one object and a pointer in another",
                node,
                text=part.name,
                cure="use two names",
            )


def _check_field(node: ObjectDeclaration, part: FieldDeclaration) -> None:
    if part.name == OBJECT_LOCK:
        raise Fault(
            "`m` is the lock that every object has",
            node,
            text=part.name,
            cure="choose another name for the field",
        )
    _check_initial(part.kind, part.name, part.initial, node)
    if node.kind == "type" and part.kind == "field" and part.initial is not None:
        raise Fault(
            "an owning field of a type must start as null: "
            "its objects cannot all own the same count",
            node,
            text=str(part.initial),
            cure=f"write `field {part.name}=null` and store into it after `new`",
        )


def _check_initial(kind: str, name: str, initial: object, node: object) -> None:
    is_integer = isinstance(initial, int)
    if kind == "int" and not is_integer:
        problem = "an int cell holds a number"
        cure = f"write `int {name} = 0`, or `slot {name} = …` for a pointer"
    elif kind in ("slot", "raw", "weak") and is_integer:
        problem = f"a {kind} {'reference ' * (kind == 'weak')}holds a pointer"
        cure = f"write `{kind} {name} = null`, or `int {name} = {initial}`"
    elif kind == "field" and is_integer:
        problem = "an owning field holds a pointer"
        cure = f"write `field {name}=null`, or `rawfield {name}={initial}`"
    else:
        return
    text = "null" if initial is None else str(initial)
    raise Fault(problem, node, text=text, cure=cure)


def _check_counts(node: ObjectDeclaration, count: int) -> None:
    if count < 0:
        raise Fault(
            "a count cannot start below zero",
            node,
            text=str(count),
            cure="write `rc 0` or more",
        )
    if node.max_count is None:
        return
    if node.max_count < 1:
        raise Fault(
            "a counter holds at least one",
            node,
            text=str(node.max_count),
            cure="write `max 1` or more",
        )
    if node.kind == "obj" and count > node.max_count:
        raise Fault(
            f"the count starts at {count}, which is more than its counter holds",
            node,
            text=str(node.max_count),
            cure=f"write `max {count}` or more",
        )


def _check_hold(
    node: HoldDeclaration, names: Names, held: set[tuple[str, str]]
) -> None:
    if node.thread not in names.threads:
        known = names.kind_of(node.thread)
        near = did_you_mean(node.thread, names.threads)
        raise Fault(
            f"`{node.thread}` is {known}, not a thread"
            if known
            else f"there is no thread `{node.thread}`",
            node,
            text=node.thread,
            cure=near or f"only a thread can {node.kind}: `T1: …`",
        )
    if names.is_shared(node.local):
        raise Fault(
            f"`{node.local}` is {names.kind_of(node.local)}, not a local",
            node,
            text=node.local,
            cure="choose another name for the local",
        )
    if (node.thread, node.local) in held:
        raise Fault(
            "this local already has a value",
            node,
            text=node.local,
            cure="a local holds one reference; use another name",
        )
    held.add((node.thread, node.local))

"""Checks what collections need: the options of objects, and weak references."""

from __future__ import annotations

from refrace.programs.checks.names import Names
from refrace.programs.faults import Fault
from refrace.programs.syntax import CellDeclaration, ObjectDeclaration
from refrace.programs.vocabulary import did_you_mean

__all__ = ["check_collected", "check_weak"]

MOST_CALLBACKS = 30
MOST_VISITS = 8


def check_collected(node: ObjectDeclaration) -> None:
    """Check the options of an object that say how it is collected.

    Raises
    ------
    Fault
        One needs another, or names no field that holds a pointer.
    """
    if node.gc and node.uncounted:
        raise Fault(
            "memory without a count takes no part in collections",
            node,
            text="gc",
            cure="remove `gc` or `uncounted`",
        )
    late = "untracks_late" if node.untracks_late else None
    needs_gc = "visits" if node.visits else late
    if needs_gc and not node.gc:
        raise Fault(
            f"`{needs_gc}` says how an object is collected, but this one is not",
            node,
            text=needs_gc,
            cure=f"write `{node.kind} {node.name} gc …`",
        )
    fields = {part.name: part for part in node.fields}
    seen: set[str] = set()
    for name, times in node.visits:
        if name not in fields:
            raise Fault(
                f"`{node.name}` has no field `{name}`",
                node,
                text=name,
                cure=did_you_mean(name, fields) or f"declare it: `field {name}=null`",
            )
        if isinstance(fields[name].initial, int):
            raise Fault(
                f"`{name}` holds a number, which `tp_traverse` does not visit",
                node,
                text=name,
                cure=f"remove `visits {name} {times}`",
            )
        if name in seen:
            raise Fault(
                f"how often `{name}` is visited is said twice",
                node,
                text=name,
                cure="remove one of them",
            )
        if times > MOST_VISITS:
            raise Fault(
                f"a field is visited at most {MOST_VISITS} times",
                node,
                text=str(times),
                cure=f"write `visits {name} 2`",
            )
        seen.add(name)


def check_weak(node: CellDeclaration, names: Names) -> None:
    """Check a weak reference.

    Raises
    ------
    Fault
        It refers to memory without a count, its callback is no sub-program, or there
        are too many callbacks.
    """
    name = node.callback
    if name is not None and node.kind != "weak":
        raise Fault(
            f"a {node.kind} calls nothing; a weak reference does",
            node,
            text=name,
            cure=f"write `weak {node.name} = {node.initial or 'null'} calls {name}`",
        )
    initial = names.objects.get(node.initial) if isinstance(node.initial, str) else None
    if node.kind == "weak" and initial is not None and initial.uncounted:
        raise Fault(
            f"`{node.initial}` is memory without a count, which has no weak references",
            node,
            text=str(node.initial),
            cure=f"write `raw {node.name} = {node.initial}`",
        )
    if name is None:
        return
    if name not in names.functions:
        known = names.kind_of(name)
        raise Fault(
            f"`{name}` is {known}, not a sub-program"
            if known
            else f"there is no sub-program `{name}`",
            node,
            text=name,
            cure=did_you_mean(name, names.functions) or f"define it: `fn {name}: …`",
        )
    calling = [one for one in names.cells.values() if one.callback is not None]
    if len(calling) > MOST_CALLBACKS and node is calling[MOST_CALLBACKS]:
        raise Fault(
            f"there are more than {MOST_CALLBACKS} weak references with a callback",
            node,
            text=name,
            cure="remove some",
        )

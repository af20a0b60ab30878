"""What a step has changed: the counts of its object, and the parts of all objects."""

from __future__ import annotations

from refrace.traces.state import ObjectState
from refrace.traces.steps import Change, Value

__all__ = ["changes", "counts", "in_core", "ledgers"]

Objects = dict[str, ObjectState]


def counts(name: str, old: Objects, new: Objects) -> tuple[int | None, int] | None:
    """Return an object's count before, None if it is new, and after."""
    if not new[name].is_counted:
        return None
    return old[name].count if name in old else None, new[name].count


def ledgers(name: str, old: Objects, new: Objects) -> tuple[int | None, int] | None:
    """Return an object's ledger before, None if it is new, and after."""
    if not new[name].is_counted:
        return None
    return old[name].ledger if name in old else None, new[name].ledger


def changes(old: Objects, new: Objects) -> list[Change]:
    """Return the changes of objects; a field is called `.name`."""
    found = []
    for name, known in new.items():
        was = _flat(old[name]) if name in old else {}
        found += [
            Change(name, part, was.get(part), value)
            for part, value in _flat(known).items()
            if part not in was or was[part] != value
        ]
    return found


def _flat(known: ObjectState) -> dict[str, Value]:
    flat: dict[str, Value] = {"status": known.status}
    if known.is_counted:
        flat |= {"count": known.count, "ledger": known.ledger}
    flat.update((f".{name}", value) for name, value in known.fields.items())
    return flat


def in_core(path: str) -> str:
    """Return a path of the core relative to its root."""
    return path[path.rindex("cext/") :] if "cext/" in path else path

"""What a replay sees, from words to names: records of steps, findings, states."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from refrace.explorer.model.lower import Lowered

__all__ = ["Reader"]

STATUSES = ("alive", "dying", "freed")
STATUS_MASK = 3
ATTACHMENTS = ("attached", "detached", "suspended")  # enum rr_attachment
COUNT, LEDGER = 1, 2  # words of an object, from its base
NOTHING = -1
TAKEN, DRAIN = 1, 2  # branches of a thread beside its step
FREE_STEP = "free-memory"
DANGLING_FREE, DANGLING_REFERENCE = "dangling-free", "dangling-reference"

Words = Sequence[int]
Value = int | str | None


class Reader:
    """Reads the states and steps of one run; knows what objects are called."""

    def __init__(
        self,
        lowered: Lowered,
        shape: dict[str, Any],
        count_of: Callable[[int, Words], tuple[int, str]],
    ) -> None:
        self._lowered = lowered
        self._shape = shape
        self._count_of = count_of
        self._threads = (*lowered.threads, "end")
        self._names = dict(enumerate(lowered.objects))
        self._findings: list[dict[str, Any]] = []

    # ------------------------------------------------------------------ values

    def _name(self, obj: int, words: Words) -> str:
        """Return an object's name; those made by `new` are named as they come."""
        if obj not in self._names:
            template = self._lowered.templates[self._template(obj, words)]
            taken = set(self._names.values())
            name, number = template, 1
            while name in taken:
                number += 1
                name = f"{template}{number}"
            self._names[obj] = name
        return self._names[obj]

    def _template(self, obj: int, words: Words) -> int:
        """Return the number of an object's template; -1 if there is no object yet."""
        type_word = self._shape["objects"][obj][1]
        if type_word < 0:
            return int(self._shape["named_templates"][obj])
        return int(words[type_word]) - 1

    def _value(self, word: int, words: Words) -> Value:
        if word == 0:
            return None
        return (word - 1) // 2 if word & 1 else self._name(word // 2 - 1, words)

    def _fields(self, obj: int, words: Words) -> dict[str, Value]:
        first = self._shape["objects"][obj][2]
        names = self._lowered.fields[self._template(obj, words)]
        return {
            name: self._value(words[first + i], words) for i, name in enumerate(names)
        }

    def _object(self, obj: int, words: Words) -> dict[str, Any]:
        """Return what is known of an object."""
        base = self._shape["objects"][obj][0]
        return {
            "status": STATUSES[words[base] & STATUS_MASK],
            "count": self._count_of(obj, words)[0],
            "ledger": words[base + LEDGER],
            "fields": self._fields(obj, words),
        }

    def _objects(self, words: Words) -> dict[str, dict[str, Any]]:
        n_objects = len(self._shape["objects"])
        there = [i for i in range(n_objects) if self._template(i, words) >= 0]
        return {self._name(i, words): self._object(i, words) for i in there}

    def _items(self, container: int, words: Words) -> list[Value]:
        at = self._shape["containers"][container]
        items = words[at + 1 : at + 1 + words[at]]
        return [self._value(word, words) for word in items]

    def _queue(self, thread: int, words: Words) -> list[Value]:
        """Return what waits for a thread, what was pushed last at the end."""
        queue = self._shape["queue"]
        waiting = {
            words[base + queue + 1]: self._name(obj, words)
            for obj, (base, _, _) in enumerate(self._shape["objects"])
            if words[base + queue] == thread + 1
        }
        return [waiting[place] for place in sorted(waiting)]

    # ------------------------------------------------------------------ places

    def _place(
        self, place: str | None, index: int, obj: int, words: Words
    ) -> tuple[Any, ...]:
        """Return a place's name, the word it is, and how that word is read."""
        lowered, shape = self._lowered, self._shape
        if place == "cell":
            return lowered.cells[index], shape["cells"] + index, "value"
        if place == "lock":
            return lowered.locks[index], shape["locks"][index], "owner"
        if place == "container":
            return lowered.containers[index], index, "items"
        if place == "count_lock":
            return "count_lock", shape["count_lock"], "owner"
        if place == "gil":
            return "gil", shape["gil"], "owner"
        if place == "queue":
            return f"{self._threads[index]}.queue", index, "queue"
        if place == "epoch":
            return "epoch", shape["epoch"], "number"
        if place == "announced":
            at = shape["announced"][index]
            return f"{self._threads[index]}.announced", at, "epoch"
        if place == "attachment":
            at = shape["attachment"][index]
            return self._threads[index], at if at >= 0 else None, "attachment"
        if place == "lane" and obj < 0:
            return f"{self._threads[index]}.lane", None, None
        if place is None or obj < 0:
            return None, None, None
        name = self._name(obj, words)
        base, _, first = shape["objects"][obj]
        if place == "field":
            field = lowered.fields[self._template(obj, words)][index]
            return f"{name}.{field}", first + index, "value"
        if place == "count":
            return f"{name}.refcount", base + COUNT, "number"
        if place == "mutex":
            return f"{name}.m", base + shape["mutex"], "owner"
        if place == "count_mutex":
            return f"{name}.count_lock", base + shape["count_mutex"], "owner"
        if place == "ref_shared":
            return f"{name}.ob_ref_shared", base + shape["ref_shared"], "number"
        if place == "tid":
            return f"{name}.ob_tid", base + shape["tid"], "thread"
        if place == "lane":
            at = shape["lanes"][index] + obj * shape["n_lanes"]
            return f"{self._threads[index]}.lane[{name}]", at, "lane"
        return name, None, None

    def _read(self, at: int | None, how: str | None, words: Words) -> Any:
        if at is None:
            return None
        if how == "items":
            return self._items(at, words)
        if how == "queue":
            return self._queue(at, words)
        if how == "thread":
            return self._threads[words[at] - 1] if words[at] else None
        if how == "value":
            return self._value(words[at], words)
        if how == "epoch":
            return words[at] - 1 if words[at] else None
        if how == "lane":
            n_lanes = self._shape["n_lanes"]
            return words[at] if n_lanes == 1 else list(words[at : at + n_lanes])
        if how == "attachment":
            return ATTACHMENTS[words[at]]
        if how == "owner":
            return words[at] - 1 if words[at] else None
        return words[at]

    # ----------------------------------------------------------------- records

    def record(self, code: int, seen: dict[str, Any]) -> dict[str, Any]:
        """Return the record of one step; `seen` is what the core saw of it."""
        thread, branch = divmod(code, 4)
        before, after = seen["before"], seen["after"]
        obj, op, text = seen["object"], seen["op"], seen["text"]
        if obj >= 0 and self._template(obj, after) < 0:
            obj = NOTHING
        old, new = self._objects(before), self._objects(after)
        name = self._name(obj, after) if obj >= 0 else None
        where, at, how = self._place(seen["place"], seen["index"], obj, after)
        latent = self._shape["latent"]
        if after[latent] and not before[latent]:
            self._findings.append(_finding(DANGLING_FREE, name, thread))
        event = "step"
        if branch == DRAIN:
            event, op = "drain", "drain"
        elif op is None:
            event, op = "free", FREE_STEP
        elif op == "maybe":
            event = "maybe"
        elif text is not None:
            event = "access"
        result = seen["result"]
        return {
            "thread": thread,
            "statement": seen["statement"],
            "event": event,
            "operation": op,
            "text": text,
            "file": None if seen["file"] is None else _in_core(seen["file"]),
            "line": seen["line"],
            "begins": seen["begins"],
            "completes": seen["completes"],
            "object": name,
            "place": where,
            "before": self._read(at, how, before),
            "after": self._read(at, how, after),
            "count": _pair("count", name, old, new),
            "ledger": _pair("ledger", name, old, new),
            "result": None if result is None else self._value(result, after),
            "has_result": result is not None,
            "choice": int(branch == TAKEN) if event == "maybe" else None,
            "preempts": seen["preempts"],
            "changes": _changes(old, new),
        }

    def misfit(self, code: int, choices: Sequence[int]) -> str:
        """Say in words why a code cannot be taken."""
        names = self._threads
        thread, branch = divmod(code, 4)
        if not 0 <= thread < len(names) or branch > DRAIN:
            return f"there is no choice {code}"
        if any(choice // 4 == thread for choice in choices):
            return f"{names[thread]} has no such choice here (code {code})"
        return f"{names[thread]} cannot take a step here"

    # ---------------------------------------------------------------- findings

    def found(self, bits: int, culprit: int, thread: int | None) -> None:
        """Note what ended the run in a step."""
        name = self._names.get(culprit)
        for kind in range(bits.bit_length()):
            if bits >> kind & 1:
                self._findings.append(_finding(kind, name, thread))

    def judged(self, words: Words, owners: Sequence[int]) -> None:
        """Note what the end of a run found: what is wrong with which object."""
        n_objects = len(self._shape["objects"])
        for obj in range(n_objects):
            if self._template(obj, words) < 0:
                continue
            known = self._object(obj, words)
            count, n = known["count"], owners[obj]
            assert isinstance(count, int)
            kind = None
            if known["status"] == "freed":
                kind = DANGLING_REFERENCE if n else None
            elif (standing := self._count_of(obj, words)[1]) != "counted":
                kind = "leak" if standing == "saturated" else None
            elif count > n or count == n == 0:
                kind = "leak"
            elif count < n:
                kind = "count-too-low"
            if kind is not None:
                name = self._name(obj, words)
                self._findings.append(_finding(kind, name, None, count=count, owners=n))

    def deadlocked(self) -> None:
        """Note that some thread waits and none can run."""
        self._findings.append(_finding("deadlock", None, None))

    def findings(self, kinds: Sequence[str]) -> list[dict[str, Any]]:
        """Return all findings so far, kinds by name."""
        return [
            f | {"kind": kinds[f["kind"]] if isinstance(f["kind"], int) else f["kind"]}
            for f in self._findings
        ]

    def waits(self, thread: int, word: int, words: Words) -> dict[str, Any]:
        """Say what a thread waits for, and who has it."""
        shape, lowered = self._shape, self._lowered
        named = dict(zip(shape["locks"], lowered.locks, strict=True))
        named[shape["count_lock"]] = "count_lock"
        named[shape["gil"]] = "gil"
        for obj, (base, _, _) in enumerate(shape["objects"]):
            if self._template(obj, words) >= 0:
                name = self._name(obj, words)
                named[base + shape["mutex"]] = f"{name}.m"
                if shape["count_mutex"] >= 0:
                    named[base + shape["count_mutex"]] = f"{name}.count_lock"
        if word < 0:
            return {"thread": thread, "for": None, "held_by": None}
        return {"thread": thread, "for": named[word], "held_by": words[word] - 1}

    def state(self, words: Words) -> dict[str, Any]:
        """Return a whole state by names."""
        shape, lowered = self._shape, self._lowered
        return {
            "cells": {
                name: self._value(words[shape["cells"] + i], words)
                for i, name in enumerate(lowered.cells)
            },
            "containers": {
                name: self._items(i, words) for i, name in enumerate(lowered.containers)
            },
            "locks": {
                name: self._read(at, "owner", words)
                for name, at in zip(lowered.locks, shape["locks"], strict=True)
            },
            "objects": self._objects(words),
        }


def _finding(
    kind: str | int,
    obj: str | None,
    thread: int | None,
    count: int | None = None,
    owners: int | None = None,
) -> dict[str, Any]:
    return {
        "kind": kind,
        "object": obj,
        "thread": thread,
        "count": count,
        "owners": owners,
    }


def _pair(
    what: str,
    name: str | None,
    old: dict[str, dict[str, Any]],
    new: dict[str, dict[str, Any]],
) -> tuple[int | None, int] | None:
    if name is None:
        return None
    return old.get(name, {}).get(what), new[name][what]


def _changes(
    old: dict[str, dict[str, Any]], new: dict[str, dict[str, Any]]
) -> list[tuple[str, str, Any, Any]]:
    """List what changed in objects; a field is called `.name`."""
    found = []
    for name, known in new.items():
        was = _flat(old[name]) if name in old else {}
        found += [
            (name, part, was.get(part), value)
            for part, value in _flat(known).items()
            if part not in was or was[part] != value
        ]
    return found


def _flat(known: dict[str, Any]) -> dict[str, Any]:
    fields = {f".{name}": value for name, value in known["fields"].items()}
    return {key: known[key] for key in ("status", "count", "ledger")} | fields


def _in_core(path: str) -> str:
    """Return a path of the core from its root on, wherever it was compiled."""
    return path[path.rindex("cext/") :] if "cext/" in path else path

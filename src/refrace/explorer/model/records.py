"""Turns the words of a run into steps, waits, findings and states with names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

from refrace._native.explorer import Seen, Shape
from refrace.explorer.model.lower import Lowered
from refrace.explorer.model.object_changes import changes, counts, in_core, ledgers
from refrace.findings import FindingKind
from refrace.traces.schedule import branch_of, thread_of
from refrace.traces.state import Found, ObjectState, State
from refrace.traces.steps import STOPPING, WORLD, MemoryAccess, TraceStep, Value, Wait

__all__ = ["Reader"]

STATUSES = ("alive", "dying", "freed")
STATUS_MASK = 3
UNCOUNTED = 8  # a bit of an object's status
BLOCK_ITEMS = 2  # the words of a container's block before its items
ATTACHMENTS = ("attached", "detached", "suspended")  # enum rr_attachment
UNOWNED = -2  # RR_BIASED_UNOWNED_TID: of an object that became immortal
COUNT, LEDGER = 1, 2  # words of an object, from its base
NOTHING = -1
TAKEN, DRAIN, INTERRUPT = 1, 2, 3  # branches of a thread besides its step
FREE_STEP = "free-memory"

Words = Sequence[int]
Scalar = int | str | None
Event = Literal["access", "step", "maybe", "free", "drain", "interrupt"]


class _Place(NamedTuple):
    """The name of a place, the index of its word, and how to read that word."""

    name: str | None
    at: int | None = None
    how: str | None = None


NO_PLACE = _Place(None)


class Reader:
    """Reads the states and steps of one run; keeps the names of its objects."""

    def __init__(
        self,
        lowered: Lowered,
        shape: Shape,
        count_of: Callable[[int, Words], tuple[int, str]],
    ) -> None:
        self._lowered = lowered
        self._shape = shape
        self._count_of = count_of
        self._threads = (*lowered.threads, "end")
        self._names = dict(enumerate(lowered.objects))
        self._findings: list[Found] = []
        # The last state read: each step begins in the state where the last one ended.
        self._known_words: Words = ()
        self._known: dict[str, ObjectState] = {}

    # ------------------------------------------------------------------ values

    def _name(self, obj: int, words: Words) -> str:
        """Return an object's name; objects made by `new` are named in order."""
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
        """Return the number of an object's template; -1 if it is not allocated yet."""
        type_word = self._shape.objects[obj][1]
        if type_word < 0:
            return int(self._shape.named_templates[obj])
        return int(words[type_word]) - 1

    def _value(self, word: int, words: Words) -> Scalar:
        if word == 0:
            return None
        return (word - 1) // 2 if word & 1 else self._name(word // 2 - 1, words)

    def _fields(self, obj: int, words: Words) -> dict[str, Value]:
        first = self._shape.objects[obj][2]
        names = self._lowered.fields[self._template(obj, words)]
        return {
            name: self._value(words[first + i], words) for i, name in enumerate(names)
        }

    def _object(self, obj: int, words: Words) -> ObjectState:
        """Return the state of an object."""
        base = self._shape.objects[obj][0]
        return ObjectState(
            status=STATUSES[words[base] & STATUS_MASK],
            count=self._count_of(obj, words)[0],
            ledger=words[base + LEDGER],
            fields=self._fields(obj, words),
            is_counted=not words[base] & UNCOUNTED,
        )

    def _objects(self, words: Words) -> dict[str, ObjectState]:
        if words != self._known_words:
            n_objects = len(self._shape.objects)
            there = [i for i in range(n_objects) if self._template(i, words) >= 0]
            known = {self._name(i, words): self._object(i, words) for i in there}
            self._known_words, self._known = words, known
        return self._known

    def _items(self, container: int, words: Words) -> tuple[Scalar, ...]:
        at = self._shape.containers[container]
        first = at + 1
        if self._lowered.has_block[container]:
            block = words[first] // 2 - 1
            first = self._shape.objects[block][2] + BLOCK_ITEMS
        items = words[first : first + words[at]]
        return tuple(self._value(word, words) for word in items)

    def _queue(self, thread: int, words: Words) -> tuple[str, ...]:
        """Return the objects in a thread's queue, the last pushed at the end."""
        queue = self._shape.queue
        waiting = {
            words[base + queue + 1]: self._name(obj, words)
            for obj, (base, _, _) in enumerate(self._shape.objects)
            if words[base + queue] == thread + 1
        }
        return tuple(waiting[place] for place in sorted(waiting))

    # ------------------------------------------------------------------ places

    def _place(self, place: str | None, index: int, obj: int, words: Words) -> _Place:
        lowered, shape = self._lowered, self._shape
        if place == "cell":
            return _Place(lowered.cells[index], shape.cells + index, "value")
        if place == "lock":
            return _Place(lowered.locks[index], shape.locks[index], "owner")
        if place == "container":
            return _Place(lowered.containers[index], index, "items")
        if place == "count_lock":
            return _Place("count_lock", shape.count_lock, "owner")
        if place == "gil":
            return _Place("gil", shape.gil, "owner")
        if place == "world":
            return _Place(WORLD, shape.stop, "owner")
        if place == "queue":
            return _Place(f"{self._threads[index]}.queue", index, "queue")
        if place == "epoch":
            return _Place("epoch", shape.epoch, "number")
        if place == "announced":
            at = shape.announced[index]
            return _Place(f"{self._threads[index]}.announced", at, "epoch")
        if place == "attachment":
            at = shape.attachment[index]
            return _Place(self._threads[index], at if at >= 0 else None, "attachment")
        if place == "lane" and obj < 0:
            return _Place(f"{self._threads[index]}.lane")
        if place is None or obj < 0:
            return NO_PLACE
        name = self._name(obj, words)
        base, _, first = shape.objects[obj]
        if place == "field":
            field = lowered.fields[self._template(obj, words)][index]
            return _Place(f"{name}.{field}", first + index, "value")
        if place == "count":
            return _Place(f"{name}.refcount", base + COUNT, "number")
        if place == "mutex":
            return _Place(f"{name}.m", base + shape.mutex, "owner")
        if place == "count_mutex":
            return _Place(f"{name}.count_lock", base + shape.count_mutex, "owner")
        if place == "ref_shared":
            return _Place(f"{name}.ob_ref_shared", base + shape.ref_shared, "number")
        if place == "tid":
            return _Place(f"{name}.ob_tid", base + shape.tid, "thread")
        if place == "lane":
            at = shape.lanes[index] + obj * shape.n_lanes
            return _Place(f"{self._threads[index]}.lane[{name}]", at, "lane")
        return _Place(name)

    def _read(self, at: int | None, how: str | None, words: Words) -> Value:
        if at is None:
            return None
        if how == "items":
            return self._items(at, words)
        if how == "queue":
            return self._queue(at, words)
        if how in ("thread", "owner"):
            has_none = words[at] in (0, UNOWNED)
            return None if has_none else self._threads[words[at] - 1]
        if how == "value":
            return self._value(words[at], words)
        if how == "epoch":
            return words[at] - 1 if words[at] else None
        if how == "lane":
            n_lanes = self._shape.n_lanes
            return words[at] if n_lanes == 1 else tuple(words[at : at + n_lanes])
        if how == "attachment":
            return ATTACHMENTS[words[at]]
        return words[at]

    # ----------------------------------------------------------------- records

    def step(self, number: int, code: int, seen: Seen) -> TraceStep:
        """Return one step; `seen` is the core's record of it."""
        thread, branch = thread_of(code), branch_of(code)
        before, after, obj = seen.before, seen.after, seen.object
        if obj >= 0 and self._template(obj, after) < 0:
            obj = NOTHING
        old, new = self._objects(before), self._objects(after)
        name = self._name(obj, after) if obj >= 0 else None
        place = self._place(seen.place, seen.place_number, obj, after)
        if after[self._shape.latent] and not before[self._shape.latent]:
            kind = FindingKind.DANGLING_FREE
            self._findings.append(Found(kind, name, self._threads[thread]))
        event, operation = _event(branch, seen)
        access = event == "access"
        text, line = self._statement(event, seen)
        return TraceStep(
            number=number,
            thread=self._threads[thread],
            event=event,
            operation=operation,
            statement=text,
            program_line=line,
            begins=seen.begins,
            completes=seen.completes,
            c_text=seen.text if access else None,
            c_file=in_core(seen.file) if access and seen.file is not None else None,
            c_line=seen.line if access else None,
            object=name,
            place=place.name,
            before=self._read(place.at, place.how, before),
            after=self._read(place.at, place.how, after),
            count=None if name is None else counts(name, old, new),
            ledger=None if name is None else ledgers(name, old, new),
            result=None if seen.result is None else self._value(seen.result, after),
            has_result=seen.result is not None,
            taken=branch == TAKEN if event == "maybe" else None,
            preempts=seen.preempts,
            changes=tuple(changes(old, new)),
            memory=self._memory(seen, place, after),
        )

    def _statement(self, event: Event, seen: Seen) -> tuple[str | None, int | None]:
        """Return the text of the statement of a step, and its line."""
        if event == "interrupt":
            function, line = self._lowered.interrupts[seen.place_number]
            return f"interrupt {function}", line
        if seen.statement is None:
            return None, None
        lowered = self._lowered
        return lowered.texts[seen.statement], lowered.lines[seen.statement]

    def _memory(self, seen: Seen, place: _Place, words: Words) -> MemoryAccess | None:
        if seen.order is None and seen.fence is None:
            return None
        value: Value = None if seen.source is None else seen.value
        if value is not None and place.how == "value":
            value = self._value(seen.value, words)
        elif value is not None and place.how == "thread":
            value = self._threads[seen.value - 1] if seen.value else None
        return MemoryAccess(seen.order, seen.fence, seen.source, value, seen.is_old)

    def misfit(self, code: int, choices: Sequence[int]) -> str:
        """Return why a code cannot be taken."""
        names = self._threads
        thread, branch = thread_of(code), branch_of(code)
        if not 0 <= thread < len(names) or branch > INTERRUPT:
            return f"there is no choice {code}"
        if any(thread_of(choice) == thread for choice in choices):
            return f"{names[thread]} has no such choice here (code {code})"
        return f"{names[thread]} cannot take a step here"

    # ---------------------------------------------------------------- findings

    def found(
        self,
        kinds: Sequence[str],
        culprit: int,
        thread: int | None,
        rival: int = NOTHING,
    ) -> None:
        """Add the findings that ended the run in a step, or before the first step."""
        name = self._names.get(culprit)
        who = None if thread is None else self._threads[thread]
        other = None if rival < 0 else self._threads[rival]
        self._findings += [
            Found(FindingKind(kind), name, who, rival=other) for kind in kinds
        ]

    def judged(self, words: Words, owners: Sequence[int]) -> None:
        """Add the findings of the final checks, with their objects."""
        for obj, n in enumerate(owners):
            if self._template(obj, words) < 0:
                continue
            kind = self._judgement(obj, words, n)
            if kind is not None:
                count = self._count_of(obj, words)[0]
                name = self._name(obj, words)
                self._findings.append(Found(kind, name, count=count, owners=n))

    def _judgement(self, obj: int, words: Words, n_owners: int) -> FindingKind | None:
        known = self._object(obj, words)
        if not known.is_counted:
            is_lost = known.status != "freed" and n_owners == 0
            return FindingKind.LEAK if is_lost else None
        if known.status == "freed":
            return FindingKind.DANGLING_REFERENCE if n_owners else None
        standing = self._count_of(obj, words)[1]
        if standing != "counted":
            return FindingKind.LEAK if standing == "saturated" else None
        if known.count > n_owners or known.count == n_owners == 0:
            return FindingKind.LEAK
        return FindingKind.COUNT_TOO_LOW if known.count < n_owners else None

    def deadlocked(self) -> None:
        """Add a deadlock: some thread waits and none can run."""
        self._findings.append(Found(FindingKind.DEADLOCK))

    def findings(self) -> tuple[Found, ...]:
        """Return all findings so far."""
        return tuple(self._findings)

    def wait(self, thread: int, word: int, words: Words) -> Wait:
        """Return what a thread waits for, and which thread holds it."""
        shape, lowered = self._shape, self._lowered
        named = dict(zip(shape.locks, lowered.locks, strict=True))
        named[shape.count_lock] = "count_lock"
        named[shape.gil] = "gil"
        named[shape.holder] = "the GIL"
        named[shape.stop] = WORLD
        for obj, (base, _, _) in enumerate(shape.objects):
            if self._template(obj, words) >= 0:
                name = self._name(obj, words)
                if shape.mutex >= 0:
                    named[base + shape.mutex] = f"{name}.m"
                if shape.count_mutex >= 0:
                    named[base + shape.count_mutex] = f"{name}.count_lock"
        if word < 0:
            return Wait(self._threads[thread], None, None)
        if word in shape.depths:  # `stop_world` waits for a thread
            other = self._threads[shape.depths.index(word)]
            return Wait(self._threads[thread], STOPPING, other)
        if named[word] in lowered.barriers:
            return Wait(self._threads[thread], named[word], None)
        return Wait(self._threads[thread], named[word], self._threads[words[word] - 1])

    def state(self, words: Words) -> State:
        """Return a whole state with names."""
        shape, lowered = self._shape, self._lowered
        return State(
            cells={
                name: self._value(words[shape.cells + i], words)
                for i, name in enumerate(lowered.cells)
            },
            containers={
                name: self._items(i, words) for i, name in enumerate(lowered.containers)
            },
            locks={
                name: self._read(at, "owner", words)
                for name, at in zip(lowered.locks, shape.locks, strict=True)
                if name not in lowered.barriers
            },
            objects=self._objects(words),
        )


def _event(branch: int, seen: Seen) -> tuple[Event, str]:
    """Return the kind of a step, and the operation it belongs to."""
    if branch == DRAIN:
        return "drain", "drain"
    if branch == INTERRUPT:
        return "interrupt", "interrupt"
    if seen.op is None:
        return "free", FREE_STEP
    if seen.op == "maybe":
        return "maybe", seen.op
    return ("step" if seen.text is None else "access"), seen.op

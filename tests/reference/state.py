"""The whole state of a run as plain data that is copied before every step.

A value is an int, None (null) or a str (the identity of an object).
"""

from __future__ import annotations

from dataclasses import astuple, dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from .program import InvalidProgram, Options, Program

if TYPE_CHECKING:
    pass

ALIVE, DYING, FREED = "alive", "dying", "freed"
IMMORTAL, BORN_IMMORTAL = 2**29, 3 * 2**28  # what decref, incref leave alone
# What nobody owns because it became immortal, and what its owner's count is about then.
NOBODY, OWNERS_IMMORTAL = "nobody", 2**30 - 4
# How far an object of the biased family has come; it never goes back.
UNTOUCHED, TRIED, QUEUED, MERGED = "untouched", "tried", "queued", "merged"
ATTACHED, DETACHED, SUSPENDED = "attached", "detached", "suspended"
END = "end"  # the name of the thread that runs the checks after the run


class Finding(Exception):
    """What ends a run: the kind of the finding."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


class Others(NamedTuple):
    """What those have counted who do not own an object, and how far it has come."""

    count: int
    stage: str


NOTHING_LEFT = Others(0, MERGED)


@dataclass
class Object:
    """One object: its count, its ledger, its fields and its two locks."""

    options: Options
    count: int
    ledger: int
    fields: dict[str, object]
    status: str = ALIVE
    initialised: bool = True
    lock: str | None = None  # who holds `x.m`
    counting_lock: str | None = None  # who holds the lock of the lock modes
    shared: bool = False  # for sign_split: can more than one thread reach it?
    lanes: dict[tuple[str, int], int] = field(default_factory=dict)  # none of them 0
    owner: str | None = None  # in the biased family: who counts in `count`
    uncounted: bool = False  # memory without a count
    places: tuple | None = None  # of the block of a container's items
    waits_for: frozenset[str] = frozenset()  # threads, until an old block is freed
    payload: int = 0
    tracked: bool = False
    garbage: bool = False  # of the collection that is under way
    finalised: bool = False  # its finaliser has begun; of those with `gc` only
    others: Others = NOTHING_LEFT  # and what the others have counted
    immortalised: bool = False  # by a step: the ledger stands still

    def add_to_ledger(self, number: int) -> None:
        """Count in the ledger what is counted."""
        self.ledger += 0 if self.immortalised else number

    def is_immortal(self, mode: str) -> bool:
        """Say whether the words are those of what is not counted."""
        if mode == "immortal":
            return self.count >= IMMORTAL
        return self.owner == NOBODY and abs(self.count - OWNERS_IMMORTAL) <= 1

    def wrapped(self, count: int, *, signed: bool = False) -> int:
        maximum = self.options.maximum
        if maximum is None:
            return count
        least = -(maximum + 1) if signed else 0
        return (count - least) % (maximum + 1 - least) + least

    @property
    def most(self) -> int:
        """The largest count that a signed word is meant to hold."""
        maximum = self.options.maximum
        return 2**29 - 1 if maximum is None else maximum

    @property
    def saturated(self) -> int:
        """Where a saturated count stands still: the middle of the negative half."""
        return -((self.most + 2) // 2)


@dataclass
class Call:
    """A frame of a thread's stack: a body, the place in it, its own locals."""

    label: str
    place: int = 0
    values: dict[str, object] = field(default_factory=dict)
    is_interrupt: bool = False  # it came between two steps, and was not called
    barrier: str | None = None  # where it waits for more to arrive


@dataclass
class Destruction:
    """A frame of a thread's stack: an object that it is destroying."""

    identity: str | None  # None: it is over, and only the finaliser goes on
    finalised: bool = False  # the finaliser was begun


@dataclass
class Departure:
    """A frame of a thread's stack: what the mode does when its work is done."""

    hook: str


@dataclass
class Collection:
    """A frame of a thread's stack: garbage that it finalises, or clears."""

    clears: bool = False


@dataclass
class Callbacks:
    """A frame of a thread's stack: callbacks that are still to run."""

    labels: tuple[str, ...]


@dataclass
class Operation:
    """A counting operation in progress: what it is and which accesses are left."""

    kind: str
    identity: str | None
    accesses: tuple[str, ...]
    target: str | None
    operands: tuple = ()
    read: Any = None
    kept: Any = None  # a second thing that it has read
    suspended: str | None = None  # whom it has to resume
    ends: bool = False  # it ends a resurrection
    resigns: bool = False  # it merges because it gives its own object up


@dataclass
class Thread:
    stack: list = field(default_factory=list)
    buffer: list[str] = field(default_factory=list)  # payload writes, oldest first
    operation: Operation | None = None
    announced: int = 0  # nothing, or an epoch plus one
    queue: tuple[str, ...] = ()  # of objects that wait for their owner, oldest first
    is_closed: bool = False  # the queue: nothing can be put in it any more
    attachment: str = ATTACHED  # does it count?
    coming: tuple[int, ...] = ()  # how often each of its interrupts may still come
    sections: list = field(default_factory=list)  # critical ones; see sections.py

    @property
    def ended(self) -> bool:
        return not self.stack


@dataclass
class State:
    cells: dict[str, object]
    containers: dict[str, list]
    locks: dict[str, tuple[str | None, int]]  # who holds it, how many times
    objects: dict[str, Object]
    threads: dict[str, Thread]
    global_lock: str | None = None
    holder: str | None = None  # of the GIL; None where any thread may take it
    latent: frozenset[str] = frozenset()
    epoch: int = 0
    blocks: dict[str, tuple[str, int]] = field(default_factory=dict)  # and lengths
    end_begun: bool = False  # has the `end` block, if there is one?
    stop: Any = None  # of the world; see stops.py
    order: Any = None  # under C11; see ordering.py

    def copy(self) -> State:
        return State(
            dict(self.cells),
            {name: list(items) for name, items in self.containers.items()},
            dict(self.locks),
            {name: copied_object(known) for name, known in self.objects.items()},
            {name: copied_thread(thread) for name, thread in self.threads.items()},
            self.global_lock,
            self.holder,
            self.latent,
            self.epoch,
            dict(self.blocks),
            self.end_begun,
            self.stop,
            self.order and self.order.copy(),
        )

    def key(self) -> tuple:
        """Return the state as a hashable value: equal exactly for equal states."""
        return (
            tuple(self.cells.values()),
            tuple(tuple(items) for items in self.containers.values()),
            tuple(self.locks.values()),
            tuple((name, object_key(o)) for name, o in sorted(self.objects.items())),
            tuple((name, thread_key(t)) for name, t in self.threads.items()),
            self.global_lock,
            self.holder,
            self.latent,
            self.epoch,
            tuple(self.blocks.values()),
            self.end_begun,
            self.stop,
            self.order and self.order.key(),
            tuple(self.objects),  # hooks look through them in this order
        )

    def fresh_object(self, name: str, options: Options, count: int) -> str:
        """Allocate an object called `name`, or `name2`, `name3`, … if it is taken."""
        identity, number = name, 1
        while identity in self.objects:
            number += 1
            identity = f"{name}{number}"
        initial = {known: value for known, _, value in options.fields}
        self.objects[identity] = Object(options, count, count, initial)
        return identity


def copied(thing: Any) -> Any:
    """Copy an object with all that it has; copy.copy() takes five times as long."""
    new = object.__new__(type(thing))
    new.__dict__.update(thing.__dict__)
    return new


def copied_object(known: Object) -> Object:
    new = copied(known)
    new.fields = dict(known.fields)
    new.lanes = dict(known.lanes)
    return new


def copied_thread(thread: Thread) -> Thread:
    stack = [copied(frame) for frame in thread.stack]
    for frame in stack:
        if isinstance(frame, Call):
            frame.values = dict(frame.values)
    now = thread.operation and copied(thread.operation)
    new = copied(thread)
    new.stack, new.buffer, new.operation = stack, list(thread.buffer), now
    new.sections = [copied(section) for section in thread.sections]
    return new


def object_key(known: Object) -> tuple:
    return (
        known.options,
        known.count,
        known.ledger,
        known.status,
        known.initialised,
        known.lock,
        known.counting_lock,
        known.shared,
        tuple(known.fields.items()),
        frozenset(known.lanes.items()),
        known.owner,
        known.others,
        known.uncounted,
        known.places,
        known.payload,
        known.waits_for,
        known.tracked,
        known.garbage,
        known.finalised,
        known.immortalised,
    )


def thread_key(thread: Thread) -> tuple:
    frames = []
    for frame in thread.stack:
        if isinstance(frame, Call):
            values = frozenset(
                (name, value)
                for name, value in frame.values.items()
                if value is not None  # a local without a value reads as null
            )
            how = frame.is_interrupt, frame.barrier
            frames.append((frame.label, frame.place, values, how))
        elif isinstance(frame, Departure):
            frames.append((frame.hook,))
        elif isinstance(frame, Collection):
            frames.append((frame.clears,))
        elif isinstance(frame, Callbacks):
            frames.append(frame.labels)
        else:
            frames.append((frame.identity, frame.finalised))
    now = thread.operation
    operation = now and (
        now.kind, now.identity, now.accesses, now.read, now.kept, now.operands,
        now.suspended,
    )  # fmt: skip
    return (
        tuple(frames),
        tuple(thread.buffer),
        operation,
        thread.announced,
        thread.queue,
        thread.is_closed,
        thread.attachment,
        thread.coming,
        tuple(astuple(section) for section in thread.sections),
    )


def initial_state(program: Program) -> State:
    """Return the state before the first step, with no local statement done yet."""
    state = State(
        dict(program.cells),
        {name: list(items) for name, items in program.containers.items()},
        dict.fromkeys(program.locks, (None, 0)),
        {},
        {name: Thread([Call(name)]) for name in program.threads},
    )
    for name, options in program.objects.items():
        count = program.initial_count(name)
        state.fresh_object(name, options, count)
        state.objects[name].uncounted = options.uncounted
        state.objects[name].tracked = options.gc
    for name, thread in state.threads.items():
        thread.coming = tuple(n for of, _, n in program.interrupts if of == name)
    for thread, local, name in program.holds + program.borrows:
        state.threads[thread].stack[0].values[local] = name
    return state


def evaluate(expression: tuple, values: dict[str, object]) -> object:
    """Compute an expression or a condition over a thread's locals."""
    what, *parts = expression
    if what == "constant":
        return parts[0]
    if what == "local":
        return values.get(parts[0])
    if what == "not":
        return not evaluate(parts[0], values)
    if what == "and":
        return bool(evaluate(parts[0], values)) and bool(evaluate(parts[1], values))
    if what == "or":
        return bool(evaluate(parts[0], values)) or bool(evaluate(parts[1], values))
    if what == "truth":
        return truth(evaluate(parts[0], values))
    left, right = (evaluate(part, values) for part in parts)
    if what in ("==", "!="):
        # null is not the number 0; both sides are int, None or str.
        return (left == right) == (what == "==")
    if not isinstance(left, int) or not isinstance(right, int):
        raise InvalidProgram(f"{left!r} {what} {right!r}: both must be numbers")
    return {
        "+": left + right,
        "-": left - right,
        "<": left < right,
        "<=": left <= right,
        ">": left > right,
        ">=": left >= right,
    }[what]


def truth(value: object) -> bool:
    """Say whether a value counts as true: neither null nor 0."""
    return value is not None and value != 0

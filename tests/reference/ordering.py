"""What is ordered under C11 where every atomic access of a program is seq_cst.

Then each of them takes the newest value, so the runs are those of sequential
consistency, and vector clocks say which accesses nothing orders.  For `atomic` alone,
and without what reads a count and does not change it, which may read an older one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import collecting, stops
from .program import Step
from .state import (
    ALIVE,
    ATTACHED,
    FREED,
    Collection,
    Destruction,
    Finding,
    evaluate,
)
from .steps import Machine

if TYPE_CHECKING:
    from .state import State
    from .steps import Branch

Clock = dict[str, int]  # how many accesses of each thread that are remembered
LOADS = {"load", "await", "await equal", "spin"}
CHANGES = {"swap", "finc", "fdec", "fadd", "cas"}
CONTAINERS = {"append", "get", "pop", "remove", "len"}
MAKING = {"new", "raw_new", "renew"}


class OldValue(Exception):
    """A step may read what is not the newest value."""


class Order:
    """Clocks of threads and of what synchronises, and when threads accessed what."""

    def __init__(self) -> None:
        self.clocks: dict[tuple, Clock] = {}
        self.marks: dict[tuple, Clock] = {}

    def copy(self) -> Order:
        new = Order()
        new.clocks = dict(self.clocks)
        new.marks = dict(self.marks)
        return new

    def key(self) -> tuple:
        return tuple(
            frozenset((what, frozenset(clock.items())) for what, clock in known.items())
            for known in (self.clocks, self.marks)
        )

    def of(self, what: tuple) -> Clock:
        return self.clocks.get(what, {})

    def join(self, to: tuple, *others: tuple) -> None:
        known = dict(self.of(to))
        for other in others:
            for name, time in self.of(other).items():
                known[name] = max(known.get(name, 0), time)
        self.clocks[to] = known

    def forget(self, identity: str) -> None:
        """Nothing of the memory of an object is accessed again."""
        for known in (self.clocks, self.marks):
            for what in [what for what in known if what[1:2] == (identity,)]:
                if what[0] in ("access", "write", "read", "begun", "set", "visited",
                               "field", "count", "mutex"):  # fmt: skip
                    del known[what]

    def simplify(self, names: list[str]) -> None:
        """Drop accesses that all threads know of, and number the others anew."""
        everybody = [self.of(("thread", name)) for name in names]
        for what, times in list(self.marks.items()):
            kept = {
                of: time
                for of, time in times.items()
                if any(known.get(of, 0) < time for known in everybody)
            }
            self.marks[what] = kept
            if not kept:
                del self.marks[what]
        times = {
            name: sorted(
                {known[name] for known in self.marks.values() if name in known}
            )
            for name in names
        }
        for known in (self.clocks, self.marks):
            for what, clock in list(known.items()):
                ranks = {
                    of: sum(one <= time for one in times[of])
                    for of, time in clock.items()
                }
                known[what] = {of: rank for of, rank in ranks.items() if rank}
                if not known[what]:
                    del known[what]


class Ordered(Machine):
    """A machine that finds races too."""

    def begin(self, state: State) -> None:
        state.order = Order()
        super().begin(state)

    def take(self, state: State, branch: Branch) -> None:
        name, order = branch.thread, state.order
        me = Actor(self, state, name)
        needs_gil = self.held and not self.is_beside(state, name)
        were = dict(state.objects)
        if needs_gil:
            order.join(me.now, ("gil",))
        if not branch.taken:
            me.step()
        super().take(state, branch)
        for identity, known in state.objects.items():
            if known is not were.get(identity):
                me.begin(identity)
        if needs_gil:
            order.join(("gil",), me.now)
        order.simplify(self.program.threads)


class Actor:
    """What one thread's next step orders, and what it needs to be ordered."""

    def __init__(self, machine: Machine, state: State, name: str) -> None:
        self.machine, self.state, self.name = machine, state, name
        self.program, self.order = machine.program, state.order
        self.now, self.pending = ("thread", name), ("pending", name)

    # -- accesses

    def acquire(self, what: tuple) -> None:
        self.order.join(self.now, what)

    def release(self, what: tuple) -> None:
        self.order.join(what, self.now)

    def mark(self, *kinds: tuple) -> None:
        known = dict(self.order.of(self.now))
        known[self.name] = known.get(self.name, 0) + 1
        self.order.clocks[self.now] = known
        for kind in kinds:
            times = self.order.marks.get(kind, {})
            self.order.marks[kind] = {**times, self.name: known[self.name]}

    def need(self, finding: str, *kinds: tuple) -> None:
        known = self.order.of(self.now)
        for kind in kinds:
            for of, time in self.order.marks.get(kind, {}).items():
                if of != self.name and known.get(of, 0) < time:
                    raise Finding(finding)

    def touch(self, identity: str, *, marks: bool = True) -> None:
        self.need("data-race", ("begun", identity))
        if marks:
            self.mark(("access", identity))

    def payload(self, identity: str, *, writes: bool) -> None:
        self.touch(identity, marks=False)
        self.need("data-race", ("write", identity))
        if writes:
            self.need("data-race", ("read", identity))
        self.mark(("access", identity), ("write" if writes else "read", identity))

    def begin(self, identity: str) -> None:
        self.order.forget(identity)
        self.mark(("begun", identity), ("access", identity), ("write", identity))

    def free(self, identity: str) -> None:
        self.need("unsynchronised-free", ("access", identity))
        self.order.forget(identity)

    def field(self, identity: str, field: str, kind: str) -> None:
        """Load, store or change a field, or visit it as the collector does."""
        place = ("field", identity, field)
        if kind in ("load", "change"):
            self.acquire(place)
        is_stable = self.state.objects[identity].options.stable
        self.touch(identity, marks=kind == "visit" or not is_stable)
        if kind == "visit":
            self.need("data-race", ("set", identity, field))
            self.mark(("visited", identity, field))
        elif kind != "load":
            self.need("data-race", ("visited", identity, field))
            self.mark(("set", identity, field))
        if kind == "store":
            self.order.clocks[place] = self.order.of(self.now)
        elif kind == "change":
            self.release(place)

    def decrement(self, identity: str) -> None:
        known, count = self.state.objects[identity], ("count", identity)
        if known.status == FREED:
            raise Finding("use-after-free")
        self.order.join(self.pending, count, self.now)
        self.touch(identity)
        self.release(count)
        if known.count == 1:
            self.order.join(self.now, self.pending)

    def clear_weak(self, dead: list[str]) -> None:
        for cell in self.program.weak:
            if self.state.cells[cell] in dead:
                self.acquire(("weak", cell))
                self.order.clocks["cell", cell] = self.order.of(self.now)
                self.release(("weak", cell))

    # -- steps

    def step(self) -> None:
        thread = self.state.threads[self.name]
        step = self.machine.next_step(self.state, self.name)
        if isinstance(step, Destruction):
            self.end(step.identity)
        elif isinstance(step, Collection):
            self.clear() if step.clears else self.collect(
                collecting.garbage(self.state)
            )
        elif isinstance(step, Step) and step.operation == stops.COLLECT:
            if not stops.is_collecting(self.machine, self.state, self.name):
                objects = self.state.objects.items()
                self.collect([one for one, known in objects if known.tracked])
        elif isinstance(step, Step):
            self.do(step, thread.stack[-1].values)

    def end(self, identity: str) -> None:
        if collecting.weak_cells(self.state, self.program, identity):
            self.clear_weak([identity])
            return
        if self.state.objects[identity].status == FREED:
            return
        known = self.state.objects[identity]
        self.free(identity)
        for field, owning, _ in known.options.fields:
            if owning and isinstance(known.fields[field], str):
                self.decrement(known.fields[field])

    def stop(self, *, starts: bool) -> None:
        for other, thread in self.state.threads.items():
            if other != self.name:
                is_away = thread.attachment != ATTACHED and not thread.ended
                theirs = ("attachment" if is_away else "thread", other)
                pair = (theirs, self.now) if starts else (self.now, theirs)
                self.order.join(*pair)

    def collect(self, among: list[str]) -> None:
        held, stop = self.machine.held, self.state.stop
        if not held and stop is None:
            return  # it asks all others
        if not held:
            self.stop(starts=False)
        for one in among:
            self.order.join(self.pending, ("count", one), self.now)
            self.touch(one)
        objects = self.state.objects
        for one in among:
            said = dict(objects[one].options.visits)
            if not objects[one].initialised:
                return
            for field, owning, _ in objects[one].options.fields:
                if said.get(field, int(owning)):
                    self.field(one, field, "visit")
                    target = objects[one].fields[field]
                    if isinstance(target, str) and objects[target].status == FREED:
                        return
                    if isinstance(target, str):
                        self.touch(target)
        try:
            found = collecting.unreachable(self.state, self.machine.mode, among)
        except Finding:
            return
        for one in found:
            self.clear_weak([one])
        if not held:
            self.stop(starts=True)

    def clear(self) -> None:
        left = collecting.garbage(self.state)
        if not left:
            return
        one = left[0]
        known = self.state.objects[one]
        self.order.join(self.pending, ("count", one), self.now)
        if known.count == 0:
            self.acquire(("count", one))
        self.touch(one)
        for field, owning, _ in known.options.fields if known.count else ():
            if owning and isinstance(known.fields[field], str):
                self.field(one, field, "change")
                self.decrement(known.fields[field])

    def do(self, step: Step, values: dict) -> None:
        what, operands = step.operation, step.operands
        if what in LOADS | CHANGES | {"store", "upgrade"}:
            self.access(what, operands, values)
        elif what in ("lock", "unlock"):
            self.lock(what, operands[0], values)
        elif what in CONTAINERS:
            self.acquire(("container", operands[0]))
            self.release(("container", operands[0]))
        elif what in ("detach", "attach"):
            self.acquire(("attachment", self.name))
            self.release(("attachment", self.name))
        elif what in stops.ARE_STOPS:
            if what == stops.ENDING or self.state.stop is not None:
                self.stop(starts=what == stops.ENDING)
        elif operands and values.get(operands[0]) in self.state.objects:
            self.of_object(what, values[operands[0]])

    def access(self, what: str, operands: tuple, values: dict) -> None:
        place = operands[0]
        kind = "store" if what == "store" else "change" if what in CHANGES else "load"
        if place[0] == "cell":
            cell = ("cell", place[1])
            if what == "cas" and not self.is_changed(operands, values):
                kind = "load"
            if kind != "store":
                self.acquire(cell)
            if kind == "store":
                self.order.clocks[cell] = self.order.of(self.now)
            elif kind == "change":
                self.release(cell)
            if what == "upgrade":
                self.upgrade(place[1])
            return
        known = self.state.objects.get(values.get(place[1]))
        if known is not None and known.status != FREED and place[2] in known.fields:
            self.field(values[place[1]], place[2], kind)

    def is_changed(self, operands: tuple, values: dict) -> bool:
        return self.state.cells[operands[0][1]] == evaluate(operands[1], values)

    def upgrade(self, cell: str) -> None:
        identity = self.state.cells[cell]
        if identity is None:
            return
        if cell in self.program.weak:
            self.acquire(("weak", cell))
            self.release(("weak", cell))
        known = self.state.objects[identity]
        if known.status == ALIVE:
            if known.count == 0:
                raise OldValue  # which this may be even when it is counted again
            self.order.join(self.now, ("count", identity))
            self.touch(identity, marks=False)

    def lock(self, what: str, place: tuple, values: dict) -> None:
        identity = values.get(place[1]) if place[0] == "field" else None
        known = self.state.objects.get(identity)
        if place[0] == "field" and (known is None or known.status == FREED):
            return
        lock = ("mutex", identity) if place[0] == "field" else ("lock", place[1])
        if what == "lock":
            self.acquire(lock)
        if place[0] == "field":
            self.touch(identity)
        if what == "unlock":
            self.release(lock)

    def of_object(self, what: str, identity: str) -> None:
        known = self.state.objects[identity]
        if known.status == FREED:
            return
        count = ("count", identity)
        if what in ("use", "peek") and known.initialised:
            self.payload(identity, writes=False)
        elif what in ("poke", "init"):
            self.payload(identity, writes=True)
        elif what in ("track", "untrack"):
            self.touch(identity)
        elif what == "incref":
            self.order.join(self.pending, count, self.now)
            self.touch(identity)
        elif what == "decref":
            self.decrement(identity)
        elif what == "free":
            self.free(identity)

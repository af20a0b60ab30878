"""Small programs of threads, run under a schedule as the runtime runs native code.

A step of a thread is (operation, number):

* "read", "write" a word; what is written depends on all that the thread has read;
* "copy" a word to the next one, as one step;
* "skip" the next step, if the last value that was read is not the first one;
* "lock", "unlock" a lock; nothing if the thread has it already, or has it not;
* "try" to take a lock without waiting; what comes of it counts as read;
* "share" a lock with others that read, and "unshare" it; nothing as above;
* "wait" for a unit of a semaphore, which begins with as many as its number, or "post"
  one;
* "lock in time", "share in time", "wait in time": the same until no thread can go on
  otherwise; read whether it was had;
* "sleep" until a signal comes, giving up the lock of that number meanwhile; "doze"
  until a signal comes or no thread can go on otherwise, and read which of them it was;
  "signal" one thread that waits then, or "wake" all;
* "call" what is not seen: it reads and writes all words, and what else there is;
* "quiet": touches nothing that is shared;
* "let go" of the GIL and "take it back", if the program has one.

A thread that ends with the GIL does something before that no step shows.
"""

from dataclasses import dataclass, field

from hunting.schedules.step_waits import UNITS, Waits

from refrace.hunting.schedules import recorded
from refrace.hunting.schedules.recorded import Event, Recorded
from refrace.hunting.schedules.reduced import Choice

GIL = "GIL"
NOBODY = 8


@dataclass
class Ran:
    """What one run gave."""

    outcome: str
    preemptions: int
    alternatives: list
    recorded: Recorded
    choices: list


@dataclass
class Thread:
    """A thread of a run: its steps, what it has read, and a clock for each thread."""

    number: int
    steps: list
    clock: list
    seen: list = field(default_factory=list)
    held: set = field(default_factory=set)
    wants: object = None  # (way, what), or nothing
    has_limit: bool = False
    ended: bool = False
    body: object = None


class Program:
    """Threads that share words, locks, and what no step shows."""

    def __init__(self, threads, has_gil=False):
        self.lists, self.has_gil = threads, has_gil

    def run(self, schedule):
        """Run under a schedule; see `Ran`."""
        return _Run(self.lists, self.has_gil).under(dict(schedule), schedule)


class _Run(Waits):
    def __init__(self, lists, has_gil):
        n = len(lists)
        self.gil = GIL if has_gil else None
        self.of_gil = (recorded.OWNS, GIL) if has_gil else None
        self.words, self.hidden, self.owners = {}, [], {}
        self.begin_waits()
        self.clocks = {}  # of locks
        self.events, self.choices, self.alternatives = [], [], []
        self.points, self.touched = [], []  # for conflicts
        self.threads = [
            Thread(t, steps, [int(t == k) for k in range(n)], wants=self.of_gil)
            for t, steps in enumerate(lists)
        ]
        for thread in self.threads:
            thread.body = self.body_of(thread)

    # ------------------------------------------------------------------ a run

    def under(self, decisions, schedule):
        current, where, preemptions = None, 0, 0
        while any(not thread.ended for thread in self.threads):
            mask = sum(1 << t.number for t in self.threads if self.can_go_on(t))
            mask = mask or sum(1 << t.number for t in self.threads if t.has_limit)
            if mask == 0:
                return self.result("deadlock", preemptions)
            turn = mask.bit_length() - 1
            goes_on = current is not None and bool(mask >> current & 1)
            if mask & (mask - 1):
                number = len(self.choices)
                usual = current if goes_on else (mask & -mask).bit_length() - 1
                turn = decisions.get(number, usual)
                shown = NOBODY if current is None else current
                self.choices.append((number, goes_on, shown, mask, turn, 0, where))
                self.alternatives += [
                    (number, other, goes_on and other != current)
                    for other in range(len(self.threads))
                    if mask >> other & 1 and other != turn
                ]
                preemptions += goes_on and turn != current
                event = Event(recorded.CHOICE, able=mask, chosen=turn)
                self.events.append((NOBODY, event))
            self.threads[turn].wants, self.threads[turn].has_limit = None, False
            where = next(self.threads[turn].body, None)
            current = None if where is None else turn
            where = where or 0
        words = sorted(self.words.items())
        return self.result(
            str([[t.seen for t in self.threads], words, self.hidden]), preemptions
        )

    def can_go_on(self, thread):
        if thread.ended or thread.wants is None:
            return not thread.ended
        return self.can_have(thread, *thread.wants)

    def result(self, outcome, preemptions):
        conflicting = self.conflicting()
        n = len(self.threads)
        return Ran(
            outcome,
            preemptions,
            self.alternatives,
            Recorded(n, self.events, conflicting, self.gil, UNITS),
            [Choice(*one, one[6] in conflicting) for one in self.choices],
        )

    # ------------------------------------------------------------- what threads do

    def body_of(self, thread):
        """Yield where the thread waits for its turn, as the hooks of native code do."""
        if self.gil:
            self.takes(thread, GIL)
            self.step(thread, 0, writes=(GIL,))
        at = 0
        while at < len(thread.steps):
            kind, number = thread.steps[at]
            where = thread.number * 100 + at + 1
            at += 1
            if kind == "skip":
                at += bool(thread.seen and thread.seen[-1] != 0)
            else:
                yield from getattr(self, f"do_{kind.replace(' ', '_')}")(
                    thread, where, number
                )
        for lock in sorted(thread.held - {GIL}):
            leave = self.do_unshare if lock.startswith("shared") else self.do_unlock
            number = int(lock.split()[-1])
            yield from leave(thread, thread.number * 100 + 99, number)
        if self.gil and GIL in thread.held:
            self.hidden.append((thread.number, 0))  # what the interpreter still does
            self.was_held_at_last_point(thread)
            self.step(thread, 0, writes=(GIL,))
            self.leaves(thread, GIL)
        thread.ended = True
        self.events.append((thread.number, Event(recorded.END)))

    def do_read(self, thread, where, word):
        yield self.point(thread, where)
        self.step(thread, where, reads=(word,))
        thread.seen.append(self.words.get(word, 0))

    def do_write(self, thread, where, word):
        yield self.point(thread, where)
        self.step(thread, where, writes=(word,))
        self.words[word] = hash((where, *thread.seen))

    def do_copy(self, thread, where, word):
        yield self.point(thread, where)
        self.step(thread, where, reads=(word,), writes=(word + 1,))
        self.words[word + 1] = self.words.get(word, 0)

    def do_quiet(self, thread, where, _):
        yield self.point(thread, where)
        self.step(thread, where, recorded.QUIET)

    def do_call(self, thread, where, number):
        yield self.point(thread, where, conflicts=True)
        self.step(thread, where, recorded.ANYTHING)
        words = sorted(self.words.items())
        result = hash((*words, *self.hidden))
        thread.seen += [result, result & 1]
        self.words[number] = self.words.get(number, 0) + where
        self.hidden.append((thread.number, where))

    def do_lock(self, thread, where, number):
        lock = f"lock {number}"
        if lock not in thread.held:
            if f"shared lock {number}" in thread.held:
                return
            yield self.point(thread, where, lock, conflicts=True)
            self.step(thread, where, writes=(lock,))
            self.takes(thread, lock)

    def do_try(self, thread, where, number):
        lock = f"lock {number}"
        yield self.point(thread, where, conflicts=True)
        self.step(thread, where, writes=(lock,))
        is_free = self.owners.get(lock) is None and not self.readers[lock]
        thread.seen.append(int(is_free))
        if is_free:
            self.takes(thread, lock)

    def do_unlock(self, thread, where, number):
        lock = f"lock {number}"
        if lock in thread.held:
            self.leaves(thread, lock)
            self.was_held_at_last_point(thread)
            self.step(thread, where, writes=(lock,))
            yield self.point(thread, where, conflicts=True)

    def was_held_at_last_point(self, thread):
        for point in reversed(self.points):
            if point[0] == thread.number:
                point[2] = True
                break

    def do_let_go(self, thread, where, _):
        if GIL in thread.held:
            yield self.point(thread, where, conflicts=True)
            self.step(thread, where, writes=(GIL,))
            self.leaves(thread, GIL)
            yield self.point(thread, where, conflicts=True)

    def do_take_it_back(self, thread, where, _):
        if self.gil and GIL not in thread.held:
            yield self.point(thread, where, GIL, conflicts=True)
            self.step(thread, where, writes=(GIL,))
            self.takes(thread, GIL)

    def point(
        self,
        thread,
        where,
        lock=None,
        conflicts=False,
        way=recorded.OWNS,
        has_limit=False,
    ):
        thread.wants = None if lock is None else (way, lock)
        thread.has_limit = has_limit
        event = Event(recorded.POINT, where, lock, way=way, has_limit=has_limit)
        self.events.append((thread.number, event))
        self.points.append([thread.number, where, conflicts])
        return where

    def step(self, thread, where, kind=recorded.TOUCH, reads=(), writes=()):
        event = Event(kind, where, reads=reads, writes=writes)
        self.events.append((thread.number, event))
        self.touched.append((thread.number, list(thread.clock), event))

    def takes(self, thread, lock):
        thread.held.add(lock)
        self.owners[lock] = thread.number
        self.meets(thread, self.clocks.get(lock))
        self.meets(thread, self.clocks.get(f"readers of {lock}"))
        self.note(thread, recorded.TAKES, lock)

    def leaves(self, thread, lock):
        thread.held.discard(lock)
        self.owners[lock] = None
        self.tells(thread, lock)
        self.note(thread, recorded.LEAVES, lock)

    def note(self, thread, kind, lock, way=recorded.OWNS):
        self.events.append((thread.number, Event(kind, lock=lock, way=way)))

    def meets(self, thread, known):
        thread.clock = list(map(max, thread.clock, known or thread.clock))

    def tells(self, thread, lock):
        known = self.clocks.get(lock, thread.clock)
        self.clocks[lock] = list(map(max, thread.clock, known))
        thread.clock[thread.number] += 1

    # ---------------------------------------------------------------- conflicts

    def conflicting(self):
        """Where threads touch the same in no order of locks, as choose.c tells."""
        found = {where for _, where, conflicts in self.points if conflicts}
        for i, one in enumerate(self.touched):
            for other in self.touched[i + 1 :]:
                if (
                    one[0] != other[0]
                    and not is_before(one, other)
                    and meet(one, other)
                ):
                    found |= {one[2].where, other[2].where}
        return found


def is_before(one, other):
    return one[1][one[0]] <= other[1][one[0]]


def meet(one, other):
    a, b = one[2], other[2]
    kinds = {a.kind, b.kind}
    if recorded.QUIET in kinds:
        return False
    return (
        recorded.ANYTHING in kinds
        or bool({*a.writes} & {*b.reads, *b.writes})
        or bool({*b.writes} & {*a.reads, *a.writes})
    )

"""What threads of small programs wait for, other than a lock of their own."""

from collections import Counter

from refrace.hunting.schedules import recorded

UNITS = {f"semaphore {number}": number for number in range(3)}


class Waits:
    """The parts of a run that share locks, count units and give signals."""

    def begin_waits(self):
        self.readers, self.units = Counter(), dict(UNITS)
        # Of each condition: who waits; who of them goes on in any case; and for each
        # signal that nobody has taken, who may.
        self.sleepers, self.woken, self.signals = {}, set(), {}

    def can_have(self, thread, way, what):
        if way == recorded.COUNTS:
            return self.units[what] > 0
        if way == recorded.SIGNAL:
            return thread.number in self.woken or self.signal_for(thread) is not None
        is_read = way == recorded.OWNS and self.readers[what] > 0
        return self.owners.get(what) is None and not is_read

    def signal_for(self, thread):
        for condition, sleepers in self.sleepers.items():
            if thread.number in sleepers:
                signals = self.signals.get(condition, ())
                return next((one for one in signals if thread.number in one), None)
        return None

    def gets(self, thread, has_limit, way, what):
        """Return whether a wait got what it is for; read it if time may end it."""
        is_had = self.can_have(thread, way, what)
        if has_limit:
            thread.seen.append(int(is_had))
        return is_had

    def do_share(self, thread, where, number, has_limit=False):
        lock, way = f"lock {number}", recorded.SHARES
        if not thread.held & {lock, f"shared {lock}"}:
            yield self.point(thread, where, lock, True, way, has_limit)
            self.step(thread, where, reads=(lock,))
            if self.gets(thread, has_limit, way, lock):
                thread.held.add(f"shared {lock}")
                self.readers[lock] += 1
                self.meets(thread, self.clocks.get(lock))
                self.note(thread, recorded.TAKES, lock, way)

    def do_share_in_time(self, thread, where, number):
        yield from self.do_share(thread, where, number, has_limit=True)

    def do_lock_in_time(self, thread, where, number):
        lock, way = f"lock {number}", recorded.OWNS
        if not thread.held & {lock, f"shared {lock}"}:
            yield self.point(thread, where, lock, True, way, has_limit=True)
            self.step(thread, where, writes=(lock,))
            if self.gets(thread, True, way, lock):
                self.takes(thread, lock)

    def do_unshare(self, thread, where, number):
        lock = f"lock {number}"
        if f"shared {lock}" in thread.held:
            thread.held.remove(f"shared {lock}")
            self.readers[lock] -= 1
            self.tells(thread, f"readers of {lock}")
            self.note(thread, recorded.LEAVES, lock, recorded.SHARES)
            self.was_held_at_last_point(thread)
            self.step(thread, where, reads=(lock,))
            yield self.point(thread, where, conflicts=True)

    def do_wait(self, thread, where, number, has_limit=False):
        semaphore, way = f"semaphore {number}", recorded.COUNTS
        yield self.point(thread, where, semaphore, True, way, has_limit)
        self.step(thread, where, writes=(semaphore,))
        if self.gets(thread, has_limit, way, semaphore):
            self.units[semaphore] -= 1
            self.meets(thread, self.clocks.get(semaphore))
            self.note(thread, recorded.TAKES, semaphore, way)

    def do_wait_in_time(self, thread, where, number):
        yield from self.do_wait(thread, where, number, has_limit=True)

    def do_post(self, thread, where, number):
        semaphore = f"semaphore {number}"
        yield self.point(thread, where, conflicts=True)
        self.step(thread, where, reads=(semaphore,))
        self.tells(thread, semaphore)
        self.units[semaphore] += 1
        self.note(thread, recorded.LEAVES, semaphore, recorded.COUNTS)

    def do_sleep(self, thread, where, number, has_limit=False):
        condition, lock, way = f"condition {number}", f"lock {number}", recorded.SIGNAL
        yield self.point(thread, where, conflicts=True)
        self.step(thread, where, writes=(condition,))
        locks = (lock,) if lock in thread.held else ()
        for one in locks:
            self.leaves(thread, one)
            self.was_held_at_last_point(thread)
        self.sleepers.setdefault(condition, set()).add(thread.number)
        self.note(thread, recorded.WAITS, condition, way)
        self.step(thread, where, writes=(condition, *locks))
        yield self.point(thread, where, condition, True, way, has_limit)
        signal = self.signal_for(thread)
        thread.seen.append(int(thread.number in self.woken or signal is not None))
        if thread.number in self.woken:
            self.woken.remove(thread.number)
        elif signal is not None:
            self.signals[condition].remove(signal)
        self.sleepers[condition].remove(thread.number)
        for one in self.signals.get(condition, ()):
            one.discard(thread.number)
        self.note(thread, recorded.TAKES, condition, way)
        self.step(thread, where, writes=(condition, *locks))
        for one in locks:
            yield from self.do_lock(thread, where, int(one.split()[-1]))

    def do_doze(self, thread, where, number):
        yield from self.do_sleep(thread, where, number, has_limit=True)

    def do_signal(self, thread, where, number):
        condition = f"condition {number}"
        yield self.point(thread, where, conflicts=True)
        self.step(thread, where, writes=(condition,))
        able = self.sleepers.get(condition, set()) - self.woken
        given = self.signals.setdefault(condition, [])
        if len(able) > len(given):
            given.append(set(able))
        self.note(thread, recorded.WAKES_ONE, condition, recorded.SIGNAL)

    def do_wake(self, thread, where, number):
        condition = f"condition {number}"
        yield self.point(thread, where, conflicts=True)
        self.step(thread, where, writes=(condition,))
        self.woken |= self.sleepers.get(condition, set())
        self.signals[condition] = []
        self.note(thread, recorded.WAKES_ALL, condition, recorded.SIGNAL)

"""Start threads and wait for them, even if the call is interrupted.

A `KeyboardInterrupt` is raised between two bytecodes of the main thread, so Python code
cannot start, stop and join threads without a window in which an interrupt leaves some
of them running.  `Thread.join` and `Event.wait` even break if one arrives inside them.
Hence this module:

* The calling thread runs no bytecode here except its callback `on_look`.  Signal
  handlers run only at the two places that check for signals, and their exceptions are
  kept until all threads have ended.
* A separate thread, the supervisor, starts the others, watches them, stops them and
  waits for their end.  Python runs no signal handler in it.
"""

from cpython.exc cimport PyErr_CheckSignals
from posix.unistd cimport getpid

from _thread import allocate_lock, start_new_thread
from threading import Thread
from time import sleep

# Seconds between two checks of the supervisor for dead threads.
cdef double WATCH_EVERY_S = 0.1
# Seconds between two checks of a thread that has finished its work and will end.
cdef double END_EVERY_S = 0.0001
# How often the supervisor calls `stop` if it raises.
cdef int MOST_STOPS = 10

cdef enum:
    NOT_BEGUN
    RUNNING
    ENDED


class ThreadProblem(Exception):
    """A failure of the threads themselves: (what, number, error or None).

    `what` is "unstarted" for a thread that the system refused, "lost" for one that
    ended before its target, and "forked" in a forked child, which has no such threads.
    """


cdef class _Flag:
    """A one-time event; one thread sets it, and any thread may check it."""

    cdef object _lock

    def __cinit__(self):
        self._lock = allocate_lock()
        self._lock.acquire()

    cdef set(self):
        if self._lock.locked():
            self._lock.release()

    cdef bint is_set(self) except -1:
        return not self._lock.locked()


cdef class _Job:
    """The work of one thread."""

    cdef _Group _group
    cdef object _target
    cdef int state  # protected by the group's mutex

    def __cinit__(self, _Group group, target):
        self._group = group
        self._target = target
        self.state = NOT_BEGUN

    def __call__(self):
        if not self._group.begins(self):
            return
        try:
            self._target()
        except BaseException as error:
            self._group.note(error)
        finally:
            self._target = None
            self._group.ends(self)


cdef class _Group:
    """The jobs of one call, and their supervisor."""

    cdef list _jobs, _threads
    cdef object _stop
    cdef object _mutex  # protects the states of jobs, `_n_left` and `failure`
    cdef object _wake  # released when the supervisor may have work
    cdef int _n_left  # jobs that have not ended
    cdef object failure  # the first exception of a target
    cdef _Flag stop_wanted
    cdef object over  # a lock that is released when all jobs have ended

    def __cinit__(self, targets, stop):
        self._jobs = [_Job(self, target) for target in targets]
        self._threads = []
        self._stop = stop
        self._mutex = allocate_lock()
        self._wake = allocate_lock()
        self._wake.acquire()
        self._n_left = len(self._jobs)
        self.failure = None
        self.stop_wanted = _Flag()
        self.over = allocate_lock()
        self.over.acquire()

    # ---- called by the threads of the jobs

    cdef bint begins(self, _Job job) except -1:
        """Return whether a job may run: not if it was cancelled before it started."""
        with self._mutex:
            if job.state != NOT_BEGUN:
                return False
            job.state = RUNNING
            return True

    cdef note(self, error):
        with self._mutex:
            if self.failure is None:
                self.failure = error
        self.wake()

    cdef ends(self, _Job job):
        with self._mutex:
            if job.state != ENDED:
                job.state = ENDED
                self._n_left -= 1
        self.wake()

    cdef wake(self):
        try:
            self._wake.release()
        except RuntimeError:  # another thread has released it already
            pass

    cdef forget_jobs(self):
        """Drop all that the caller passed in, before the call returns.

        The supervisor's own reference to the group goes only when its thread ends.
        This also breaks the cycle between the group and its jobs.
        """
        self._jobs = []
        self._threads = []
        self._stop = None

    # ---- called by the supervisor

    def __call__(self):
        try:
            self._start_all()
            while not self.stop_wanted.is_set() and self._goes_on():
                self._wake.acquire(True, WATCH_EVERY_S)
                self._find_dead()
        except BaseException as error:
            self.note(error)
        try:
            self._wind_up()
        finally:
            self.forget_jobs()
            self.over.release()

    cdef _start_all(self):
        for number, job in enumerate(self._jobs):
            if self.stop_wanted.is_set():
                return
            thread = Thread(target=job, name=f"refrace-{number}", daemon=True)
            self._threads.append(thread)
            try:
                thread.start()
            except RuntimeError as error:
                raise ThreadProblem("unstarted", number, error) from None

    cdef bint _goes_on(self) except -1:
        with self._mutex:
            return self._n_left > 0 and self.failure is None

    cdef bint _has_ended(self, _Job job) except -1:
        with self._mutex:
            return job.state == ENDED

    cdef _find_dead(self):
        """Record threads that ended outside their job, as after a raising hook."""
        cdef _Job job
        for number, thread in enumerate(self._threads):
            job = self._jobs[number]
            if self._has_ended(job) or thread.is_alive() or self._has_ended(job):
                continue
            self.note(ThreadProblem("lost", number, None))
            self.ends(job)

    cdef bint _is_left(self) except -1:
        with self._mutex:
            return self._n_left > 0

    cdef _wind_up(self):
        """End all jobs and wait until they have ended."""
        cdef _Job job
        with self._mutex:
            for each in self._jobs:
                job = each
                if job.state == NOT_BEGUN:
                    job.state = ENDED
                    self._n_left -= 1
        if self._is_left():
            self._call_stop()
        while self._is_left():
            self._wake.acquire(True, WATCH_EVERY_S)
            self._find_dead()
        for thread in self._threads:
            try:
                while thread.is_alive():
                    sleep(END_EVERY_S)
            except Exception:  # it never started, or a hook raised after its job
                pass

    cdef _call_stop(self):
        for _ in range(MOST_STOPS):
            try:
                self._stop()
                return
            except BaseException as error:
                self.note(error)


cdef ignore_signals_until_now():
    """Ignore further interrupts: the call ends with the first one anyway."""
    try:
        PyErr_CheckSignals()
    except BaseException:
        pass


def run(targets, stop, on_look, double look_every_s):
    """Run each target in its own thread and wait until all have ended.

    Raises the first of: an exception of a signal handler or `on_look` in this thread,
    an exception of a target or `stop`, ThreadProblem.  All threads have ended by then.
    """
    cdef _Group group = _Group(targets, stop)
    cdef int pid = getpid()
    problem = None
    try:
        start_new_thread(group, ())
    except RuntimeError as error:
        group.forget_jobs()
        raise ThreadProblem("unstarted", 0, error) from None
    while True:
        try:
            if group.over.acquire(True, look_every_s):
                break
            PyErr_CheckSignals()
            if problem is None:
                on_look()
        except BaseException as error:
            if problem is None:
                problem = error
                group.stop_wanted.set()
                group.wake()
        if getpid() != pid:
            raise ThreadProblem("forked", -1, None)
    if problem is None:
        problem = group.failure
    else:
        ignore_signals_until_now()
    group.failure = None
    if problem is not None:
        raise problem

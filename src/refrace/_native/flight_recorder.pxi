# flight_recorder.pxi -- the memory that a parent shares, in which a process records its
# run; included by schedule.pyx.

Recorded = namedtuple("Recorded", [
    "step", "image", "place", "name", "address", "before", "size", "point", "runner",
    "gil", "preempted",
])

cdef schedule.rr_flight *_flight = NULL
cdef object _flight_buffer = None


# A typed memoryview would do the same, with half of this module's time to compile.
cdef schedule.rr_flight *_flight_in(memory) except NULL:
    """Return where a memoryview of bytes begins; it must live on."""
    cdef Py_buffer *view = PyMemoryView_GET_BUFFER(memory)
    if not memory.c_contiguous or view.len < <Py_ssize_t>sizeof(schedule.rr_flight):
        raise ValueError("the flight recorder is too small, or not in one piece")
    return <schedule.rr_flight *>view.buf


def open_runtime(flight=None, int report_to=-1):
    """Prepare this process.

    `flight` is writable memory of `FLIGHT_BYTES` bytes that the parent shares; it
    has the decisions of the run, for `flight_of` in the parent.  The file descriptor
    `report_to` gets a line of JSON when a deadlock or livelock ends this process.
    """
    global _flight, _flight_buffer
    if flight is not None:
        view = memoryview(flight)
        if view.readonly:
            raise ValueError("the flight recorder cannot be written to")
        _flight = _flight_in(view)
        _flight_buffer = view
    schedule.rr_schedule_report_to = report_to
    schedule.rr_schedule_open(_flight)


def flight_of(memory):
    """Return the decisions of the last run of a process, also after its end.

    None if it began no run.
    """
    view = memoryview(memory)
    cdef const schedule.rr_flight *f = _flight_in(view)
    if f.n_runs == 0:
        return None
    n = min(f.n_decisions, <uint32_t>schedule.RR_MOST_DECISIONS)
    return [(f.decisions[i].at, f.decisions[i].runner) for i in range(n)]


cdef Py_ssize_t _length(const char *name):
    """Return the length of a name in a record, which may have no end there."""
    cdef Py_ssize_t n = 0
    while n < schedule.RR_MOST_NAME and name[n]:
        n += 1
    return n


cdef object _image_of_record(const schedule.rr_flight *f, uint64_t where):
    cdef uintptr_t offset = 0
    cdef const char *path = schedule.rr_schedule_recorded_image(f, where, &offset)
    return None if path is NULL else (fsdecode(path), offset)


def recorded(memory):
    """Return the last points of the last run of a process, also after its end.

    The image of an instruction, and the place of an address, is (module file, offset),
    or None.  The value before is None if the process ended before it was read.
    """
    view = memoryview(memory)
    cdef const schedule.rr_flight *f = _flight_in(view)
    cdef const schedule.rr_recorded *r
    cdef uint32_t n = f.n_recorded
    found = []
    for i in range(max(0, <int64_t>n - schedule.RR_MOST_RECORDED), n):
        r = &f.recorded[i % schedule.RR_MOST_RECORDED]
        if r.runner >= schedule.RR_MOST_RUNNERS:
            continue  # the process wrote over it before it ended
        found.append(Recorded(
            r.step,
            _image_of_record(f, r.where),
            _image_of_record(f, r.place),
            r.name[:_length(r.name)].decode(errors="replace") if r.name[0] else None,
            r.address, r.before if r.has_before else None, r.size,
            POINTS[min(r.point, schedule.RR_POINT_WAITS)],
            r.runner,
            None if r.gil >= schedule.RR_MOST_RUNNERS else r.gil,
            bool(r.was_preempted),
        ))
    return found

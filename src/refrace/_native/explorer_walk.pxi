# explorer_walk.pxi -- the part of explorer.pyx that follows one run.

WALK_NEW = states.RR_WALK_NEW


def bits_of(uint32_t bits):
    """Return the places of the bits that are set."""
    return [i for i in range(32) if bits >> i & 1]


cdef class Walk:
    """One run, one choice at a time; see cext/explore/walk.h."""

    cdef machines.rr_machine *_m
    cdef walks.rr_walk _walk
    cdef Image _image  # the machine points into it

    def __cinit__(
        self, Image image not None, int mode, bint gil_held, int only, capacity
    ):
        self._image = image
        self._m = open_machine(image, mode, gil_held, only, capacity)
        check(walks.rr_walk_open(self._m, &self._walk))

    def __dealloc__(self):
        walks.rr_walk_close(&self._walk)
        machines.rr_machine_close(self._m)

    def begin(self):
        """Go to the initial state; return one of `PROGRESS`."""
        return PROGRESS[walks.rr_walk_begin(&self._walk)]

    def take(self, int32_t code):
        """Take one of the choices; return one of `PROGRESS`."""
        self._expect(code)
        return PROGRESS[walks.rr_walk_take(&self._walk, code)]

    cdef int _expect(self, int32_t code) except -1:
        if code not in self.choices():
            raise ValueError(f"{code} is none of the choices")
        return 0

    def look(self, int32_t code):
        """Return the effect of a choice without changing the state."""
        self._expect(code)
        cdef machines.rr_seen *seen = &self._m.seen
        before = self.words()
        cdef size_t n_bytes = <size_t> self._m.layout.n_words * sizeof(int32_t)
        memcpy(self._m.scratch, self._m.w, n_bytes)
        progress = machines.rr_machine_take(self._m, code)
        after = self.words()
        memcpy(self._m.w, self._m.scratch, n_bytes)
        has_site = seen.site.text is not NULL
        has_instr = seen.instr is not NULL
        return Seen(
            progress=PROGRESS[progress],
            before=before,
            after=after,
            op=OPS[seen.instr.op] if has_instr else None,
            statement=seen.instr.statement
            if has_instr and seen.instr.statement >= 0 else None,
            text=(<bytes> seen.site.text).decode() if has_site else None,
            file=(<bytes> seen.site.file).decode() if has_site else None,
            line=seen.site.line if has_site else None,
            place=PLACES[seen.place],
            place_number=seen.index,
            object=seen.object,
            begins=bool(seen.begins),
            completes=bool(seen.completes),
            result=seen.result if seen.has_result else None,
            preempts=self.preempts(code),
            kinds=self._m.kinds if progress == machines.RR_ENDED else 0,
            culprit=self._m.culprit,
            order=ORDERS[seen.order] if seen.has_order else None,
            fence=ORDERS[seen.fence] if seen.has_fence else None,
            source=seen.source if seen.has_source else None,
            value=seen.value,
            is_old=bool(seen.is_old),
            rival=seen.rival,
            follows=seen.follows,
        )

    def memory(self):
        """Return the memory of C11, which no other state with the same row shares.

        Empty under sequential consistency.
        """
        cdef size_t most = states.rr_walk_memory_bytes(&self._walk)
        cdef char *out = <char *> PyMem_Malloc(most + 1)
        if out is NULL:
            raise MemoryError
        try:
            n = states.rr_walk_keep_memory(&self._walk, out)
            return out[:n]
        finally:
            PyMem_Free(out)

    def resume(self, words, bytes memory):
        """Go to a state that `words` and `memory` returned; return one of `PROGRESS`.

        Its messages are numbered from 1 on; `WALK_NEW` is the number of those that the
        next step writes.
        """
        cdef layouts.rr_layout *at = &self._m.layout
        if len(words) != at.n_row or self._m.is_weak != bool(memory):
            raise ValueError("not a state of this walk")
        cdef int32_t i
        for i in range(at.n_row):
            self._m.w[i] = words[i]
        cdef const char *kept = <const char *> memory if memory else NULL
        return PROGRESS[states.rr_walk_resume(&self._walk, kept)]

    def messages(self):
        """Return the messages of the memory, by location and age."""
        cdef int32_t most = states.rr_walk_most_messages(&self._walk)
        cdef states.rr_message *out = <states.rr_message *> PyMem_Malloc(
            (most + 1) * sizeof(states.rr_message)
        )
        if out is NULL:
            raise MemoryError
        try:
            n = states.rr_walk_messages(&self._walk, out)
            return [
                Message(
                    out[i].word,
                    out[i].value,
                    out[i].source,
                    bool(out[i].is_newest),
                    bits_of(out[i].readers),
                )
                for i in range(n)
            ]
        finally:
            PyMem_Free(out)

    def unordered(self):
        """Return what does not happen before the next steps, although it may matter."""
        cdef int32_t most = states.rr_walk_most_unordered(&self._walk)
        cdef states.rr_unordered *out = <states.rr_unordered *> PyMem_Malloc(
            (most + 1) * sizeof(states.rr_unordered)
        )
        if out is NULL:
            raise MemoryError
        try:
            n = states.rr_walk_unordered(&self._walk, out)
            return [
                Unordered(
                    out[i].thread,
                    out[i].object if out[i].object >= 0 else None,
                    out[i].word if out[i].word >= 0 else None,
                    bits_of(out[i].others),
                    bool(out[i].is_new),
                )
                for i in range(n)
            ]
        finally:
            PyMem_Free(out)

    def preempts(self, int32_t code):
        """Return whether taking a choice now would be a preemption."""
        return bool(walks.rr_walk_preempts(&self._walk, code))

    def choices(self):
        """Return the codes of the possible choices."""
        return [self._walk.choices[i] for i in range(self._walk.n_choices)]

    def words(self):
        """Return the state, without the memory of C11."""
        return [self._m.w[i] for i in range(self._m.layout.n_row)]

    def numbers(self):
        """Return the status of the run."""
        return WalkNumbers(
            kinds=self._walk.kinds,
            last_kinds=self._m.kinds,
            culprit=self._m.culprit,
            preemptions=self._walk.n_preemptions,
            last=self._walk.last,
            misuse=self._m.misuse,
            at_thread=self._m.at_thread,
            at_statement=-1 if self._m.at is NULL else self._m.at.statement,
            lacks=self._m.grow,
        )

    def count_of(self, int obj, words):
        """Return (count, standing) of an object in a state, as the mode computes it."""
        cdef layouts.rr_layout *at = &self._m.layout
        if not 0 <= obj < at.n_objects or len(words) != at.n_row:
            raise ValueError("no such object, or not a state")
        cdef int32_t i
        for i in range(at.n_row):
            self._m.scratch[i] = words[i]
        return (
            machines.rr_machine_count(self._m, self._m.scratch, obj),
            STANDINGS[machines.rr_machine_standing(self._m, self._m.scratch, obj)],
        )

    def owners(self):
        """Return the number of owners of each object at the end of a run."""
        return [
            machines.rr_machine_owners(self._m, i)
            if machines.rr_machine_template(self._m, i) is not NULL else 0
            for i in range(self._m.layout.n_objects)
        ]

    def waits(self):
        """Return (thread, word of the lock or -1) of the threads in a deadlock."""
        return [
            (t, walks.rr_walk_waits_on(&self._walk, t))
            for t in range(self._m.layout.n_threads)
            if not machines.rr_machine_has_ended(self._m, t)
        ]

    def shape(self):
        """Return the offsets of the parts of a state."""
        cdef layouts.rr_layout *at = &self._m.layout
        p = self._image._program
        return Shape(
            cells=at.cells,
            latent=at.latent,
            count_lock=at.count_lock,
            gil=at.gil,
            holder=at.holder,
            containers=[at.containers[i] for i in range(p.n_containers)],
            locks=[at.locks[i] for i in range(p.n_locks)],
            mutex=at.mutex_offset,
            count_mutex=at.count_mutex_offset,
            ref_shared=at.shared_offset,
            tid=at.tid_offset,
            queue=at.queue_offset,
            epoch=at.epoch,
            announced=[at.threads[t].announced for t in range(at.n_threads)],
            attachment=[at.threads[t].attachment for t in range(at.n_threads)],
            lanes=[at.threads[t].lanes for t in range(at.n_threads)],
            n_lanes=at.n_lanes,
            objects=[
                (at.objects[i].base, at.objects[i].type, at.objects[i].first_field)
                for i in range(at.n_objects)
            ],
            named_templates=[p.objects[i].type for i in range(p.n_objects)],
            locals=[
                at.threads[t].base + layouts.RR_THREAD_FRAMES + layouts.RR_FRAME_LOCALS
                for t in range(at.n_threads)
            ],
            buffers=[at.threads[t].buffer for t in range(at.n_threads)],
            stop=at.stop,
            depths=[at.threads[t].base for t in range(at.n_threads)],
        )

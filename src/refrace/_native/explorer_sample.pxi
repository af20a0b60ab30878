# explorer_sample.pxi -- the part of explorer.pyx that samples random schedules.

cdef class Sample:
    """Runs under random schedules; see cext/explore/sample.h."""

    cdef machines.rr_machine *_m
    cdef samples.rr_sample _sample
    cdef Image _image  # the machine points into it

    def __cinit__(
        self, Image image not None, int mode, bint gil_held, capacity,
        bint is_pct, int depth, int64_t max_steps, int64_t horizon, uint64_t seed,
        uint64_t first_run,
    ):
        self._image = image
        self._m = open_machine(image, mode, gil_held, -1, capacity)
        strategy = samples.RR_PCT if is_pct else samples.RR_UNIFORM
        check(samples.rr_sample_open(
            self._m, strategy, depth, max_steps, horizon, seed, first_run,
            &self._sample))

    def __dealloc__(self):
        samples.rr_sample_close(&self._sample)
        machines.rr_machine_close(self._m)

    def advance(self, int64_t n_runs):
        """Run for about 20 ms or until `n_runs`; return one of `PROGRESS`."""
        cdef int status = 0
        cdef int64_t until = rr_clock.rr_now_ns() + 20_000_000
        with nogil:  # this block uses only the sample
            while (
                status == 0
                and self._sample.stopped == machines.RR_RAN
                and self._sample.n_runs < n_runs
                and rr_clock.rr_now_ns() < until
            ):
                status = samples.rr_sample_advance(&self._sample, 1)
        check(status)
        return PROGRESS[self._sample.stopped]

    def n_runs(self):
        """Return the number of runs."""
        return self._sample.n_runs

    cdef dict _tally(self):
        cdef uint32_t bits
        tally = {}
        for bits in range(1 << programs.RR_N_FINDINGS):
            if self._sample.tally[bits] != 0:
                tally[bits] = self._sample.tally[bits]
        return tally

    def result(self):
        """Return the tallies and the best schedules."""
        cdef samples.rr_sample *s = &self._sample
        return SampleNumbers(
            runs=s.n_runs,
            too_long=s.n_too_long,
            outgrown=s.n_outgrown,
            beyond_horizon=s.n_beyond_horizon,
            longest=s.longest,
            lacks=self._m.grow,
            misuse=self._m.misuse,
            codes=[s.codes[i] for i in range(s.n_codes)],
            tally=self._tally(),
            found={
                KINDS[kind]: (
                    s.found[kind].n_preemptions,
                    [s.found[kind].codes[i] for i in range(s.found[kind].n_steps)],
                )
                for kind in range(programs.RR_N_FINDINGS)
                if s.found[kind].n_steps >= 0
            },
        )

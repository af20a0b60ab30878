# explorer_weak.pxi -- the part of explorer.pyx that holds the settings of C11's memory.

cdef class Weak:
    """The memory under C11; see cext/machine/weak.h.

    `ways` are what the operations of the mode do, as far as is known: the bytes of an
    earlier `Weak`.  A search adds what it finds.  `weakened` are (file, line, text,
    order) of accesses and fences of the mode to be made weaker, all at the same time.
    """

    cdef machines.rr_weak _weak
    cdef machines.rr_ways _ways
    cdef machines.rr_sites _sites
    cdef machines.rr_weakening *_weakened
    cdef object _texts  # what is weakened points into them

    def __cinit__(self, int history, bytes ways=b"", weakened=()):
        memset(&self._ways, 0, sizeof(self._ways))
        memset(&self._sites, 0, sizeof(self._sites))
        if len(ways) == sizeof(self._ways):
            memcpy(&self._ways, <const char *> ways, sizeof(self._ways))
        self._weak.history = history
        self._weak.ways = &self._ways
        self._weak.sites = &self._sites
        self._texts = [(one[0].encode(), one[2].encode()) for one in weakened]
        cdef size_t n_bytes = len(self._texts) * sizeof(machines.rr_weakening)
        self._weakened = <machines.rr_weakening *> PyMem_Malloc(n_bytes + 1)
        if self._weakened is NULL:
            raise MemoryError
        for i, (_file, line, _text, order) in enumerate(weakened):
            self._weakened[i].file = <const char *> self._texts[i][0]
            self._weakened[i].text = <const char *> self._texts[i][1]
            self._weakened[i].line = line
            self._weakened[i].order = <machines.rc_order> <int> ORDERS.index(order)
        self._weak.weakened = self._weakened
        self._weak.n_weakened = len(self._texts)

    def __dealloc__(self):
        PyMem_Free(self._weakened)

    def ways(self):
        """Return what is known of the mode's operations."""
        return (<const char *> &self._ways)[:sizeof(self._ways)]

    def sites(self):
        """Return (file, line, text, order) of each place that was reached."""
        return [
            (
                (<bytes> self._sites.noted[i].file).decode(),
                self._sites.noted[i].line,
                (<bytes> self._sites.noted[i].text).decode(),
                ORDERS[self._sites.noted[i].order],
            )
            for i in range(self._sites.n)
        ]

# contention.pxd -- mirrors cext/explore/contention.h; no code, defaults or renaming.
from refrace._cext.graph cimport rr_graph

cdef extern from "explore/contention.h" nogil:
    ctypedef enum rr_contention:
        RR_CONTENTION_NONE
        RR_CONTENTION_STEPS
        RR_CONTENTION_COUNTING

    rr_contention rr_contention_of(rr_graph *g)

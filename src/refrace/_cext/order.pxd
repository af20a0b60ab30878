# order.pxd -- mirrors cext/explore/order.h; no code, no defaults, no renaming.
cdef extern from "explore/order.h" nogil:
    ctypedef struct rr_order:
        bint has_cycle

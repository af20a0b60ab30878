# refcount_walk.pxd -- mirrors cext/cpython/refcount_walk.h; no code, no defaults, no
# renaming.
cdef extern from "cpython/refcount_walk.h":
    list rr_left_out(list roots)
    Py_ssize_t rr_references(list holders, object target)
    list rr_short_of_references(list root, Py_ssize_t most)

# load_native.pxd -- mirrors cext/loading/load_native.h; no code, no renaming.

cdef extern from "loading/load_native.h" nogil:
    int rr_load_native(int mode, void *connect)
    const char *rr_native_connector()

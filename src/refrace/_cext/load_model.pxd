# load_model.pxd -- mirrors cext/loading/load_model.h; no code, no renaming.

cdef extern from "loading/load_model.h" nogil:
    int rr_load_model(int mode, void *connect)
    const char *rr_model_connector()

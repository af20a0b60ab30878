# catalogue.pxd -- mirrors cext/modes/catalogue.h; no code, no defaults, no renaming.

cdef extern from "modes/catalogue.h" nogil:
    enum:
        RR_CORRECT
        RR_N_MODES

    ctypedef struct rr_mode_card:
        const char *name
        int claim
        const char *title
        const char *summary
        int incref_steps
        int decref_steps
        const char *layout
        const char *limits
        const char *source

    const rr_mode_card *rr_mode_card_of(int mode)

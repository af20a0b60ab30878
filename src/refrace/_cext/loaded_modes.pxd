# loaded_modes.pxd -- mirrors cext/modes/loaded_modes.h; no code, no renaming.

cdef extern from "modes/loaded_modes.h" nogil:
    enum:
        RR_MAX_LOADED_MODES

# native_modes.pxd -- mirrors cext/modes/native_modes.h; no code, no renaming.

cdef extern from "modes/native_modes.h" nogil:
    enum:
        RR_BY_FOURS
        RR_N_FORMS

    bint rr_mode_has_count_word(int mode)
    bint rr_mode_has_owner(int mode)
    bint rr_mode_protects_reads(int mode)
    bint rr_mode_needs_attached_owner(int mode)
    bint rr_mode_settles(int mode)

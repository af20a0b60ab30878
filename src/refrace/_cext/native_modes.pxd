# native_modes.pxd -- mirrors cext/modes/native_modes.h; no code, no renaming.

cdef extern from "modes/native_modes.h" nogil:
    enum:
        RR_BY_FOURS
        RR_N_FORMS

    ctypedef struct rr_mode_traits:
        bint settles
        bint protects_reads
        bint needs_attached_owner
        bint has_count_word
        bint has_owner
        bint has_immortalise
        bint has_merge
        bint has_enable_try

    rr_mode_traits rr_mode_traits_of(int mode)

# rr_status.pxd -- mirrors cext/base/rr_status.h; no code, no defaults, no renaming.
cdef extern from "base/rr_status.h" nogil:
    enum:
        RR_OK
        RR_ENOMEM
        RR_EINVAL
        RR_ETHREAD
        RR_ESLOTS
        RR_EDETACHED
        RR_EATTACHED
        RR_EWORDS
        RR_EROOM
        RR_EWEAK
        RR_EFOLDER
        RR_EBUG

    const char *rr_status_message(int status)

# objects_interpreter.pxd -- mirrors cext/cpython/objects_interpreter.h; no code.
from libc.stdint cimport int64_t

from refrace._cext.race cimport rr_own_mode

cdef extern from "cpython/objects_interpreter.h" nogil:
    const int64_t RR_INTERPRETER_MOST

    const rr_own_mode *rr_interpreter_mode()

# program_image.pxi -- a program of the core, opened from its image, an array of ints.
#
# The buffer is requested by hand, because Cython's typed memoryviews would add more C
# code than all the rest of a module.

from cpython.buffer cimport (
    PyBUF_C_CONTIGUOUS,
    PyBUF_FORMAT,
    PyBuffer_Release,
    PyObject_GetBuffer,
)
from libc.stdint cimport int32_t


cdef programs.rr_program *open_program(object image) except NULL:
    """Open a program; the caller closes it.  `image` is an array of C ints."""
    cdef Py_buffer view
    cdef programs.rr_program *program = NULL
    cdef int status
    PyObject_GetBuffer(image, &view, PyBUF_C_CONTIGUOUS | PyBUF_FORMAT)
    try:
        if view.ndim != 1 or view.itemsize != sizeof(int32_t) or view.format[0] != c"i":
            raise ValueError("the image of a program is an array of C ints")
        if view.len == 0:
            raise ValueError("the image of a program is not empty")
        status = programs.rr_program_open(
            <const int32_t *> view.buf, view.len // view.itemsize, &program
        )
    finally:
        PyBuffer_Release(&view)
    if status == RR_EINVAL:
        raise ValueError("the numbers of this image do not fit together")
    check(status)
    return program

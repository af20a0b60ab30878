# cython: language_level=3str, freethreading_compatible=True
"""The weighted mean of numbers, in an array of C."""

from cpython.mem cimport PyMem_Malloc, PyMem_Free

include "twin.pxi"


def weighted_mean(tuple values not None, tuple weights not None):
    """Return the mean of `values` by `weights`."""
    cdef Py_ssize_t i, n = len(values)
    cdef double total = 0, weight = 0
    cdef double *numbers = <double *> PyMem_Malloc((n + 1) * sizeof(double))
    if numbers == NULL:
        raise MemoryError
    try:
        for i in range(n):
            numbers[i] = values[i]
        for i in range(n):
            total += numbers[i] * <double> weights[i]
            weight += <double> weights[i]
    except Exception:
        if not BUG:  # the bug: the array is lost
            PyMem_Free(numbers)
        raise
    PyMem_Free(numbers)
    return total / weight if weight else 0.0

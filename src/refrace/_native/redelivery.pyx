"""A hook of `sys.unraisablehook` that keeps interrupts.

In compiled code, because a Python function would be interrupted itself: the
interpreter raises `KeyboardInterrupt` at its next look for signals, and here that must
be in the code that called the finaliser.
"""

from cpython.exc cimport PyErr_SetInterrupt


cdef class Hook:
    """Send an interrupt to the main thread again; pass other failures to `usual`."""

    cdef object usual

    def __init__(self, usual):
        self.usual = usual

    def __call__(self, failure):
        if issubclass(failure.exc_type, KeyboardInterrupt):
            PyErr_SetInterrupt()
        else:
            self.usual(failure)

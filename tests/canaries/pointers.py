"""What a buggy extension does to an object: through its address, past all counting."""

import ctypes


def _function(name, restype=None):
    # Of a library object of our own: ctypes.pythonapi shares its argument types.
    found = getattr(ctypes.PyDLL(None), name)  # called with the GIL
    found.restype = restype
    found.argtypes = [ctypes.c_void_p]
    return found


incref = _function("Py_IncRef")
decref = _function("Py_DecRef")
hash_of = _function("PyObject_Hash", ctypes.c_ssize_t)


def object_at(address):
    """Give a new reference to what is at an address, alive or dead."""
    return ctypes.cast(address, ctypes.py_object).value


def read_type(address):
    """Read the word that has the type of an object, and nothing else of it."""
    return ctypes.c_void_p.from_address(address + object.__basicsize__ - 8).value


def decref_detached(address):
    """Drop a reference without the GIL, or without a thread state."""
    function = ctypes.CDLL(None).Py_DecRef
    function.restype, function.argtypes = None, [ctypes.c_void_p]
    function(address)

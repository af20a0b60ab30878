"""Caches such as C code has: the collector does not see what they hold."""

import ctypes
import threading
from array import array

take = ctypes.pythonapi.Py_IncRef
give = ctypes.pythonapi.Py_DecRef
take.argtypes = give.argtypes = [ctypes.c_void_p]


libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
libc.malloc.argtypes = libc.free.argtypes = [ctypes.c_void_p]


class Ring:
    """Holds the last objects, as a static array of C does: invisibly."""

    def __init__(self, size):
        self.slots = array("Q", bytes(8 * size))
        self.next = 0
        self.lock = threading.Lock()  # two threads would give the same object up twice

    def put(self, value):
        take(id(value))
        with self.lock:
            at, self.next = self.next, (self.next + 1) % len(self.slots)
            before, self.slots[at] = self.slots[at], id(value)
        if before:
            give(before)

    def clear(self):
        for address in self.slots:
            if address:
                give(address)


class First(Ring):
    """Holds the first objects, and no more when it is full."""

    def put(self, value):
        with self.lock:
            if self.next < len(self.slots):
                take(id(value))
                self.slots[self.next] = id(value)
                self.next += 1


class Buffers:
    """Holds the last buffers of C code, as a cache without any object."""

    def __init__(self, size):
        self.slots = array("Q", bytes(8 * size))
        self.next = 0

    def add(self):
        at, self.next = self.next, (self.next + 1) % len(self.slots)
        libc.free(self.slots[at])
        self.slots[at] = libc.malloc(20_000)

    def clear(self):
        for address in self.slots:
            libc.free(address)

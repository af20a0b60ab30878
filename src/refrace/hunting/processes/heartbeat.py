"""Shared memory in which a child counts its progress, readable after its death."""

from __future__ import annotations

import mmap
import os
import tempfile

__all__ = ["RECORDER_BYTES", "Heartbeat"]

_ROUNDS, _FORKS = range(2)
_SLOTS = 8
RECORDER_BYTES = 1 << 17
"""Memory in which an engine records what it does, for after a crash."""


class Heartbeat:
    """Counters in shared memory: one writer, the child; one reader, the parent.

    `recorder` is memory in which the child's engine records what it does.

    A slot is one aligned word.  The reader only compares it with its last value, so it
    needs no order between slots.
    """

    def __init__(self, descriptor: int) -> None:
        """Map the memory behind a file descriptor of :meth:`create`."""
        self.descriptor = descriptor
        self._memory = mmap.mmap(descriptor, os.fstat(descriptor).st_size)
        self._view = memoryview(self._memory)
        self._slots = self._view[: _SLOTS * 8].cast("Q")
        self.recorder = self._view[_SLOTS * 8 :]

    @classmethod
    def create(cls) -> Heartbeat:
        """Return new shared memory, all zero, without a name in any folder."""
        if hasattr(os, "memfd_create"):
            descriptor = os.memfd_create("refrace-heartbeat")
        else:
            with tempfile.TemporaryFile() as file:
                descriptor = os.dup(file.fileno())
        try:
            os.ftruncate(descriptor, _SLOTS * 8 + RECORDER_BYTES)
        except OSError:
            # A limit on the size of files covers this memory too.  Counters come first;
            # only an engine that records needs more, and it refuses to start without.
            os.ftruncate(descriptor, _SLOTS * 8)
        return cls(descriptor)

    def beat(self) -> None:
        """Count a round."""
        self._slots[_ROUNDS] += 1

    def note_fork(self) -> None:
        """Count a fork of the subject."""
        self._slots[_FORKS] += 1

    @property
    def rounds(self) -> int:
        """Rounds counted so far, by all children."""
        return self._slots[_ROUNDS]

    @property
    def forks(self) -> int:
        """Forks counted so far, by all children."""
        return self._slots[_FORKS]

    def close(self) -> None:
        """Unmap the memory and close its descriptor."""
        self._slots.release()
        self.recorder.release()
        self._view.release()
        self._memory.close()
        os.close(self.descriptor)

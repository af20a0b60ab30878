"""What a hunt was asked for, checked."""

from __future__ import annotations

import hashlib
import json
import os
import platform
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from refrace.environment import gil_is_enabled
from refrace.hunting.limits import BATCH_S, CHILD_MEMORY
from refrace.hunting.processes.subject_source import SubjectSource
from refrace.hunting.processes.zygote_process import ENGINE
from refrace.hunting.search.batch import BatchRequest

__all__ = ["HuntSettings"]

_LEAST_BATCHES = 4
# A hunt shorter than this does not pay for a second process that loads the subject.
_LEAST_FOR_TWO_ALLOCATORS_S = 4.0

# glibc fills memory that C code has from malloc, and not from Python, when it is freed.
# What its cache of small blocks keeps would not be filled.
_TUNABLES = f"glibc.malloc.perturb={0xA5}:glibc.malloc.tcache_count=0"


def _allocating(allocator: str) -> tuple[tuple[str, str], ...]:
    """Return the variables for an allocator, ``""`` or ``"debug"``."""
    if not allocator:
        return ()
    tunables = ":".join(filter(None, [os.environ.get("GLIBC_TUNABLES"), _TUNABLES]))
    return (("GLIBC_TUNABLES", tunables), ("PYTHONMALLOC", allocator))


@dataclass(frozen=True)
class HuntSettings:
    """The settings of a hunt.

    Attributes
    ----------
    source : SubjectSource
        The subject.
    threads : tuple of int
        Numbers of threads of the programs, sorted.
    seconds : float
        Time limit of the search.
    seed : int
        Seed of the programs.
    any_seed : bool
        Whether the seed was not asked for.
    repeats : int or None
        Rounds of each program.
    folder : Path or None
        The store; None if nothing is kept.
    program : dict or None
        The only program to run.
    environ : tuple of (str, str)
        Environment variables of the processes.
    path : tuple of str
        Folders in front of their `sys.path`.
    memory : int
        Bytes that a child may add to its memory; 0 is no limit.
    engine : str
        The module that draws and runs programs.
    arguments : str
        Arguments of a test that are not the same in every hunt, as text.
    build : str or None
        The folder of an extension with hooks, which is in `path` too.
    """

    source: SubjectSource
    threads: tuple[int, ...]
    seconds: float
    seed: int
    any_seed: bool
    repeats: int | None
    folder: Path | None
    program: dict[str, Any] | None = None
    environ: tuple[tuple[str, str], ...] = ()
    path: tuple[str, ...] = ()
    memory: int = CHILD_MEMORY
    engine: str = ENGINE
    arguments: str = ""
    build: str | None = None

    def request(
        self, number: int, seed: int, seconds: float, allocator: str, **changes: Any
    ) -> BatchRequest:
        """Return the request of a batch; `allocator` is ``""`` or ``"debug"``."""
        environ = _allocating(allocator)
        return BatchRequest(
            self.source,
            seed,
            number,
            self.threads,
            seconds,
            repeats=self.repeats,
            environ=self.environ + environ,
            path=self.path,
            allocator=allocator,
            memory=self.memory,
            engine=self.engine,
            **changes,
        )

    @property
    def batch_s(self) -> float:
        """Time of one batch in seconds."""
        return min(BATCH_S, max(0.1, self.seconds / _LEAST_BATCHES))

    def allocator_of(self, batch: int) -> str:
        """Return the allocator of a batch, ``""`` or ``"debug"``.

        A quarter of the time goes to the debugging allocators, which fill freed memory:
        they show some bugs at once and hide others.
        """
        is_long = self.seconds >= _LEAST_FOR_TWO_ALLOCATORS_S
        is_other = "LD_PRELOAD" in dict(self.environ)  # a sanitizer brings its own
        return "debug" if is_long and batch % 8 in (2, 3) and not is_other else ""

    def key(self) -> str:
        """Return a word that is equal for hunts that can continue each other."""
        parts = {
            "subject": self.source.name,
            "pickled": hashlib.sha256(self.source.pickled or b"").hexdigest(),
            "threads": self.threads,
            "seconds": self.seconds,
            "repeats": self.repeats,
            "environ": sorted(self.environ),
            "path": self.path,
            "engine": self.engine,
            "python": platform.python_version(),
            "gil": gil_is_enabled(),
        }
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()

"""The limits of a hunt: documented numbers in one place."""

from __future__ import annotations

from refrace.environment import gil_can_be_disabled

__all__ = [
    "BATCH_S",
    "CHILD_MEMORY",
    "CHILD_PROCESSES",
    "DRAWN_ONE_THREAD",
    "DRAWN_THREADS",
    "EACH_S",
    "GIVE_UP_S",
    "HEAPS_OF_THREADS",
    "LEAST_OVERLAP",
    "LEAST_ROUNDS_THREADS",
    "MOST_OUTPUT",
    "MOST_SECONDS",
    "MOST_THREADS",
    "OVERTIME_S",
    "POLL_S",
    "ROUNDS_ONE_THREAD",
    "ROUNDS_THREADS",
    "SEEDS",
    "SETTLE_S",
    "SHORT_EACH_S",
    "SPIN_CPU_S",
    "STALL_S",
    "WAIT_S",
    "default_rounds",
]

SEEDS = 2**64
"""Number of different seeds."""
MOST_SECONDS = 604_800.0
"""The longest hunt: a week."""
MOST_THREADS = 16
"""Most threads of a program."""

BATCH_S = 1.0
"""Time of one batch in seconds: what is lost with a lost worker."""
ROUNDS_ONE_THREAD = 17
"""Rounds of a program with one thread, unless `repeats` is given."""
ROUNDS_THREADS = 300
"""Rounds of a program with more threads: short programs rarely overlap."""
LEAST_ROUNDS_THREADS = 30
"""Rounds of a program whose threads make their calls many times in each."""
DRAWN_ONE_THREAD = 20
"""Programs drawn at a time for one thread; one runs for some 10 ms."""
DRAWN_THREADS = 5
"""Programs drawn at a time for more threads; one runs for some 100 ms."""
EACH_S = 1.0
"""Most time of one program in seconds."""
SHORT_EACH_S = 0.25 if gil_can_be_disabled() else 0.1
"""Most time of a program with threads in two of three batches.

With a GIL threads meet at few places, where programs let them wait for each other."""
LEAST_OVERLAP = 0.01
"""Least overlap for an answer about threads: share of the time in operations."""

CHILD_MEMORY = 2**30
"""Memory in bytes that a child may add to what it has at its start (RLIMIT_DATA)."""
HEAPS_OF_THREADS = 100 * 40 * 2**20
"""What a child may add besides on a free-threaded build, where the allocator reserves
32 MiB for each thread, and its stack takes 8 MiB: for 100 threads."""
CHILD_PROCESSES = 512
"""Processes and threads that a child may add to those of its user (RLIMIT_NPROC)."""
MOST_OUTPUT = 16_384
"""Characters kept of what a child writes to its standard streams, from the end."""

POLL_S = 0.05
"""Longest time between two looks at a child in seconds; bounds the wait of Ctrl-C."""
STALL_S = 1.0
"""A child without progress for this long (seconds) is watched thread by thread."""
WAIT_S = 2.0
"""Threads that wait for locks, and for nothing else, for this long are deadlocked."""
SPIN_CPU_S = 5.0
"""Processor time in seconds without a new line of Python that makes a hang."""
GIVE_UP_S = 10.0
"""Time in seconds after which a program without progress is left as too slow."""
SETTLE_S = 3.0
"""Time in seconds that a program may take longer for a step of settling a suspicion:
more rounds, filling caches, and the same rounds again."""
OVERTIME_S = 12.0
"""Time in seconds after its deadline at which a child that makes progress ends."""


def default_rounds(threads: int, times: int) -> int:
    """Return the rounds of a program that makes its calls `times` times in each."""
    if threads == 1:
        return ROUNDS_ONE_THREAD
    return max(LEAST_ROUNDS_THREADS, ROUNDS_THREADS // times)

"""The chapters of the story; each measures its claims."""

from __future__ import annotations

from collections.abc import Callable

from refrace.environment import gil_is_enabled
from refrace.story.chapters import beyond, counting, hunting, locks
from refrace.story.chapters.measures import Measures
from refrace.story.story_report import Chapter

__all__ = ["Measures", "chapters"]


def chapters() -> tuple[Callable[[Measures], Chapter], ...]:
    """Return the chapters for this interpreter, in order."""
    return (
        counting.objects_count_references,
        counting.two_threads_lose_counts,
        counting.gil_makes_it_safe
        if gil_is_enabled()
        else counting.real_counts_are_safe,
        locks.a_lock_per_object,
        locks.two_locks_can_deadlock,
        locks.one_global_lock,
        beyond.an_append_is_lost,
        beyond.outside_the_gil,
        beyond.free_threaded_cpython,
        hunting.a_hunt_finds_bugs_in_extensions,
    )

"""State that all objects of one mode share in this process."""

from __future__ import annotations

import os

from refrace._native import objects as native_objects

__all__ = ["domain_of"]

_domains: dict[int, native_objects.Domain] = {}


def domain_of(number: int) -> native_objects.Domain:
    """Return the shared state of a mode's objects, such as the lock of global_lock."""
    if number not in _domains:
        # Several threads may get here at once; all use the domain of one of them.
        _domains.setdefault(number, native_objects.Domain())
    return _domains[number]


# In a forked child, threads that were inside no longer exist and never release locks.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_domains.clear)

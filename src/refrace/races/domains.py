"""What the objects of one mode share, in this process and no other."""

from __future__ import annotations

import os

from refrace._native import objects as native_objects

__all__ = ["domain_of"]

_domains: dict[int, native_objects.Domain] = {}


def domain_of(number: int) -> native_objects.Domain:
    """Return what all objects of one mode share, so that global_lock is global."""
    if number not in _domains:
        # Of several threads that come here first, one brings the domain of all.
        _domains.setdefault(number, native_objects.Domain())
    return _domains[number]


# In a forked child the threads that were inside have gone, and hold its locks for ever.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_domains.clear)

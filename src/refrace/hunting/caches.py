"""What the interpreter keeps for speed, emptied before levels are read."""

from __future__ import annotations

import sys

__all__ = ["clear_caches"]


def clear_caches() -> None:
    """Empty the caches of the interpreter that fill for a long time.

    The cache of type attributes has a reference to each name that was looked up last,
    up to 4,096 of them; names that are not interned, as C code makes them for a lookup,
    are new objects each time.
    """
    # Newer interpreters have the first name.  They warn about the second, and a warning
    # allocates blocks of its own, even if it is not shown.
    for name in ("_clear_internal_caches", "_clear_type_cache"):
        clear = getattr(sys, name, None)
        if clear is not None:
            clear()
            return

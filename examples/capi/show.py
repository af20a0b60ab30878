"""Run one pattern of patterns.c, buggy or fixed: show.py PATTERN buggy|fixed.

Without arguments, run all of them, each in its own process, because a buggy one may
crash.  The child processes' allocator overwrites freed memory, so that its use is
noticed.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading


def borrow_across_callback(which: str) -> str:
    """Compare an item whose __eq__ clears its list."""
    import capi_patterns

    class Item:
        def __eq__(self, other: object) -> bool:
            items.clear()
            return False

        __hash__ = None

        def __repr__(self) -> str:
            return "the item"

    items = [Item()]
    return getattr(capi_patterns, f"first_if_not_{which}")(items, 0)


def borrow_across_gil_release(which: str) -> str:
    """Clear a list while another thread waits with a borrowed item of it."""
    import capi_patterns

    class Item:
        def __repr__(self) -> str:
            return "the item"

    items = []
    filled = threading.Event()
    has_started, started = os.pipe()
    go, let_go = os.pipe()

    def fill_and_empty() -> None:
        # Create the item in the thread that clears the list: without the GIL, only the
        # owner thread frees an object at once; other threads leave that to the owner.
        items.append(Item())
        filled.set()
        os.read(has_started, 1)  # the item is borrowed now
        items.clear()
        os.write(let_go, b"x")

    emptier = threading.Thread(target=fill_and_empty)
    emptier.start()
    filled.wait()
    shown = getattr(capi_patterns, f"first_after_wait_{which}")(items, started, go)
    emptier.join()
    return shown


def wrong_release_order(which: str) -> str:
    """Reset a holder whose value reads the holder in its finaliser."""
    import capi_patterns

    seen = []

    class Value:
        def __del__(self) -> None:
            seen.append("nothing" if holder.value is None else "the dying value")

    holder = capi_patterns.Holder()
    holder.value = Value()
    getattr(holder, f"reset_{which}")()
    return f"the finaliser saw {seen[0]}"


PATTERNS = {
    "borrow-across-callback": borrow_across_callback,
    "borrow-across-gil-release": borrow_across_gil_release,
    "wrong-release-order": wrong_release_order,
}


def in_a_child(slug: str, which: str) -> str:
    """Return the result of one form, run in a child process."""
    run = subprocess.run(
        [sys.executable, __file__, slug, which],
        env={**os.environ, "PYTHONMALLOC": "debug"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    if run.returncode < 0:
        return f"killed by {signal.Signals(-run.returncode).name}"
    if run.returncode > 0:
        return f"failed: {run.stderr.strip().splitlines()[-1]}"
    return run.stdout.strip()


def main() -> None:
    """Run one pattern in this process, or all of them in child processes."""
    if len(sys.argv) == 3:
        print(PATTERNS[sys.argv[1]](sys.argv[2]))
        return
    for slug in PATTERNS:
        for which in ("buggy", "fixed"):
            print(f"{slug:26} {which}: {in_a_child(slug, which)}")


if __name__ == "__main__":
    main()

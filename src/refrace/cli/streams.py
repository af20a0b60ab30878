"""Handle standard streams that were closed before the command began (``>&-``)."""

from __future__ import annotations

import os
import sys

__all__ = ["closed_output", "usable_complaints"]


def closed_output() -> bool:
    """Return whether there is no standard output to print a result to."""
    return sys.stdout is None or sys.stdout.closed


def usable_complaints() -> None:
    """Discard error messages and progress if standard error is closed."""
    if sys.stderr is None or sys.stderr.closed:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115

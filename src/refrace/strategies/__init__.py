"""Hypothesis strategies: race programs, modes and schedules to draw.

Needs the package ``hypothesis``: ``pip install 'refrace[hypothesis]'``.
"""

from __future__ import annotations

try:
    import hypothesis as _hypothesis  # noqa: F401
except ImportError as error:
    from refrace.errors import MissingPackage

    raise MissingPackage(
        f"refrace.strategies needs the package hypothesis ({error}); install it: "
        "pip install 'refrace[hypothesis]'"
    ) from None

from refrace.strategies._modes import modes
from refrace.strategies._programs import programs
from refrace.strategies._world import FEATURES

__all__ = ["FEATURES", "modes", "programs"]

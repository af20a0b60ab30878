"""The environment variables that tell the engine which schedules to run."""

from __future__ import annotations

__all__ = ["BUILD", "REPLAY", "SETTING"]

SETTING = "REFRACE_SCHEDULES"
"""Strategy, bound and reduction: ``bounded:2:1``."""
REPLAY = "replay"
"""Its value in a replay, which has its schedule in the task."""
BUILD = "REFRACE_BUILD"
"""The folder of a build, if there is one."""

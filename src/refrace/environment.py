"""The interpreter and machine that something was measured on."""

from __future__ import annotations

import os
import platform
import sys
from dataclasses import dataclass

from refrace._base.arguments import check_choice
from refrace.errors import EnvironmentUnfit

__all__ = ["GIL_SETTINGS", "Environment", "check_gil", "gil_is_enabled", "usable_cores"]

GIL_SETTINGS = ("released", "held")


def gil_is_enabled() -> bool:
    """Tell whether this interpreter runs Python code under a GIL right now."""
    probe = getattr(sys, "_is_gil_enabled", None)
    return True if probe is None else bool(probe())


def usable_cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def check_gil(gil: object) -> str:
    """Return the `gil` argument if it is known and possible here; raise otherwise."""
    setting = check_choice("gil", gil, GIL_SETTINGS)
    if setting == "held" and not gil_is_enabled():
        raise EnvironmentUnfit(
            "gil='held' needs a GIL to hold, and this interpreter runs without one "
            f"({Environment.current()}); pass gil='released', or use a build with a "
            "GIL (or -X gil=1)"
        )
    return setting


@dataclass(frozen=True, slots=True)
class Environment:
    """Where a result was measured.

    Attributes
    ----------
    python : str
        Version of the interpreter, for example ``"3.13.0"``.
    gil_enabled : bool
        Whether the interpreter ran with its GIL on.
    cores : int
        Cores that the process could use.
    machine : str
        Operating system and processor architecture.
    """

    python: str
    gil_enabled: bool
    cores: int
    machine: str

    @classmethod
    def current(cls) -> Environment:
        """Describe the interpreter and machine that run this call."""
        return cls(
            python=platform.python_version(),
            gil_enabled=gil_is_enabled(),
            cores=usable_cores(),
            machine=f"{platform.system()} {platform.machine()}",
        )

    def __str__(self) -> str:
        gil = "GIL" if self.gil_enabled else "no GIL"
        cores = "1 core" if self.cores == 1 else f"{self.cores} cores"
        return f"CPython {self.python} ({gil}), {cores}, {self.machine}"

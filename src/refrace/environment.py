"""The interpreter and machine of a measurement."""

from __future__ import annotations

import os
import platform
import sys
import sysconfig
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from refrace._base.arguments import check_choice
from refrace._base.codec import ADDED_LATER
from refrace.errors import EnvironmentUnfit

__all__ = [
    "GIL_SETTINGS",
    "Environment",
    "check_gil",
    "gil_can_be_disabled",
    "gil_is_enabled",
    "usable_cores",
]

GIL_SETTINGS = ("released", "held")


def gil_is_enabled() -> bool:
    """Return whether this interpreter runs Python code under a GIL right now."""
    probe = getattr(sys, "_is_gil_enabled", None)
    return True if probe is None else bool(probe())


def gil_can_be_disabled() -> bool:
    """Return whether this is a free-threaded build, with its GIL on or off."""
    return bool(sysconfig.get_config_var("Py_GIL_DISABLED"))


def usable_cores() -> int:
    """Return the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def processor_in(cpuinfo: str) -> str:
    """Return the name of the first processor in the text of ``/proc/cpuinfo`` (Linux).

    Parameters
    ----------
    cpuinfo : str
        The text of the file.

    Returns
    -------
    str
        The name, and the numbers that distinguish designs with the same name; empty if
        the text has neither.
    """
    first = cpuinfo.strip().split("\n\n", maxsplit=1)[0]
    said = {
        name.strip(): " ".join(value.split())
        for name, _, value in (line.partition(":") for line in first.splitlines())
    }
    numbers = ", ".join(
        f"{word} {said[name]}"
        for name, word in (
            ("cpu family", "family"),
            ("model", "model"),
            ("CPU implementer", "implementer"),
            ("CPU part", "part"),
        )
        if said.get(name)
    )
    name = said.get("model name", "")
    return f"{name} ({numbers})" if name and numbers else name or numbers


@cache
def processor() -> str:
    """Return the name of the processor; empty if the system does not report it."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        text = ""
    name = processor_in(text) or platform.processor()
    return "" if name == platform.machine() else name


def check_gil(gil: object) -> str:
    """Return the `gil` argument if it is valid and supported here; raise otherwise."""
    setting = check_choice("gil", gil, GIL_SETTINGS)
    if setting == "held" and not gil_is_enabled():
        raise EnvironmentUnfit(
            "gil='held' needs a GIL, but this interpreter runs without one "
            f"({Environment.current()}); pass gil='released', or use a build with a "
            "GIL (or -X gil=1)"
        )
    return setting


@dataclass(frozen=True, slots=True)
class Environment:
    """The interpreter and machine that measured a result.

    Attributes
    ----------
    python : str
        Version of the interpreter, for example ``"3.13.0"``.
    gil_enabled : bool
        Whether the interpreter ran with its GIL enabled.
    cores : int
        Number of cores that the process could use.
    machine : str
        Operating system and processor architecture.
    processor : str
        Name of the processor; empty if the system does not report it, or if an older
        refrace measured.
    """

    python: str
    gil_enabled: bool
    cores: int
    machine: str
    processor: str = field(default="", metadata={ADDED_LATER: True})

    @classmethod
    def current(cls) -> Environment:
        """Return the interpreter and machine that run this call."""
        return cls(
            python=platform.python_version(),
            gil_enabled=gil_is_enabled(),
            cores=usable_cores(),
            machine=f"{platform.system()} {platform.machine()}",
            processor=processor(),
        )

    def __str__(self) -> str:
        gil = "GIL" if self.gil_enabled else "no GIL"
        cores = "1 core" if self.cores == 1 else f"{self.cores} cores"
        named = f", {self.processor}" if self.processor else ""
        return f"CPython {self.python} ({gil}), {cores}, {self.machine}{named}"

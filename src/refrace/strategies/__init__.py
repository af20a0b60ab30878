"""Hypothesis strategies: race programs, modes and schedules; canaries and operations.

A property test for modes: if every thread of a program holds a reference to each object
that it touches, no schedule has a finding in a correct mode.  The explorer tries each
schedule.

>>> import refrace
>>> from hypothesis import find, given, settings
>>> from refrace import strategies
>>> @settings(max_examples=20, deadline=None, database=None)
... @given(strategies.programs(max_length=2, clean=True),
...        strategies.modes("correct", count_word=True))
... def correct_modes_count_correctly(program, mode):
...     refrace.explore(program, mode).raise_unless_proved()
>>> correct_modes_count_correctly()

The smallest program that shows a bug of an incorrect mode:

>>> def is_corrupt(program):
...     found = refrace.explore(program, "unlocked", max_states=10_000)
...     return found.verdict == "corrupt"
>>> print(find(strategies.programs(clean=True), is_corrupt))
hold T1.x = A
hold T2.x = A
T1:
  decref x
T2:
  decref x

Needs the package ``hypothesis``: ``pip install 'refrace[hypothesis]'``.
"""

from __future__ import annotations

import typing
from importlib import import_module

try:
    import hypothesis as _hypothesis  # noqa: F401
except ImportError as error:
    from refrace.errors import MissingPackage

    raise MissingPackage(
        f"refrace.strategies needs the package hypothesis ({error}); install it: "
        "pip install 'refrace[hypothesis]'"
    ) from None

if typing.TYPE_CHECKING:
    from refrace.strategies.draw_anything import anything
    from refrace.strategies.draw_canaries import canaries
    from refrace.strategies.draw_modes import modes
    from refrace.strategies.draw_operations import operations
    from refrace.strategies.draw_programs import programs
    from refrace.strategies.draw_schedules import schedules
    from refrace.strategies.draw_thread_programs import thread_programs
    from refrace.strategies.hostile_classes import hostile
    from refrace.strategies.refcount_machine import RefcountMachine
    from refrace.strategies.symbolic_state import FEATURES

# Resolved at first use: the processes of a hunt draw canaries, and need no modes and no
# explorer.
_HOME_OF = {
    "FEATURES": "symbolic_state",
    "RefcountMachine": "refcount_machine",
    "anything": "draw_anything",
    "canaries": "draw_canaries",
    "hostile": "hostile_classes",
    "modes": "draw_modes",
    "operations": "draw_operations",
    "programs": "draw_programs",
    "schedules": "draw_schedules",
    "thread_programs": "draw_thread_programs",
}

__all__ = [
    "FEATURES",
    "RefcountMachine",
    "anything",
    "canaries",
    "hostile",
    "modes",
    "operations",
    "programs",
    "schedules",
    "thread_programs",
]


def __getattr__(name: str) -> typing.Any:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    own = [name for name in globals() if name.startswith("__")]
    return sorted({*own, *_HOME_OF})

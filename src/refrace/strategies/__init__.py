"""Hypothesis strategies that generate race programs, modes and schedules.

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

try:
    import hypothesis as _hypothesis  # noqa: F401
except ImportError as error:
    from refrace.errors import MissingPackage

    raise MissingPackage(
        f"refrace.strategies needs the package hypothesis ({error}); install it: "
        "pip install 'refrace[hypothesis]'"
    ) from None

from refrace.strategies.draw_modes import modes
from refrace.strategies.draw_programs import programs
from refrace.strategies.draw_schedules import schedules
from refrace.strategies.symbolic_state import FEATURES

__all__ = ["FEATURES", "modes", "programs", "schedules"]

"""Hypothesis strategies: race programs, modes and schedules to draw.

A property test for modes: if every thread of a program holds what it touches, no
schedule of it goes wrong in a mode that counts correctly, and the explorer tries each.

>>> import refrace
>>> from hypothesis import find, given, settings
>>> from refrace import strategies
>>> @settings(max_examples=20, deadline=None, database=None)
... @given(strategies.programs(max_length=2, clean=True),
...        strategies.modes("correct", count_word=True))
... def correct_modes_count_correctly(program, mode):
...     refrace.explore(program, mode).raise_unless_proved()
>>> correct_modes_count_correctly()

Of a mode that does not, the smallest program that shows it:

>>> def goes_wrong(program):
...     found = refrace.explore(program, "unlocked", max_states=10_000)
...     return found.verdict == "corrupt"
>>> print(find(strategies.programs(clean=True), goes_wrong))
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

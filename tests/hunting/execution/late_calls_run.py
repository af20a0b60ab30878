"""Run a program on late.c in a process of its own, whose extension may be changed.

    python late_calls_run.py FOLDER OPERATION [late] [steps] [changeable] [lazy]
        [greenlet]

Prints the kinds of what was seen, and whether the runtime was loaded, as JSON.
"""

import json
import sys
from importlib import import_module
from types import ModuleType

sys.path.insert(0, __file__.rpartition("/")[0])
sys.path.insert(0, sys.argv[1])

from subjects_to_run import program

from refrace.hunting.execution import late_calls, late_steps, run_program
from refrace.hunting.schedules.runtime import RUNTIME, extension_files
from refrace.subjects import Noise, Subject, operation

BEFORE = frozenset(extension_files())
late = None if "lazy" in sys.argv else import_module("late")

# So long and so frequent that no load of the machine matters.
late_calls.ONE_IN = (1,)
late_calls.LONGEST_NS = (4_000_000,)
late_steps.ONE_IN = (1,)
late_steps.LONGEST_NS = (400_000,)


class Counter:
    def setup(self):
        global late
        late = import_module("late")
        late.taken()

    @operation
    def add_released(self):
        late.add_released()

    @operation
    def add_attached(self):
        late.add_attached()

    @operation
    def add_returned(self):
        late.add_returned()

    @operation
    def add_alone(self):
        late.add_alone()

    @operation
    def taken(self):
        return late.taken()


def main():
    """Run 40 rounds in which two threads add one each."""
    name, *flags = sys.argv[2:]
    if "greenlet" in flags:
        sys.modules["greenlet"] = ModuleType("greenlet")
    if "changeable" in flags:
        late_calls.allow(BEFORE)
    which = program(
        [(name,)],
        [(name,)],
        suffix=[("taken",)],
        noise=Noise(late_calls="late" in flags, late_steps="steps" in flags),
    )
    ran = run_program(Subject.of(Counter), which, rounds=40, seconds=600.0)
    kinds = [one.kind for one in ran.observations]
    print(json.dumps({"kinds": kinds, "is_loaded": RUNTIME in sys.modules}))


if __name__ == "__main__":
    main()

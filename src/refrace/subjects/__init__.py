"""What a hunt calls: subjects, their operations, and the programs that call them.

Pure data: this package runs nothing and draws nothing.  `refrace.strategies` draws
programs, and `refrace.hunting` runs them.
"""

from refrace.subjects.callback import Callback
from refrace.subjects.hostile import attributes_of, is_hostile, is_special, make_class
from refrace.subjects.operation import Operation, operation
from refrace.subjects.program import Call, HuntProgram, Noise
from refrace.subjects.subject import Subject
from refrace.subjects.values import (
    CanaryArgument,
    HostileClass,
    HostileValue,
    OrderedSet,
    dump,
    is_plain,
    load,
)

__all__ = [
    "Call",
    "Callback",
    "CanaryArgument",
    "HostileClass",
    "HostileValue",
    "HuntProgram",
    "Noise",
    "Operation",
    "OrderedSet",
    "Subject",
    "attributes_of",
    "dump",
    "is_hostile",
    "is_plain",
    "is_special",
    "load",
    "make_class",
    "operation",
]

"""The only place that calls an operation of a subject.

A watchdog that looks at the stacks of threads knows by the file of a frame that a
thread is inside an operation.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from refrace.hunting.judging.answers import Answer, Describer

__all__ = ["invoke"]


def invoke(
    operation: Callable[..., Any], box: list[Any], index: int, describer: Describer
) -> Answer:
    """Call an operation with the arguments at ``box[index]``, which leave the box."""
    arguments = box[index]
    if arguments is None:
        return ("skipped",)
    box[index] = None
    # Made before the call: a new list could get the memory of one that the call freed.
    values = [arguments, None]
    del arguments
    try:
        values[1] = operation(*values[0][0], **values[0][1])
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a panic of Rust, for example, or SystemExit
        describer.count(values)
        return describer.of_error(error)
    describer.count(values)
    del values[0]
    return describer.of_result(values)

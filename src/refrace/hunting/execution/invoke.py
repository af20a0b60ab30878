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
    try:
        result = [operation(*arguments[0], **arguments[1])]
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a panic of Rust, for example, or SystemExit
        return describer.of_error(error)
    return describer.of_result(result)

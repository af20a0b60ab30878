"""The running interpreter's own counting as a mode, for races only.

It is in no list of modes: no model describes it, and another interpreter counts in
another way.
"""

from __future__ import annotations

import platform
import sysconfig
from collections.abc import Iterable
from functools import cache
from typing import Any

from refrace._base.safe_repr import shown
from refrace.catalogue.mode import Memory, Mode, mode, several_modes
from refrace.errors import EnvironmentUnfit, InvalidArgument

__all__ = [
    "INTERPRETER",
    "check_references",
    "interpreter_mode",
    "most_references",
    "racing_mode",
    "several_racing_modes",
]

INTERPRETER = "cpython"


@cache
def interpreter_mode() -> Mode:
    """Return the mode "cpython" of this interpreter.

    Raises
    ------
    EnvironmentUnfit
        If this build of the interpreter checks each count.
    """
    from refrace._native import objects as native

    if not native.interpreter_can_race():
        raise EnvironmentUnfit(
            "mode='cpython' is impossible in this build of Python, which checks each "
            "count (Py_DEBUG); use a release build, or another mode"
        )
    is_free_threaded = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))
    version = platform.python_version()
    if is_free_threaded:
        counts = "the owner counts in one word, other threads atomically in another"
        layout = (
            "ob_tid: owner = the thread that owns the object, or 0; "
            "ob_ref_local: local = the references that the owner counts; "
            "ob_ref_shared: shared rest = increments minus decrements of the other "
            "threads | state 2 = how the words are to be read"
        )
        memory = Memory(words=3, locks=0, lanes=0, bytes=20, lane_bytes=0)
        limits = "a borrowed reference"
    else:
        counts = "plain arithmetic, which the GIL makes safe"
        layout = "ob_refcnt: count = the number of references"
        memory = Memory(words=1, locks=0, lanes=0, bytes=8, lane_bytes=0)
        limits = "anything another thread does without the GIL"
    return Mode(
        name=INTERPRETER,
        title=f"Py_INCREF and Py_DECREF of CPython {version}",
        claim="correct" if is_free_threaded else "broken",
        summary=f"as this interpreter does: {counts}",
        steps={},
        layout=layout,
        memory=memory,
        has_count_word=False,
        has_owner=is_free_threaded,
        whole_count=(),
        protects_reads=False,
        needs_attached_owner=False,
        limits=limits,
        source=f"CPython {version}, Include/object.h",
        settles=False,
        number=native.INTERPRETER,
        origin=(racing_mode, (INTERPRETER,)),
    )


def racing_mode(name: Any) -> Mode:
    """Return a mode by its name, or "cpython"; raise as :func:`refrace.mode` does."""
    if isinstance(name, Mode):
        return name
    return interpreter_mode() if name == INTERPRETER else mode(name)


def several_racing_modes(names: Any) -> list[Mode]:
    """Return modes as `several_modes` does, where "cpython" may be one of them."""
    if (
        names is None
        or isinstance(names, str | Mode)
        or not isinstance(names, Iterable)
    ):
        return several_modes(names)
    names = list(names)
    if not names:
        return several_modes(names)
    return list(dict.fromkeys(racing_mode(name) for name in names))


def most_references(chosen: Mode) -> int:
    """Return how many references to one object the mode can count."""
    from refrace._native import objects as native

    return native.INTERPRETER_MOST - 1 if chosen.name == INTERPRETER else 2**62


def check_references(chosen: Mode, threads: int, hold: int) -> None:
    """Raise if the mode does not count that many references to an object."""
    most = most_references(chosen)
    if threads * hold > most:
        raise InvalidArgument(
            f"hold={shown(hold)} with {threads} threads is too large for "
            f"mode={chosen.name!r}, since the interpreter takes very large counts for "
            f"those of immortal objects; pass a hold of at most {most // threads:,}"
        )

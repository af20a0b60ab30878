"""Whether planted bugs are found here; otherwise no findings would mean nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from refrace.environment import Environment
from refrace.errors import EnvironmentUnfit
from refrace.hunting.processes.child_end import ChildEnd
from refrace.hunting.processes.child_task import ChildTask
from refrace.hunting.processes.zygote_process import ZygoteProcess

__all__ = ["check_fitness"]

_HOME = "refrace.hunting.planted"
# Subjects with one bug each, and the kinds of which one has to be found: which one it
# is depends on whether the harness holds the canary.
_PLANTED = {
    "Leak": {"leak", "never-freed"},
    "Drop": {"over-decref", "use-after-free"},
    "BorrowedFirst": {"over-decref", "use-after-free"},
    "Crash": {"crash"},
}
_CORRECT = "Correct"
# An upper limit for a busy machine; one child ends after some milliseconds.
_SECONDS = 20.0
_SECONDS_CORRECT = 0.1
_CHILDREN = 3
_DRAWN = 5
_ROUNDS = 3
_SEED = 14

_fit: set[tuple[str, bool]] = set()


def check_fitness(
    zygote: ZygoteProcess, should_stop: Callable[[], bool] = lambda: False
) -> None:
    """Find the planted bugs of refrace's own extension in children of a zygote.

    Once per process and build of the interpreter.

    Raises
    ------
    EnvironmentUnfit
        If one is not found, or if something is found in the correct twin.
    """
    build = sys.version, zygote.loaded.gil_after
    if build in _fit:
        return
    for name, kinds in _PLANTED.items():
        if not any(
            kinds & _kinds(zygote, name, child, _SECONDS, should_stop)
            for child in range(_CHILDREN)
        ):
            _stop_or_unfit(should_stop, f"the planted bug {name} was not found")
    found = _kinds(zygote, _CORRECT, 0, _SECONDS_CORRECT, should_stop)
    if found:
        listed = ", ".join(sorted(found))
        _stop_or_unfit(should_stop, f"{listed} was reported in correct code")
    _fit.add(build)


def _kinds(
    zygote: ZygoteProcess,
    name: str,
    child: int,
    seconds: float,
    should_stop: Callable[[], bool],
) -> set[str]:
    """Return the kinds of what the first program with a finding shows."""
    kinds: set[str] = set()

    def hear(message: dict[str, Any]) -> None:
        if message["type"] == "run":
            kinds.update(one["kind"] for one in message["observations"])

    task = ChildTask(
        "draw",
        seed=_SEED + child,
        count=_DRAWN,
        rounds=_ROUNDS,
        seconds=seconds,
        seconds_each=seconds,
        subject=f"{_HOME}:{name}",
    )
    end: ChildEnd = zygote.run(task, hear, should_stop)
    if end.how in ("failed", "refused"):
        raise RuntimeError(f"a child of the hunt failed:\n{end.message}")
    return kinds | ({end.how} - {"done", "note"})


def _stop_or_unfit(should_stop: Callable[[], bool], what: str) -> None:
    if should_stop():
        return
    raise EnvironmentUnfit(
        f"refrace.hunt does not work here ({Environment.current()}): {what}, so a hunt "
        "without findings would mean nothing; try another interpreter, and report this "
        "with its version"
    )

"""What a harness does with canaries: make, keep, ask, and begin again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import sleep

from refrace._base.arguments import (
    a_kind,
    check_bool,
    check_callback,
    check_integer,
)
from refrace._base.safe_repr import shown
from refrace._native import canary as native
from refrace.canaries.canary import Canary, made_by_one_worker, made_of
from refrace.canaries.record import CanaryRecord
from refrace.canaries.spec import CanarySpec
from refrace.errors import InvalidArgument, InvalidArgumentType

__all__ = [
    "address",
    "arm",
    "hold",
    "new",
    "new_of_workers",
    "number",
    "numbers",
    "quiesce",
    "record",
    "release",
    "reset",
    "set_hook_handler",
]

_LOOKS = 16
"""How often `quiesce` lets the interpreter look for queued counts; once is enough."""


def new(spec: CanarySpec, *, has_page: bool = False) -> Canary:
    """Return a new canary, to which the caller has the only reference.

    Parameters
    ----------
    spec : CanarySpec
        What to make.  `held` is left to the caller: see :func:`hold`.
    has_page : bool
        Whether its memory is a page of its own, unless the collector tracks it.
        Default: False.

    Raises
    ------
    InvalidArgumentType
        If `spec` is no CanarySpec.
    LimitReached
        If there are 262,144 canaries, or 16,384 trapped ones, or, on a free-threaded
        build, 65,536 tracked ones.  Dead ones count until :func:`reset`.
    EnvironmentUnfit
        For a trap on another machine than x86-64 or aarch64 with Linux.
    """
    if not isinstance(spec, CanarySpec):
        raise InvalidArgumentType(
            f"spec={shown(spec)} is {a_kind(spec)}; pass a CanarySpec"
        )
    return made_of(spec, has_page=has_page)


def new_of_workers(
    specs: Sequence[CanarySpec], *, has_page: bool = False
) -> dict[int, Canary]:
    """Return new canaries for the specs that are owned by a worker, by position.

    One thread makes them all.  On a build with the GIL there are none: owners have no
    effect, so :func:`new` is as good.
    """
    return made_by_one_worker(specs, has_page=has_page)


def number(obj: object) -> int | None:
    """Return the number of a canary, alive or dead; None for every other object.

    The object is not touched: only its address is looked up.
    """
    return native.number(obj)


def numbers() -> list[int]:
    """Return the numbers of all canaries since the last :func:`reset`, in order."""
    return native.numbers()


def record(number: int) -> CanaryRecord:
    """Return what is known about a canary; exact at a quiet moment.

    Raises
    ------
    InvalidArgument
        If no canary has the number.
    """
    return CanaryRecord(*native.read(_known(number)))


def address(number: int) -> int:
    """Return the address of a canary, which is ``id(canary)``."""
    return native.address(_known(number))


def hold(canary: Canary) -> int:
    """Keep a reference to a canary, counted as expected, and return its number.

    Raises
    ------
    InvalidArgumentType
        If `canary` is no canary.
    InvalidArgument
        If it is dead.
    """
    found = native.number(canary)
    if found is None:
        raise InvalidArgumentType(
            f"canary={shown(canary)} is {a_kind(canary)}; pass a Canary"
        )
    if not native.hold(found):
        raise InvalidArgument(
            f"canary {found} is dead, so there is no reference to keep; call hold() "
            "while it is alive"
        )
    return found


def release(number: int) -> None:
    """Drop a reference that :func:`hold` has kept.

    A canary that died in the meantime is not touched.

    Raises
    ------
    InvalidArgument
        If no canary has the number, or if no reference to it is kept.
    """
    if not native.release(_known(number)):
        raise InvalidArgument(
            f"number={number}: no reference to this canary is kept; call release() "
            f"once for each hold()"
        )


def set_hook_handler(handler: Callable[[int, str, str], object] | None) -> None:
    """Set what the hooks "reenter", "mutate" and "drop" call; None: nothing.

    Call it at a quiet moment.

    Parameters
    ----------
    handler : callable or None
        Gets the number of the canary, the slot, and the action.  An exception leaves
        the slot; in a death it goes to `sys.unraisablehook`.
    """
    native.set_hook_handler(check_callback("handler", handler))


def arm(on: bool) -> None:
    """Let all hooks act and count their calls (the default), or neither."""
    native.arm(check_bool("on", on))


def quiesce() -> None:
    """Merge the counts that wait for the calling thread.

    On a free-threaded build, a thread that does not own an object may leave its part of
    the count in a queue of the owner.  The owner merges it when it runs Python code, or
    when it ends.  So before the counts are read, all other threads that own canaries
    must have ended, or have called this function after the last use of the canaries.
    On a build with the GIL there is nothing to do.
    """
    for _ in range(_LOOKS):
        sleep(0)


def reset() -> None:
    """End the time of all canaries, so that the memory of dead ones may be reused.

    Call it at a quiet moment.  A canary that is alive keeps its memory, and so does one
    with a finding.  Neither is in :func:`numbers` any more.

    Raises
    ------
    InvalidArgument
        If a canary is held; then nothing happens.
    """
    held = native.reset()
    if held is not None:
        raise InvalidArgument(
            f"canary {held} is held; release({held}) before the reset"
        )


def _known(number: int) -> int:
    checked = check_integer("number", number, low=0)
    if native.is_known(checked):
        return checked
    raise InvalidArgument(
        f"number={checked:,} is not the number of a canary; pass one that number() "
        f"returned since the last reset()"
    )

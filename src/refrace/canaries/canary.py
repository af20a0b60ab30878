"""The public type `Canary`: its constructor, which checks, and its text."""

from __future__ import annotations

import faulthandler
import sys
import sysconfig
import threading
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from typing import Any, cast

from refrace._native import canary as native
from refrace._native.canary import Canary
from refrace.canaries.hook import Hook
from refrace.canaries.protocols import DEFAULT_SUPPORTS, PROTOCOLS
from refrace.canaries.spec import CanarySpec, Owner
from refrace.errors import EnvironmentUnfit, LimitReached

__all__ = ["Canary", "made_by_one_worker", "made_of", "spec_of"]

_BIT = {name: 1 << native.PROTOCOLS.index(name) for name in PROTOCOLS}
_SLOT = {name: number for number, name in enumerate(native.SLOTS)}
_ACTION = {name: number for number, name in enumerate(native.ACTIONS)}

_REACHED = {
    "canaries": "canaries",
    "trapped": "trapped canaries",
    "outside": "tracked canaries on a free-threaded build",
}


def made_of(spec: CanarySpec, *, has_page: bool = False) -> Canary:
    """Return a new canary, to which the caller has the only reference."""
    has_page = has_page and not spec.tracked
    if spec.trap or has_page:
        _install_traps()
    if spec.owner == "worker" and _counts_by_owner() and _is_main():
        return _made_by_a_worker(spec, has_page)
    return _made_here(spec, has_page)


def _made_here(spec: CanarySpec, has_page: bool) -> Canary:
    try:
        return native.make(
            sum(_BIT[name] for name in spec.supports),
            spec.tracked,
            spec.owner == "merged",
            spec.trap,
            spec.value,
            tuple(
                (_SLOT[hook.slot], _ACTION[hook.action], hook.nth)
                for hook in spec.hooks
            ),
            has_page,
        )
    except native.Exhausted as error:
        limit = error.args[0]
        if limit == "memory":
            raise MemoryError("no address space for canaries") from None
        raise LimitReached(
            f"the limit of {native.LIMITS[limit]:,} {_REACHED[limit]} is reached, dead "
            f"ones included; call refrace.canaries.harness.reset() when no other code "
            f"uses canaries"
        ) from None


def _made_by_a_worker(spec: CanarySpec, has_page: bool) -> Canary:
    made: list[Canary] = []
    errors: list[Exception] = []

    def make() -> None:
        try:
            made.append(_made_here(spec, has_page))
        except Exception as error:
            errors.append(error)

    thread = threading.Thread(target=make)
    thread.start()
    thread.join()
    for error in errors:
        raise error
    return made.pop()


def made_by_one_worker(
    specs: Sequence[CanarySpec], *, has_page: bool = False
) -> dict[int, Canary]:
    """Return the canaries of `specs` that need a worker, by position.

    One thread makes them all; :func:`made_of` starts one for each.
    """
    wanted = [at for at, spec in enumerate(specs) if spec.owner == "worker"]
    made: dict[int, Canary] = {}
    if not wanted or not _counts_by_owner():
        return made

    def make() -> None:
        # At a limit, the rest is left to the caller, who gets the error.
        with suppress(LimitReached, MemoryError):
            for at in wanted:
                made[at] = made_of(specs[at], has_page=has_page)

    thread = threading.Thread(target=make)
    thread.start()
    thread.join()
    return made


@cache
def _counts_by_owner() -> bool:
    """Return whether this is a free-threaded build, with the GIL on or off."""
    return bool(sysconfig.get_config_var("Py_GIL_DISABLED"))


def _is_main() -> bool:
    return threading.current_thread() is threading.main_thread()


def _install_traps() -> None:
    """Install the handler of traps, with that of faulthandler underneath.

    A fault that is no trap then still prints the stacks.
    """
    if not native.trap_is_supported():
        raise EnvironmentUnfit(
            "trap=True needs Linux on x86-64 or aarch64, where refrace can name the "
            "instruction that touched a dead object; leave it out"
        )
    if not faulthandler.is_enabled() and sys.__stderr__ is not None:
        with suppress(OSError, ValueError):  # it has no file descriptor
            faulthandler.enable(sys.__stderr__)
    try:
        native.trap_install()
    except OSError as error:
        raise EnvironmentUnfit(
            f"trap=True needs a signal handler for SIGSEGV, which the system refuses "
            f"({error}); leave it out"
        ) from error


def spec_of(number: int) -> CanarySpec:
    """Return what a canary is, except for `held`, and "main" instead of "worker"."""
    plan = native.plan_of(number)
    return CanarySpec(
        supports=frozenset(name for name in PROTOCOLS if plan.supports & _BIT[name]),
        tracked=plan.is_tracked,
        owner="merged" if plan.is_merged else "main",
        trap=plan.is_trapped,
        hooks=tuple(
            Hook(native.SLOTS[slot], cast(Any, native.ACTIONS[action]), nth)
            for slot, action, nth in plan.hooks
        ),
        value=plan.value,
    )


def _make(
    *,
    supports: Any = DEFAULT_SUPPORTS,
    tracked: bool = False,
    hooks: Any = (),
    owner: Owner = "main",
    trap: bool = False,
    value: int | None = None,
) -> Canary:
    return made_of(
        CanarySpec(
            supports=supports,
            tracked=tracked,
            owner=owner,
            trap=trap,
            hooks=hooks,
            value=value,
        )
    )


def _describe(number: int) -> str:
    spec = spec_of(number)
    names = ", ".join(map(repr, sorted(spec.supports)))
    parts = [f"supports={{{names}}}" if names else "supports=()"]
    for name in ("tracked", "trap"):
        if getattr(spec, name):
            parts.append(f"{name}=True")
    if spec.owner != "main":
        parts.append(f"owner={spec.owner!r}")
    if spec.hooks:
        parts.append(f"hooks={spec.hooks!r}")
    if spec.value is not None:
        parts.append(f"value={spec.value}")
    return f"Canary({', '.join(parts)})"


native.define(_make, _describe)

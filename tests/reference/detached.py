"""Threads that do not count for a while, and those whom others suspend meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import biased, lanes
from .access import Done, Row, Run
from .program import InvalidProgram
from .state import (
    ATTACHED,
    DETACHED,
    SUSPENDED,
    Collection,
    Departure,
    Destruction,
    Finding,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from .program import Step
    from .state import State, Thread


# -- detached threads, in any mode


def check(thread: Thread, operation: str, *, takes_attached: bool) -> None:
    """Refuse what a thread may not do now."""
    is_attached = thread.attachment == ATTACHED
    if operation == "attach" and is_attached:
        raise InvalidProgram("attach: the thread is attached")
    if takes_attached and not is_attached:
        raise InvalidProgram(f"{operation}: the thread is detached")


def check_count(thread: Thread, *, needs_attached: bool) -> None:
    """Find that a detached thread counts or destroys, where its mode forbids that."""
    if needs_attached and thread.attachment != ATTACHED:
        raise Finding("detached-count")


def change(thread: Thread, operation: str) -> None:
    """Detach or attach where the mode does nothing then."""
    thread.attachment = DETACHED if operation == "detach" else ATTACHED


def is_suspended(state: State, name: str) -> bool:
    return state.threads[name].attachment == SUSPENDED


def is_anyone_suspended(state: State) -> bool:
    return any(is_suspended(state, name) for name in state.threads)


def must_wait(state: State, name: str) -> bool:
    """Say whether an operation in progress has to wait for another thread's."""
    operation = state.threads[name].operation
    return operation.accesses[0] == "suspend" and is_suspended(state, operation.kept)


def needs_no_gil(thread: Thread, step: Step | Destruction | Departure) -> bool:
    """Say whether a thread's next step needs no GIL."""
    if thread.attachment == ATTACHED:
        return False
    if thread.operation:
        return thread.operation.kind != "attach"
    kinds = Destruction | Departure | Collection
    return isinstance(step, kinds) or step.operation != "attach"


# -- hooks: the step that finds no more work detaches or attaches the thread


def then(attachment: str, access: Callable[[Run], str | Done]) -> Callable:
    def changed(run: Run) -> str | Done:
        came = access(run)
        if isinstance(came, Done) and not came.answer:
            run.state.threads[run.name].attachment = attachment
        return came

    return changed


def load_announced(run: Run) -> str:
    run.operation.read = run.state.threads[run.name].announced
    return "look for ripe"


def look_for_ripe(run: Run) -> str:
    came = lanes.look_for_ripe(run)
    return came if came == "take" else "go offline"


def load_epoch(run: Run) -> str:
    run.operation.read = run.state.epoch
    return "announce"


def announce(run: Run) -> str:
    lanes.announce(run)
    return "look again"


def look_again(run: Run) -> Done:
    return Done(int(run.state.epoch != run.operation.read))


def attach(run: Run) -> Done:
    return Done()


IN_EPOCHS = {
    "detach": lanes.SETTLING
    | {
        "": load_announced,
        "look for ripe": look_for_ripe,
        "apply": lanes.drop,
        "go offline": then(DETACHED, lanes.go_offline),
    },
    "attach": {
        "": load_epoch,
        "announce": announce,
        "look again": then(ATTACHED, look_again),
    },
}


def settling(mode: str) -> dict[str, Row]:
    """Return the hook that is a quiescent point as well."""
    row = lanes.TABLE[mode]["quiesce"]
    return {"detach": row | {"": then(DETACHED, row[""])}}


HOOKS: dict[str, dict[str, Row]] = {
    "decrements_first": settling("decrements_first"),
    "deferred": settling("deferred"),
    "epoch": IN_EPOCHS,
    "epoch_too_soon": IN_EPOCHS,
}


# -- biased, where no thread waits for a detached owner


def push_to_suspend(run: Run) -> str | Done:
    came = biased.push(run)
    return "suspend" if isinstance(came, Done) else came


def suspend(run: Run) -> str | Done:
    owner = run.state.threads[run.operation.kept]
    if owner.attachment == ATTACHED:
        return Done(1)
    owner.attachment = SUSPENDED
    run.operation.suspended = run.operation.kept
    return "take out"


def take_out(run: Run) -> str | Done:
    """Take it back, unless somebody else has done so: no access to its memory."""
    owner = run.state.threads[run.operation.kept]
    if run.operation.identity in owner.queue:
        left = [other for other in owner.queue if other != run.operation.identity]
        owner.queue = tuple(left)
        return "load owner's"
    run.operation.read = False
    return "resume" if run.operation.suspended else Done(1)


def merge_to_resume(run: Run) -> str | Done:
    came = biased.merge(run)
    if isinstance(came, Done) and run.operation.suspended:
        run.operation.read = came.ends_life
        return "resume"
    return came


def resume(run: Run) -> Done:
    run.state.threads[run.operation.suspended].attachment = DETACHED
    return Done(1, run.operation.read)


def push_to_look(run: Run) -> str | Done:
    came = biased.push(run)
    return "look" if isinstance(came, Done) else came


def look(run: Run) -> str | Done:
    owner = run.state.threads[run.operation.kept]
    return Done(1) if owner.attachment == ATTACHED else "take out"


SUSPENDING: Row = {
    "push": push_to_suspend,
    "suspend": suspend,
    "take out": take_out,
    "merge": merge_to_resume,
    "resume": resume,
}
UNSUSPENDED: Row = {"push": push_to_look, "look": look, "take out": take_out}


def with_detached(otherwise: Row) -> dict[str, Row]:
    """Return the family's operations, and what an owner does before it detaches."""
    return biased.varied(otherwise) | {
        "detach": biased.MERGING | {"": then(DETACHED, biased.pop)},
        "attach": {"": then(ATTACHED, attach)},
    }


TABLE: dict[str, dict[str, Row]] = {
    "biased_suspend": with_detached(SUSPENDING),
    "biased_unsuspended": with_detached(UNSUSPENDED),
}

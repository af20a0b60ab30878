"""The counting operations of every mode, access by access."""

from __future__ import annotations

from . import biased, detached, putting_off, resurrection
from .program import InvalidProgram
from .sharing import SLACK, is_local
from .state import (
    ALIVE,
    BORN_IMMORTAL,
    DYING,
    END,
    FREED,
    IMMORTAL,
    Call,
    Departure,
    Destruction,
    Finding,
    Object,
    Operation,
    State,
)

MODES = (
    "atomic",
    "unlocked",
    "object_lock",
    "global_lock",
    "saturating",
    "immortal",
    "sign_split",
    *putting_off.TABLE,
)
COUNTERS = {"incref", "decref", "try_incref"}
READERS = {"rc", "unique"}
DECREMENTS = {"decref", "decfetch", "resurrect_end"}
COUNTING_KINDS = (
    COUNTERS
    | READERS
    | DECREMENTS
    | {"decref_rlx", "upgrade", "setrc", "casrc", "incfetch"}
    | {"immortalise", "merge", "enable_try"}
)
ON_THE_WORD = {"rc", "setrc", "casrc", "incfetch", "decfetch"}
WHOLE_COUNT = {"immortalise", "merge", "enable_try"}
READS_STABLE_MEMORY = {"rc", "casrc", "try_incref"}


def has_word(mode: str) -> bool:
    """Say whether the count of an object is one word, to be read and written."""
    return mode != "sign_split" and mode not in putting_off.TABLE


def has(mode: str, kind: str) -> bool:
    """Say whether a mode has an operation."""
    if kind in ON_THE_WORD:
        return has_word(mode)
    if kind in WHOLE_COUNT:
        is_alone = mode == "immortal" and kind == "immortalise"
        return is_alone or mode in biased.TABLE or mode in detached.TABLE
    return True


def accesses(mode: str, kind: str, known: Object) -> tuple[str, ...]:
    """Return the accesses of an operation; `both` is a read and a write in one."""
    if mode in putting_off.TABLE:
        return ("",)
    counter = kind in COUNTERS or kind == "upgrade"
    if kind in READERS:
        plain = ("load",)
    elif mode == "sign_split" and not is_local(known):
        plain = ("both",) if kind in ("try_incref", "upgrade") else ("load", "both")
    elif kind == "setrc":
        plain = ("store",)
    elif mode == "immortal" and kind in ("incref", "decref"):
        plain = ("load", "both")
    elif kind == "immortalise":
        plain = ("load", "store")
    elif mode in ("atomic", "saturating", "immortal") or (
        mode == "unlocked" and not counter
    ):
        plain = ("both",)
    else:
        plain = ("load", "store")
    return ("lock", *plain, "unlock") if mode.endswith("_lock") else plain


def start(
    state: State, mode: str, name: str, kind: str, identity: str, target: str | None,
    operands: tuple = (),
) -> None:  # fmt: skip
    """Begin an operation on thread `name`; its first access follows at once."""
    if kind in ("setrc", "casrc") and not all(isinstance(o, int) for o in operands):
        raise InvalidProgram(f"{kind}: a count is a number, not {operands}")
    known = state.objects[identity]
    if kind == "immortalise" and mode == "immortal" and known.options.maximum:
        raise InvalidProgram(f"{identity} is too narrow to be immortal")
    if kind in ("decref", "decref_rlx"):
        kind = "decref"
        known.add_to_ledger(-1)
    ends = kind == "resurrect_end"
    # The first access finds freed memory first, unless it is to the global lock.
    if ends and (known.status != FREED or mode == "global_lock"):
        resurrection.check_in_finaliser(state, name, identity)
    if ends and not has_word(mode):
        kind = "decref"
        known.add_to_ledger(-1)
    state.threads[name].operation = Operation(
        kind, identity, accesses(mode, kind, known), target, operands, ends=ends
    )


def lock_holder(state: State, mode: str, known: Object) -> str | None:
    if mode == "global_lock":
        return state.global_lock
    return known.counting_lock if mode == "object_lock" else None


def set_holder(state: State, mode: str, known: Object, holder: str | None) -> None:
    if mode == "global_lock":
        state.global_lock = holder
    else:
        known.counting_lock = holder


def is_blocked(state: State, mode: str, kind: str, identity: str) -> bool:
    """Say whether the first access of an operation must wait for a lock."""
    known = state.objects[identity]
    if lock_holder(state, mode, known) is None:
        return False
    if kind == "upgrade":
        return known.status == ALIVE  # otherwise it ends with null, without the lock
    if mode == "global_lock" or known.status != FREED:
        return True
    return known.options.stable and kind in READS_STABLE_MEMORY


def advance(state: State, mode: str, name: str) -> None:
    """Do the next access of the operation that thread `name` is in."""
    operation = state.threads[name].operation
    if operation.kind in putting_off.HOOKS:
        go_on_with_hook(state, mode, name)
        return
    known = state.objects[operation.identity]
    access, operation.accesses = operation.accesses[0], operation.accesses[1:]
    if operation.kind == "upgrade" and known.status != ALIVE:
        if mode.endswith("_lock") and lock_holder(state, mode, known) == name:
            set_holder(state, mode, known, None)
        finish(state, name, None)
        return
    if mode in putting_off.TABLE:
        operation.accesses = (access,)
        came = putting_off.access(state, mode, name)
        if came is not None:
            complete_put_off(state, name, came)
        return
    if access in ("lock", "unlock"):
        if mode != "global_lock":
            check_memory(known, operation.kind, writes=False)
        set_holder(state, mode, known, name if access == "lock" else None)
    elif access == "saturate":
        check_memory(known, operation.kind, writes=True)
        known.count = known.saturated
    else:
        if access in ("load", "both"):
            check_memory(known, operation.kind, writes=False)
            operation.read = known.count
        if access == "load" and only_looks(operation, mode, known):
            operation.accesses = ()
        elif not will_write(operation, mode, known):
            operation.accesses = tuple(a for a in operation.accesses if a != "store")
        elif access in ("store", "both"):
            check_memory(known, operation.kind, writes=True)
            write(known, operation, mode)
            if mode == "sign_split":
                note_sharing(known, access)
        if mode == "saturating" and saturates(operation, known):
            operation.accesses = ("saturate",)
    if not operation.accesses:
        complete(state, mode, name)


def complete_put_off(state: State, name: str, came: putting_off.Done) -> None:
    """Do what an operation in lanes does once its last access is done."""
    operation = state.threads[name].operation
    known = state.objects[operation.identity]
    if operation.kind in ("incref", "try_incref", "upgrade"):
        known.add_to_ledger(came.answer)
    if operation.kind == "immortalise":
        become_immortal(known)
    result = came.answer
    if operation.kind == "upgrade":
        result = operation.identity if came.answer else None
    if operation.ends:
        result = int(not came.ends_life)
    finish(state, name, result)
    if operation.kind == "decref" and known.ledger < 0:
        raise Finding("underflow")
    if operation.ends:
        resurrection.end(state, name, operation, is_kept=not came.ends_life)
    elif came.ends_life:
        destroy(state, name, operation.identity)


def become_immortal(known: Object) -> None:
    known.immortalised = True
    known.tracked = known.garbage = False


def begin_hook(state: State, mode: str, name: str, hook: str) -> None:
    state.threads[name].operation = Operation(hook, None, ("",), None)
    go_on_with_hook(state, mode, name)


def go_on_with_hook(state: State, mode: str, name: str) -> None:
    """Do the next access of a hook; it comes again until there is no more to do."""
    thread = state.threads[name]
    hook = thread.operation
    came = putting_off.access(state, mode, name)
    if came is None:
        return
    thread.operation = None
    if came.answer and isinstance(thread.stack[-1], Call):
        thread.stack[-1].place -= 1
    elif not came.answer and isinstance(thread.stack[-1], Departure):
        thread.stack.pop()
        if name == END and hook.kind == "leave" and putting_off.has(mode, "collapse"):
            thread.stack.append(Departure("collapse"))
    if came.ends_life:
        destroy(state, name, hook.identity)


def is_left_alone(operation: Operation) -> bool:
    """Say whether `incref` or `decref` finds an object that it does not count."""
    if operation.kind == "incref":
        return operation.read >= BORN_IMMORTAL
    return operation.kind in ("decref", "immortalise") and operation.read >= IMMORTAL


def only_looks(operation: Operation, mode: str, known: Object) -> bool:
    """Say whether an operation finds a count that it does not change."""
    if mode == "immortal":
        return is_left_alone(operation)
    if mode != "sign_split" or operation.kind not in ("incref", "decref"):
        return False
    if operation.kind == "decref" and operation.read == 0:
        raise Finding("underflow")
    too_many = known.most + (SLACK if operation.kind == "incref" else 0)
    return operation.read > too_many and not is_local(known)


def note_sharing(known: Object, access: str) -> None:
    """Mark what was counted as a shared object is, and what has overflowed."""
    if access == "store" and known.count > known.most:
        known.count = known.most + 2 * SLACK
    known.shared |= access == "both" or known.count > known.most


def saturates(operation: Operation, known: Object) -> bool:
    """Say whether an operation finds a count that has to be made to stand still."""
    if operation.kind == "incref":
        return operation.read <= 0 or operation.read >= known.most
    if operation.kind == "decref":
        return operation.read <= 0 or operation.read > known.most
    return operation.kind in ("try_incref", "upgrade") and operation.read >= known.most


def check_memory(known: Object, kind: str, *, writes: bool) -> None:
    if known.status != FREED:
        return
    if known.options.stable and kind in READS_STABLE_MEMORY and not writes:
        return
    raise Finding("use-after-free")


def will_write(operation: Operation, mode: str, known: Object) -> bool:
    if operation.kind in ("try_incref", "upgrade"):
        if mode == "saturating":
            return 1 <= operation.read < known.most
        if mode == "immortal":
            return 1 <= operation.read < BORN_IMMORTAL
        if mode == "sign_split" and not is_local(known):
            return 1 <= operation.read <= known.most + SLACK
        return operation.read != 0
    if operation.kind == "casrc":
        return operation.read == operation.operands[0]
    return operation.kind not in READERS


def value_to_write(operation: Operation) -> int:
    if operation.kind in ("setrc", "casrc"):
        return operation.operands[-1]
    if operation.kind == "immortalise":
        return BORN_IMMORTAL
    return operation.read + (-1 if operation.kind in DECREMENTS else 1)


def write(known: Object, operation: Operation, mode: str) -> None:
    """Write the count and, for the operations on the bare count, move the ledger."""
    value = value_to_write(operation)
    signed = mode == "saturating"
    if operation.kind in DECREMENTS and (
        operation.read == 0 or (operation.read < 0 and not signed)
    ):
        raise Finding("underflow")
    is_dead = known.status == DYING and known.count == 0
    if (
        operation.kind in ("incref", "try_incref")
        and is_dead
        and known.wrapped(value, signed=signed) > 0
    ):
        raise Finding("revival")
    if operation.kind in ("setrc", "casrc"):
        wrote = value if known.immortalised else known.ledger + value - known.count
        known.ledger, known.immortalised = wrote, False
    elif operation.kind == "incfetch":
        known.add_to_ledger(1)
    elif operation.kind in ("decfetch", "resurrect_end"):
        known.add_to_ledger(-1)
    known.count = value if mode == "sign_split" else known.wrapped(value, signed=signed)


def complete(state: State, mode: str, name: str) -> None:
    """Do what an operation does once its last access is done."""
    operation = state.threads[name].operation
    known = state.objects[operation.identity]
    result: object = None
    if operation.kind in ("incref", "try_incref", "upgrade"):
        succeeded = operation.kind == "incref" or operation.read != 0
        known.add_to_ledger(int(succeeded))
        result = int(succeeded)
        if operation.kind == "upgrade":
            result = operation.identity if succeeded else None
    elif operation.kind == "immortalise":
        become_immortal(known)
    elif operation.kind == "rc":
        result = operation.read
    elif operation.kind == "unique":
        result = int(operation.read == 1 and (mode != "sign_split" or is_local(known)))
    elif operation.kind == "casrc":
        result = int(will_write(operation, mode, known))
    elif operation.kind in ("incfetch", "decfetch"):
        value = value_to_write(operation)
        result = known.wrapped(value, signed=mode == "saturating")
    if operation.ends:
        result = int(operation.read > 1)
    finish(state, name, result)
    if operation.ends:
        resurrection.end(state, name, operation, is_kept=operation.read > 1)
    elif operation.kind == "decref" and operation.read == 1:
        destroy(state, name, operation.identity)


def finish(state: State, name: str, result: object) -> None:
    thread = state.threads[name]
    if thread.operation.target is not None:
        thread.stack[-1].values[thread.operation.target] = result
    thread.operation = None


def destroy(state: State, name: str, identity: str) -> None:
    """Begin the destruction of an object on thread `name`."""
    known = state.objects[identity]
    if known.status != ALIVE:
        raise Finding("double-free")
    known.status = DYING
    if not known.options.untracks_late:
        known.tracked = known.garbage = False
    state.threads[name].stack.append(Destruction(identity))

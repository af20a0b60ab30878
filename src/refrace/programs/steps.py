"""The table of operations: the name, operands, result and meaning of each step.

The parser, the printer, the JSON form, the checks and the language reference use this
table; a test compares it with the core's list of operations.
"""

from __future__ import annotations

from dataclasses import dataclass

from refrace.programs.operand_kinds import OperandKind, ResultKind

__all__ = [
    "CAS_FAILURES", "CONTROL_FORMS", "OPERATIONS", "OperandKind", "Operation",
    "ResultKind",
]  # fmt: skip

_LOADS = ("relaxed", "acquire", "seq_cst")
_STORES = ("relaxed", "release", "seq_cst")
_CHANGES = ("relaxed", "acquire", "release", "acq_rel", "seq_cst")
_FENCES = ("acquire", "release", "acq_rel", "seq_cst")
CAS_FAILURES = _LOADS
"""The memory orders of a `cas` that fails: its second word."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One row of the table.

    Attributes
    ----------
    name : str
        The `op` of a :class:`~refrace.programs.syntax.Step`.
    form : str
        How it is written.
    operands : tuple of OperandKind
    result : ResultKind
    doc : str
        What it does, in one sentence.
    result_required : bool
        Whether the result must be used: dropping it would lose a count, or make the
        step useless.
    is_step : bool
        Whether it is a step of the schedule, or happens with the step before it.
    in_end : bool
        Whether the `end` block, which only reads, may do it.
    needs_count_word : bool
        Whether it needs a count that is one word, which not every mode has.
    changes_whole_count : bool
        Whether it changes the count as a whole, as only some modes can.
    may_block, may_destroy : bool
        Whether a thread may wait in it; whether a finaliser may run in it.
    is_word : bool
        Whether it is written as a word; the other three are assignments.
    orders : tuple of str
        The memory orders that it may state.
    """

    name: str
    form: str
    operands: tuple[OperandKind, ...]
    result: ResultKind
    doc: str
    result_required: bool = False
    is_step: bool = True
    in_end: bool = False
    needs_count_word: bool = False
    changes_whole_count: bool = False
    may_block: bool = False
    may_destroy: bool = False
    is_word: bool = True
    orders: tuple[str, ...] = ()


def _table() -> dict[str, Operation]:
    kind, gives = OperandKind, ResultKind
    rows = (
        Operation(
            "load", "x = S", (kind.PLACE,), gives.AS_OPERAND,
            "Load a cell, or a field of the object in a local; changes no count.",
            result_required=True, in_end=True, is_word=False,
            orders=("plain", *_LOADS),
        ),
        Operation(
            "store", "S = x", (kind.PLACE, kind.VALUE), gives.NONE,
            "Store into a cell or a field; changes no count.",
            is_word=False,
            orders=("plain", *_STORES),
        ),
        Operation(
            "assign", "x = a + 1", (kind.VALUE,), gives.AS_OPERAND,
            "Give a local the value of a constant, a local, or a sum.",
            result_required=True, is_step=False, in_end=True, is_word=False,
        ),
        Operation(
            "swap", "old = swap S v", (kind.PLACE, kind.VALUE), gives.AS_OPERAND,
            "Exchange a cell's value atomically; gives the old one.",
            orders=_CHANGES,
        ),
        Operation(
            "cas", "b = cas S old new",
            (kind.PLACE, kind.VALUE, kind.VALUE), gives.BOOLEAN,
            "Store `new` if the cell holds `old`, atomically; gives whether it did.",
            orders=_CHANGES,
        ),
        Operation(
            "finc", "n = finc N", (kind.INTEGER_PLACE,), gives.INTEGER,
            "Add one to an integer atomically; gives the new value.",
            orders=_CHANGES,
        ),
        Operation(
            "fdec", "n = fdec N", (kind.INTEGER_PLACE,), gives.INTEGER,
            "Subtract one from an integer atomically; gives the new value.",
            orders=_CHANGES,
        ),
        Operation(
            "fadd", "n = fadd N k", (kind.INTEGER_PLACE, kind.INTEGER), gives.INTEGER,
            "Add a number to an integer atomically; gives the new value.",
            orders=_CHANGES,
        ),
        Operation(
            "incref", "incref x", (kind.OBJECT,), gives.NONE,
            "Take a count as the mode does.",
        ),
        Operation(
            "decref", "decref x", (kind.OBJECT,), gives.NONE,
            "Drop a count as the mode does; at zero the object is destroyed.",
            may_destroy=True,
        ),
        Operation(
            "try_incref", "b = try_incref x", (kind.OBJECT,), gives.BOOLEAN,
            "Take a count unless the count is zero; gives whether it did.",
        ),
        Operation(
            "upgrade", "x = upgrade S", (kind.REFERENCE_PLACE,), gives.REFERENCE,
            "Load a pointer and take a count together; null if the object is dying.",
            orders=_LOADS,
        ),
        Operation(
            "unique", "u = unique x", (kind.OBJECT,), gives.BOOLEAN,
            "Ask the mode whether the count is exactly one.",
            result_required=True, in_end=True,
        ),
        Operation(
            "rc", "n = rc x", (kind.OBJECT,), gives.INTEGER,
            "Read the count.", result_required=True, in_end=True, needs_count_word=True,
        ),
        Operation(
            "setrc", "setrc x n", (kind.OBJECT, kind.INTEGER), gives.NONE,
            "Write the count.", needs_count_word=True,
        ),
        Operation(
            "casrc", "b = casrc x old new",
            (kind.OBJECT, kind.INTEGER, kind.INTEGER), gives.BOOLEAN,
            "Write `new` if the count is `old`, atomically; gives whether it did.",
            needs_count_word=True,
        ),
        Operation(
            "incfetch", "n = incfetch x", (kind.OBJECT,), gives.INTEGER,
            "Add one to the count atomically; gives the new count.",
            needs_count_word=True,
        ),
        Operation(
            "decfetch", "n = decfetch x", (kind.OBJECT,), gives.INTEGER,
            "Subtract one from the count atomically; gives the new count and "
            "destroys nothing.",
            needs_count_word=True,
        ),
        Operation(
            "immortalise", "immortalise x", (kind.OBJECT,), gives.NONE,
            "Never count or free the object again.", changes_whole_count=True,
        ),
        Operation(
            "merge", "n = merge x", (kind.OBJECT,), gives.INTEGER,
            "Merge all counts into one; gives that count.", changes_whole_count=True,
        ),
        Operation(
            "enable_try", "enable_try x", (kind.OBJECT,), gives.NONE,
            "Let all threads try to count the object.", changes_whole_count=True,
        ),
        Operation(
            "new", "x = new T", (kind.TEMPLATE,), gives.REFERENCE,
            "Allocate an object with one count, held by `x`.",
            result_required=True,
        ),
        Operation(
            "raw_new", "x = raw_new T", (kind.TEMPLATE,), gives.REFERENCE,
            "Allocate like `new`, but the object is not initialised before `init`.",
            result_required=True,
        ),
        Operation(
            "init", "init x", (kind.OBJECT,), gives.NONE,
            "Initialise an object made by `raw_new`.",
        ),
        Operation(
            "renew", "x = renew A", (kind.NAMED_OBJECT,), gives.REFERENCE,
            "Allocate, reusing A's memory if A is freed: a new object at the "
            "same address.",
            result_required=True,
        ),
        Operation(
            "dealloc", "dealloc x", (kind.OBJECT,), gives.NONE,
            "Start the destruction explicitly.",
            may_destroy=True,
        ),
        Operation(
            "free", "free x", (kind.OBJECT,), gives.NONE,
            "Release only the memory: no finaliser runs, no field is decremented.",
        ),
        Operation(
            "resurrect", "resurrect x", (kind.OBJECT,), gives.NONE,
            "Begin a temporary resurrection inside a finaliser: the object has one "
            "count, which the finaliser holds.",
        ),
        Operation(
            "resurrect_end", "b = resurrect_end x", (kind.OBJECT,), gives.BOOLEAN,
            "End a temporary resurrection inside a finaliser: drop the finaliser's "
            "reference, and cancel the destruction if others remain; the result is 1 "
            "if it was cancelled.",
        ),
        Operation(
            "use", "use x", (kind.OBJECT,), gives.NONE,
            "Access the payload.", in_end=True,
        ),
        Operation(
            "put", "put x", (kind.OBJECT,), gives.NONE,
            "Write the payload; the write waits in the thread's store buffer.",
        ),
        Operation(
            "peek", "n = peek x", (kind.OBJECT,), gives.INTEGER,
            "Read the payload's number, which is 0 at first; never atomic.",
            result_required=True, in_end=True,
        ),
        Operation(
            "poke", "poke x n", (kind.OBJECT, kind.INTEGER), gives.NONE,
            "Write the payload's number, at once; never atomic.",
        ),
        Operation(
            "decref_rlx", "decref_rlx x", (kind.OBJECT,), gives.NONE,
            "Drop a count without release order: the store buffer does not drain.",
            may_destroy=True,
        ),
        Operation(
            "fence", "fence", (), gives.NONE,
            "Drain the thread's store buffer; under C11 a memory fence.",
            orders=_FENCES,
        ),
        Operation(
            "lock", "lock L", (kind.LOCK,), gives.NONE,
            "Acquire a lock, or an object's own lock `x.m`; waits while it is held.",
            may_block=True,
        ),
        Operation(
            "unlock", "unlock L", (kind.LOCK,), gives.NONE,
            "Release a lock, or an object's own lock `x.m`.",
        ),
        Operation(
            "wait", "wait B", (kind.BARRIER,), gives.NONE,
            "Wait until as many threads have arrived as the barrier needs.",
            may_block=True,
        ),
        Operation(
            "await", "await N", (kind.PLACE,), gives.NONE,
            "Wait until a cell or field is true: not null and not 0.",
            may_block=True, orders=_LOADS,
        ),
        Operation(
            "await_not", "await not N", (kind.PLACE,), gives.NONE,
            "Wait until a cell or field is false: null or 0.",
            may_block=True, orders=_LOADS,
        ),
        Operation(
            "await_equal", "await S == v", (kind.PLACE, kind.VALUE), gives.NONE,
            "Wait until a cell or field equals a value.",
            may_block=True, orders=_LOADS,
        ),
        Operation(
            "spin", "spin N", (kind.PLACE,), gives.NONE,
            "Wait like `await N`, but keep the GIL meanwhile.",
            may_block=True, orders=_LOADS,
        ),
        Operation(
            "spin_not", "spin not N", (kind.PLACE,), gives.NONE,
            "Wait like `await not N`, but keep the GIL meanwhile.",
            may_block=True, orders=_LOADS,
        ),
        Operation(
            "append", "append C x", (kind.CONTAINER, kind.REFERENCE), gives.NONE,
            "Append a pointer to a container; changes no count.",
        ),
        Operation(
            "get", "x = get C i", (kind.CONTAINER, kind.INTEGER), gives.REFERENCE,
            "Read item `i`, counted from 0; changes no count.",
            result_required=True, in_end=True,
        ),
        Operation(
            "pop", "x = pop C", (kind.CONTAINER,), gives.REFERENCE,
            "Remove the last item, null if there is none; changes no count.",
        ),
        Operation(
            "remove", "x = remove C v",
            (kind.CONTAINER, kind.REFERENCE), gives.REFERENCE,
            "Remove the first item equal to `v`, null if there is none; "
            "changes no count.",
        ),
        Operation(
            "len", "n = len C", (kind.CONTAINER,), gives.INTEGER,
            "Read the number of items.", result_required=True, in_end=True,
        ),
        Operation(
            "items", "p = items C", (kind.CONTAINER,), gives.REFERENCE,
            "Read the address of the block that holds the items.",
            result_required=True, in_end=True, orders=("plain", *_LOADS),
        ),
        Operation(
            "at", "x = at p i", (kind.OBJECT, kind.INTEGER), gives.REFERENCE,
            "Read place `i` of the block in `p`; changes no count.",
            result_required=True, in_end=True, orders=("plain", *_LOADS),
        ),
        Operation(
            "at_set", "at p i = x",
            (kind.OBJECT, kind.INTEGER, kind.REFERENCE), gives.NONE,
            "Write place `i` of the block in `p`; changes no count.",
            is_word=False, orders=("plain", *_STORES),
        ),
        Operation(
            "resize", "resize C n", (kind.CONTAINER, kind.INTEGER), gives.NONE,
            "Replace the block by one with room for `n` items, and free the old one.",
        ),
        Operation(
            "malloc", "b = malloc T", (kind.TEMPLATE,), gives.REFERENCE,
            "Allocate memory without a count, which only `free` releases.",
            result_required=True,
        ),
        Operation(
            "track", "track x", (kind.OBJECT,), gives.NONE,
            "Let the cycle collector know the object.",
        ),
        Operation(
            "untrack", "untrack x", (kind.OBJECT,), gives.NONE,
            "Let the cycle collector forget the object.",
        ),
        Operation(
            "collect", "collect", (), gives.NONE,
            "Free the tracked objects that are reachable only from other garbage.",
            may_block=True, may_destroy=True,
        ),
        Operation(
            "call", "call f x", (kind.FUNCTION, *[kind.ARGUMENT] * 3), gives.RETURNED,
            "Run a sub-program on this thread; the argument is its local `arg`.",
            is_step=False,
        ),
        Operation(
            "maybe", "maybe f", (kind.FUNCTION,), gives.NONE,
            "The scheduler decides whether a sub-program runs here.",
        ),
        Operation(
            "gil", "gil", (), gives.NONE,
            "A point where the GIL may change hands.",
        ),
        Operation(
            "quiesce", "quiesce", (), gives.NONE,
            "A quiescent point of the thread: the mode settles its deferred work.",
        ),
        Operation(
            "detach", "detach", (), gives.NONE,
            "The thread needs no GIL until `attach`: it blocks or does other work.",
        ),
        Operation(
            "attach", "attach", (), gives.NONE,
            "The thread needs the GIL again; waits while another has suspended it.",
            may_block=True,
        ),
        Operation(
            "break", "break", (), gives.NONE,
            "Leave the innermost loop.", is_step=False, in_end=True,
        ),
        Operation(
            "return", "return", (kind.RETURNED,), gives.NONE,
            "Leave the thread, the sub-program or the `end` block.",
            is_step=False, in_end=True,
        ),
    )  # fmt: skip
    return {row.name: row for row in rows}


OPERATIONS: dict[str, Operation] = _table()
"""Every `op` of a :class:`~refrace.programs.syntax.Step`, in the order of the docs."""

CONTROL_FORMS: dict[str, tuple[str, str]] = {
    "if": ("if c { … } else { … }", "Run one of two blocks; `else` may be left out."),
    "while": ("while c { … }", "Run the block as long as the condition is true."),
    "repeat": ("repeat 3 { … }", "Run the block a fixed number of times."),
    "critical": (
        "critical x y { … }",
        "Run the block in a critical section of one object or two.",
    ),
    "assert": ("assert c", "Check a condition; `wrong-value` if it is false."),
}
"""The forms that have their own nodes: how each is written and what it does."""

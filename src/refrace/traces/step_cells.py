"""The cells of one step of a run: its action, place and value."""

from __future__ import annotations

from dataclasses import dataclass

from refrace.bit_layout import Word
from refrace.catalogue.word_values import arrow, word_change
from refrace.traces.steps import Change, TraceStep, Value

__all__ = ["NULLS", "Cells", "cells_of", "doing", "named_place"]

# Names in the data that differ from those in C and on the mode's card.
IN_C = {
    "refcount": "ob_refcnt",
    "count_lock": "ob_mutex",
}
IN_C_FOR_ALL = {
    "count_lock": "domain.lock",
    "gil": "domain.gil",
    "epoch": "domain.epoch",
}
SECTION_STEPS = ("critical", "critical-end", "suspend", "resume")
"""The operations that take or release a lock for a critical section."""
STOP_STEPS = {
    "stop_world": "the world stops",
    "stop_world-end": "start the world",
}
"""The operations of a `stop_world`, and what they do."""
COLLECTOR_STEPS = {
    "look-again": "look again",
    "tp-clear": "tp_clear",
    "clear-weak": "clear weak refs to",
}
"""The steps of a collection or destruction that no statement has."""
STOPPED_STEPS = {"collect": "collect", "look-again": "look again"}
"""The steps of a collection for which it stops the world, and their names."""
LANE = "lane"
ATTACHMENT = "thread.attachment"
# Names of a null word.
NULLS = {"ob_tid": "nobody", "thread.announced": "offline"}


@dataclass(frozen=True, slots=True)
class Cells:
    """The row of a step, without its C line."""

    does: str
    place: str = ""
    value: str = ""
    ledger: str = ""
    notes: tuple[str, ...] = ()


def cells_of(step: TraceStep, words: tuple[Word, ...]) -> Cells:
    """Return the cells of a step in a mode with these `words`."""
    place, word = named_place(step, words)
    return Cells(
        does=doing(step),
        place=place,
        value=_value(step, word),
        ledger=""
        if step.ledger is None
        else arrow(*step.ledger).removeprefix("None -> "),
        notes=tuple(_notes(step)),
    )


def doing(step: TraceStep) -> str:
    """Return the action of a step, as its thread's column shows it."""
    if step.event == "free":
        return f"free {step.object}"
    if step.event == "drain":
        return f"put {step.object} lands"
    text = step.statement or step.operation
    asks = step.begins and not step.completes
    if asks and step.operation in STOPPED_STEPS:
        return f"{STOPPED_STEPS[step.operation]}: ask all to stop"
    if step.operation in STOPPED_STEPS and not step.begins:
        return STOPPED_STEPS[step.operation]
    if step.operation in COLLECTOR_STEPS:
        what = COLLECTOR_STEPS[step.operation]
        return what if step.object is None else f"{what} {step.object}"
    if step.operation in SECTION_STEPS:
        text = text.removesuffix(" {")
        return f"end {text}" if step.operation == "critical-end" else text
    if step.operation in STOP_STEPS:
        return "ask all to stop" if asks else STOP_STEPS[step.operation]
    if step.event == "maybe":
        return f"{text}: {'taken' if step.taken else 'not taken'}"
    if step.begins and step.completes:
        return text
    if step.operation == "wait":
        return f"{text}: {'arrives' if step.begins else 'goes on'}"
    if step.event == "step":  # a wait that keeps the GIL begins
        return f"{text}: takes the GIL"
    return f"{text}: {_access(step)}{_order(step)}"


def _order(step: TraceStep) -> str:
    """Return the order of an access of the mode under C11."""
    order = None if step.memory is None else step.memory.order
    return "" if order is None else f" {order}"


def _access(step: TraceStep) -> str:
    """Return the primitive of an access without prefix, memory order and operands."""
    name = (step.c_text or "").partition("(")[0].removeprefix("rc_")
    for order in ("_relaxed", "_acquire", "_release", "_acq_rel"):
        name = name.removesuffix(order)
    return name


def named_place(step: TraceStep, words: tuple[Word, ...]) -> tuple[str, Word | None]:
    """Return the name of a place in C and on the mode's card, and its word."""
    by_name = {word.name: word for word in words}
    place = step.place or ""
    holder, _, name = place.rpartition(".")
    attachment = by_name.get(ATTACHMENT)
    if attachment and not holder and step.before in _names_of_values(attachment):
        return f"{place}.attachment", attachment
    if not _is_of_the_mode(step):
        return place, None
    if not holder:
        shown = IN_C_FOR_ALL.get(place, place)
        return shown, by_name.get(shown)
    if name.startswith(f"{LANE}["):
        return place, by_name.get(LANE)
    name = IN_C.get(name, name)
    return f"{holder}.{name}", by_name.get(name) or by_name.get(f"thread.{name}")


def _names_of_values(word: Word) -> list[Value]:
    return [*word.fields[0].value_names.values()]


def _is_of_the_mode(step: TraceStep) -> bool:
    """Whether a step accesses a word of the mode, not one that the program named so.

    A statement such as ``n = rc x`` accesses the count without a line of C.
    """
    if step.c_text is not None:
        return True
    _, _, name = (step.place or "").rpartition(".")
    return name == "refcount" and f".{name}" not in (step.statement or "")


def _shown(value: Value, null: str = "null") -> str:
    if value is None:
        return null
    if isinstance(value, tuple):
        return f"[{', '.join(map(_shown, value))}]"
    return str(value)


def _value(step: TraceStep, word: Word | None) -> str:
    status = [change.after for change in step.changes if _is_own_status(step, change)]
    ends = str(status[-1]) if status and status[-1] != "alive" else ""
    if step.place is None or step.place == step.object:
        return ends  # the payload has no value
    if step.operation == "wait":
        return ends  # nor has a barrier
    value = _change(step, word)
    return f"{value}, {ends}" if ends else value


def _change(step: TraceStep, word: Word | None) -> str:
    before, after = step.before, step.after
    if (
        word is not None
        and len(word.fields) > 1
        and isinstance(before, int)
        and isinstance(after, int)
    ):
        return word_change(word, before, after)
    null = "free" if _is_lock(step) else NULLS.get(word.name if word else "", "null")
    if step.operation in STOP_STEPS:
        null = "runs"
    # A store shows the value that it overwrites, even if it is the same.
    stores = (step.c_text or "").startswith("rc_store") or step.operation in (
        "store",
        "setrc",
        "poke",
    )
    old, new = _shown(before, null), _shown(after, null)
    return f"{old} -> {new}" if stores else arrow(old, new)


def _is_lock(step: TraceStep) -> bool:
    place = step.place or ""
    is_of_a_count = place == "gil" or place.endswith("count_lock")
    return is_of_a_count or step.operation in ("lock", "unlock", *SECTION_STEPS)


def _is_own_status(step: TraceStep, change: Change) -> bool:
    return (change.object, change.field) == (step.object, "status")


def _notes(step: TraceStep) -> list[str]:
    """Return the result of the operation, and its other changes."""
    notes = []
    memory = step.memory
    if memory is not None and memory.is_old:
        of = f"of step {memory.source}" if memory.source else "from the start"
        notes.append(f"reads old {_shown(memory.value)} {of}")
    elif memory is not None and memory.source:
        notes.append(f"reads step {memory.source}")
    if memory is not None and memory.fence is not None and step.event == "access":
        notes.append(f"fence {memory.fence}")
    if memory is not None and memory.synchronises_with:
        steps = ", ".join(map(str, memory.synchronises_with))
        notes.append(f"ordered after step {steps}")
    if step.has_result and step.result not in (step.before, step.after):
        notes.append(f"gives {_shown(step.result)}")
    for change in step.changes:
        if change.field == "status" and change.object != step.object:
            notes.append(f"{change.object} {change.after}")
        elif change.object != step.object and change.field == "count":
            notes.append(
                f"count of {change.object} {arrow(change.before, change.after)}"
            )
    return notes

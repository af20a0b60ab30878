"""The cells of one step of a run: what it does, at which place, with which value."""

from __future__ import annotations

from dataclasses import dataclass

from refrace.bit_layout import Word
from refrace.catalogue.word_values import arrow, word_change
from refrace.traces.steps import Change, TraceStep, Value

__all__ = ["Cells", "cells_of", "doing"]

# What data call otherwise than C and the mode's card do.
IN_C = {
    "refcount": "ob_refcnt",
    "count_lock": "ob_mutex",
}
IN_C_FOR_ALL = {
    "count_lock": "domain.lock",
    "gil": "domain.gil",
    "epoch": "domain.epoch",
}
LANE = "lane"
ATTACHMENT = "thread.attachment"
# What is said of a word that is null.
NULLS = {"ob_tid": "nobody", "thread.announced": "offline"}


@dataclass(frozen=True, slots=True)
class Cells:
    """What a step's row shows, but for its C line."""

    does: str
    place: str = ""
    value: str = ""
    ledger: str = ""
    notes: tuple[str, ...] = ()


def cells_of(step: TraceStep, words: tuple[Word, ...]) -> Cells:
    """Return the cells of a step in a mode that keeps `words`."""
    place, word = _named_place(step, words)
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
    """Return what the thread does in a step, as its column shows it."""
    if step.event == "free":
        return f"free {step.object}"
    if step.event == "drain":
        return f"put {step.object} lands"
    text = step.statement or step.operation
    if step.event == "maybe":
        return f"{text}: {'taken' if step.taken else 'not taken'}"
    if step.begins and step.completes:
        return text
    return f"{text}: {_access(step)}"


def _access(step: TraceStep) -> str:
    """Return the primitive of an access without prefix, order and operand."""
    name = (step.c_text or "").partition("(")[0].removeprefix("rc_")
    for order in ("_relaxed", "_acquire", "_release", "_acq_rel"):
        name = name.removesuffix(order)
    return name


def _named_place(step: TraceStep, words: tuple[Word, ...]) -> tuple[str, Word | None]:
    """Return a place as C and the mode's card call it, and the word it is."""
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
    """Whether a step touches what the mode keeps, not what the program has called so.

    A statement such as ``n = rc x`` touches the count without a line of C.
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
    # A store shows what it writes over, be it the same.
    stores = (step.c_text or "").startswith("rc_store") or step.operation in (
        "store",
        "setrc",
    )
    old, new = _shown(before, null), _shown(after, null)
    return f"{old} -> {new}" if stores else arrow(old, new)


def _is_lock(step: TraceStep) -> bool:
    place = step.place or ""
    is_of_a_count = place == "gil" or place.endswith("count_lock")
    return is_of_a_count or step.operation in ("lock", "unlock")


def _is_own_status(step: TraceStep, change: Change) -> bool:
    return (change.object, change.field) == (step.object, "status")


def _notes(step: TraceStep) -> list[str]:
    """Return what the operation gave, and what else changed."""
    notes = []
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

"""The space-time table of a trace: a column for each thread, time downwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from refrace._render.blocks import Block, Table
from refrace._render.text import WIDTH

if TYPE_CHECKING:
    from refrace.reports.trace import Change, Trace, TraceStep, Value

__all__ = ["code_lines", "space_time"]

# Narrower columns than the first are not good to read, than the second break words; the
# threads then share one column.
GOOD_THREAD_WIDTH = 12
LEAST_THREAD_WIDTH = 8
MOST_PLACE_WIDTH = 16
MOST_VALUE_WIDTH = 14
MOST_NOTE_WIDTH = 22
# The mark where a thread is left that could have gone on; the first that fits is taken.
GAPS = ("-- preempted --", "-preempted-", "~ gap ~")


def space_time(trace: Trace) -> Table:
    """Return the table: number, threads, place, value, ledger, C line and effects.

    With many threads the C line is its number only, and with more than fit even so, one
    column says which thread it is.
    """
    threads = _threads(trace)
    for brief in (False, True):
        table = _columns(trace, threads, brief)
        if table is not None:
            return table
    return _in_one_column(trace, threads)


def _columns(trace: Trace, threads: list[str], brief: bool) -> Table | None:
    """Return the table with a column for each thread; None if that does not fit."""
    n = len(threads)
    rows = _rows(trace, threads, brief)
    limits = (MOST_PLACE_WIDTH, MOST_VALUE_WIDTH, 0, MOST_NOTE_WIDTH)
    header = ("", *threads, "place", "value", "ledger", "C line")

    def width(column: int) -> int:
        return max(len(row[column]) for row in [header, *rows])

    others = [width(0)]
    for column, limit in enumerate(limits, n + 1):
        others.append(min(width(column), limit) if limit else width(column))
    room = (WIDTH - 2 - sum(other + 2 for other in others) + 2) // n - 2
    as_wide_as_needed = all(width(c + 1) <= room for c in range(n))
    if not as_wide_as_needed:
        if room < (LEAST_THREAD_WIDTH if brief else GOOD_THREAD_WIDTH):
            return None
        mark = next(gap for gap in GAPS if len(gap) <= room)
        rows = [[mark if cell == GAPS[0] else cell for cell in row] for row in rows]
    return Table(
        header, rows, "<" * len(header), limits=(0, *[room] * n, *limits[:3], 0)
    )


def _in_one_column(trace: Trace, threads: list[str]) -> Table:
    """Return the table that says in a column of its own which thread it is."""
    n = len(threads)
    merged = []
    for number, *cells in _rows(trace, threads, brief=False):
        who = next(c for c, cell in enumerate(cells) if cell)
        merged.append([number, threads[who], cells[who], *cells[n:]])
    return Table(
        ("", "thread", "does", "place", "value", "ledger", "C line"),
        merged,
        "<" * 7,
        limits=(0, 10, 20, MOST_PLACE_WIDTH, MOST_VALUE_WIDTH, 0, 0),
    )


def _rows(trace: Trace, threads: list[str], brief: bool) -> list[list[str]]:
    rows = []
    previous = None
    for step in trace.steps:
        if step.preempts and previous is not None:
            rows.append(_row("", threads, previous, GAPS[0]))
        rows.append(_step_row(step, threads, brief))
        if step.event != "drain":
            previous = step.thread
    for wait in trace.waits:
        held = f"held by {wait.held_by}" if wait.held_by else ""
        waits = f"waits for {wait.place}" if wait.place else "waits"
        rows.append(_row("", threads, wait.thread, waits, notes=held))
    return rows


def code_lines(trace: Trace) -> list[Block]:
    """Return the C text of each line that the trace went through, a table a file."""
    texts: dict[str, dict[int, str]] = {}
    for step in trace.steps:
        if step.c_file is not None and step.c_line is not None:
            texts.setdefault(step.c_file, {})[step.c_line] = step.c_text or ""
    return [
        Table(
            ("", ""),
            [(str(line), lines[line]) for line in sorted(lines)],
            "><",
            caption=file,
        )
        for file, lines in texts.items()
    ]


def _threads(trace: Trace) -> list[str]:
    seen = {step.thread for step in trace.steps} | {wait.thread for wait in trace.waits}
    names = [thread.name for thread in trace.program.threads]
    return [name for name in [*names, "end"] if name in seen]


def _row(
    number: str,
    threads: list[str],
    thread: str,
    doing: str,
    place: str = "",
    value: str = "",
    ledger: str = "",
    notes: str = "",
) -> list[str]:
    columns = [doing if name == thread else "" for name in threads]
    return [number, *columns, place, value, ledger, notes]


def _step_row(step: TraceStep, threads: list[str], brief: bool) -> list[str]:
    return _row(
        str(step.number),
        threads,
        step.thread,
        doing(step),
        step.place or "",
        _value(step),
        "" if step.ledger is None else _arrow(*step.ledger).removeprefix("None -> "),
        ", ".join(_notes(step, brief)),
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


def _shown(value: Value, lock: bool = False) -> str:
    if value is None:
        return "free" if lock else "null"
    if isinstance(value, tuple):
        return f"[{', '.join(map(_shown, value))}]"
    return str(value)


def _arrow(before: object, after: object) -> str:
    return str(after) if before == after else f"{before} -> {after}"


def _value(step: TraceStep) -> str:
    status = [change.after for change in step.changes if _is_own_status(step, change)]
    ends = str(status[-1]) if status and status[-1] != "alive" else ""
    if step.place is None or step.place == step.object:
        return ends  # the payload has no value
    lock = step.operation in ("lock", "unlock") or step.place.endswith("count_lock")
    before, after = _shown(step.before, lock), _shown(step.after, lock)
    # A store shows what it writes over, be it the same.
    stores = (step.c_text or "").startswith("rc_store") or step.operation in (
        "store",
        "setrc",
    )
    value = f"{before} -> {after}" if stores else _arrow(before, after)
    return f"{value}, {ends}" if ends else value


def _is_own_status(step: TraceStep, change: Change) -> bool:
    return (change.object, change.field) == (step.object, "status")


def _notes(step: TraceStep, brief: bool) -> list[str]:
    """Return the C line, what the operation gave, and what else changed."""
    notes = []
    if step.c_file is not None:
        file = "" if brief else step.c_file.rpartition("/")[2]
        notes.append(f"{file}:{step.c_line}")
    if step.has_result and step.result not in (step.before, step.after):
        notes.append(f"gives {_shown(step.result)}")
    for change in step.changes:
        if change.field == "status" and change.object != step.object:
            notes.append(f"{change.object} {change.after}")
        elif change.object != step.object and change.field == "count":
            notes.append(
                f"{change.object}.refcount {_arrow(change.before, change.after)}"
            )
    return notes

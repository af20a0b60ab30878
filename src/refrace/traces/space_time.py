"""The space-time table of a trace: a column for each thread, time downwards."""

from __future__ import annotations

from collections.abc import Sequence
from string import ascii_lowercase
from typing import NamedTuple

from refrace.bit_layout import Word
from refrace.display.blocks import Block, Fitted, Paragraph, Table
from refrace.display.text import WIDTH
from refrace.traces.step_cells import Cells, cells_of
from refrace.traces.steps import TraceStep, Wait

__all__ = ["code_lines", "space_time"]

# Columns narrower than the first are hard to read; narrower than the second, they break
# too many names, and the threads share one column.
GOOD_THREAD_WIDTH = 12
LEAST_THREAD_WIDTH = 9
MOST_THREAD_NAME = 10
MOST_DOES_WIDTH = 20
MOST_PLACE_WIDTH = 16
MOST_VALUE_WIDTH = 14
MOST_NOTE_WIDTH = 22
LEAST_VALUE_WIDTH = 9
LEAST_NOTE_WIDTH = 10
# The mark of a preemption; the first one that fits is used.
GAPS = ("-- preempted --", "-preempted-", "-preempt-")
GAP_MEANS = "the thread could have gone on, but another took the next step."

Row = list[str]


def space_time(
    steps: Sequence[TraceStep],
    waits: Sequence[Wait],
    threads: Sequence[str],
    words: tuple[Word, ...],
) -> list[Block]:
    """Return the table, and the meaning of its preemption mark if it has one.

    Parameters
    ----------
    steps, waits : sequence of TraceStep, sequence of Wait
        The steps of the run, and the threads that wait at its end.
    threads : sequence of str
        The program's threads; a thread without a step or a wait gets no column.
    words : tuple of Word
        The words that the mode keeps.

    Notes
    -----
    Columns: number, threads, place, value, ledger, C line and effects.  HTML shows all
    of them.  In text, narrow tables shorten the C line to its number, with a letter for
    the file if there are several; if there are still too many threads, one column names
    the thread.
    """
    run = _Run(steps, waits, words)
    columns = run.columns(threads)
    header = ("", *columns, "place", "value", "ledger", "C line")
    rows = run.rows(columns, _files(steps))
    wide = Table(header, rows, "<" * len(header), is_code=True)
    narrow, mark = _in_text(run, columns)
    blocks: list[Block] = [Fitted(narrow, wide)]
    if any(GAPS[0] in row for row in rows):
        means = [
            Paragraph(f"{gap}: {GAP_MEANS}", apart=True) for gap in (mark, GAPS[0])
        ]
        blocks.append(Fitted(*means))
    return blocks


def code_lines(steps: Sequence[TraceStep]) -> list[Block]:
    """Return the C text of each line that a run executed, one table per file."""
    texts: dict[str, dict[int, str]] = {}
    for step in steps:
        if step.c_file is not None and step.c_line is not None:
            texts.setdefault(step.c_file, {})[step.c_line] = step.c_text or ""
    letters = _letters(steps)
    tables: list[Block] = []
    for file, lines in texts.items():
        rows = [(str(line), lines[line]) for line in sorted(lines)]
        lettered = f"{letters[file]} = {file}" if letters[file] else file
        tables.append(
            Fitted(
                Table(("", ""), rows, "><", caption=lettered, is_code=True),
                Table(("", ""), rows, "><", caption=file, is_code=True),
            )
        )
    return tables


def _c_files(steps: Sequence[TraceStep]) -> list[str]:
    return list(dict.fromkeys(step.c_file for step in steps if step.c_file is not None))


def _files(steps: Sequence[TraceStep]) -> dict[str, str]:
    """Return the name of each file, for tables that have room."""
    return {file: file.rpartition("/")[2] for file in _c_files(steps)}


def _letters(steps: Sequence[TraceStep]) -> dict[str, str]:
    """Return a letter for each file, in the order of the run; "" for a single file."""
    files = _c_files(steps)
    if len(files) == 1:
        return {files[0]: ""}
    n = len(ascii_lowercase)
    return {
        file: ascii_lowercase[place % n] + (str(place // n) if place >= n else "")
        for place, file in enumerate(files)
    }


def _in_text(run: _Run, threads: list[str]) -> tuple[Table, str]:
    """Return the first form of the table that fits, and its preemption mark."""
    letters = _letters(run.steps)
    named = run.rows(threads, letters if len(letters) > 1 else _files(run.steps))
    brief = run.rows(threads, letters)
    for rows, *widths in (
        (named, WIDTH, MOST_VALUE_WIDTH, MOST_NOTE_WIDTH),
        (brief, WIDTH, MOST_VALUE_WIDTH, MOST_NOTE_WIDTH),
        (named, GOOD_THREAD_WIDTH, MOST_VALUE_WIDTH, MOST_NOTE_WIDTH),
        (brief, LEAST_THREAD_WIDTH, MOST_VALUE_WIDTH, LEAST_NOTE_WIDTH),
        (brief, LEAST_THREAD_WIDTH, LEAST_VALUE_WIDTH, LEAST_NOTE_WIDTH),
    ):
        found = _in_columns(threads, rows, *widths)
        if found is not None:
            return found
    return _in_one_column(threads, named), GAPS[0]


def _in_columns(
    threads: list[str],
    rows: list[Row],
    least: int,
    most_value: int,
    most_note: int,
) -> tuple[Table, str] | None:
    """Return the table with a column for each thread; None if it does not fit.

    It does not fit if columns narrower than `least` would break a cell.
    """
    n = len(threads)
    limits = (MOST_PLACE_WIDTH, most_value, 0, most_note)
    header = ["", *threads, "place", "value", "ledger", "C line"]
    widths = _widths([header, *rows])
    others = [widths[0]]
    for width, limit in zip(widths[n + 1 :], limits, strict=True):
        others.append(min(width, limit) if limit else width)
    room = (WIDTH - 2 - sum(other + 2 for other in others) + 2) // n - 2
    mark = GAPS[0]
    if max(widths[1 : n + 1]) > room:
        if room < least:
            return None
        mark = next(gap for gap in GAPS if len(gap) <= room)
        rows = [[mark if cell == GAPS[0] else cell for cell in row] for row in rows]
    columns = (0, *[room] * n, *limits[:3], 0)
    return Table(header, rows, "<" * len(header), limits=columns), mark


def _in_one_column(threads: list[str], rows: list[Row]) -> Table:
    """Return the table with one column that names the thread."""
    n = len(threads)
    merged = []
    for number, *cells in rows:
        who = next(c for c, cell in enumerate(cells) if cell)
        merged.append([number, threads[who], cells[who], *cells[n:]])
    header = ["", "thread", "does", "place", "value", "ledger", "C line"]
    widths = _widths([header, *merged])
    limits = [0, MOST_THREAD_NAME, 0, MOST_PLACE_WIDTH, MOST_VALUE_WIDTH, 0, 0]
    others = [min(w, m) if m else w for w, m in zip(widths, limits, strict=True)]
    others[2], others[-1] = 0, min(widths[-1], LEAST_NOTE_WIDTH)
    room = WIDTH - sum(other + 2 for other in others)
    # A ledger of two long numbers may leave no room; the table is wider then.
    limits[2] = max(LEAST_THREAD_WIDTH, min(MOST_DOES_WIDTH, room))
    return Table(header, merged, "<" * len(header), limits=limits)


def _widths(rows: list[Row]) -> list[int]:
    return [max(map(len, column)) for column in zip(*rows, strict=True)]


class _Run(NamedTuple):
    """The content of the table, before layout."""

    steps: Sequence[TraceStep]
    waits: Sequence[Wait]
    words: tuple[Word, ...]

    def columns(self, threads: Sequence[str]) -> list[str]:
        """Return the threads, and "end", that take a step or wait."""
        seen = {step.thread for step in self.steps}
        seen |= {wait.thread for wait in self.waits}
        return [name for name in [*threads, "end"] if name in seen]

    def rows(self, threads: list[str], files: dict[str, str]) -> list[Row]:
        """Return a row for each step, preemption and wait."""
        rows = []
        previous = None
        for step in self.steps:
            if step.preempts and previous is not None:
                rows.append(_row("", threads, previous, Cells(GAPS[0])))
            cells = cells_of(step, self.words)
            line = "" if step.c_file is None else f"{files[step.c_file]}:{step.c_line}"
            rows.append(_row(str(step.number), threads, step.thread, cells, line))
            if step.event != "drain":
                previous = step.thread
        for wait in self.waits:
            held = (wait.whose,) if wait.whose else ()
            waits = f"waits for {wait.place}" if wait.place else "waits"
            rows.append(_row("", threads, wait.thread, Cells(waits, notes=held)))
        return rows


def _row(
    number: str, threads: list[str], thread: str, cells: Cells, line: str = ""
) -> Row:
    columns = [cells.does if name == thread else "" for name in threads]
    notes = ", ".join([line, *cells.notes] if line else cells.notes)
    return [number, *columns, cells.place, cells.value, cells.ledger, notes]

"""Colour the text of a result for a terminal, without changing a character of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from refrace.display.blocks import Block, Fitted, Paragraph, Preformatted, Table
from refrace.display.report import Report
from refrace.display.text import text_parts
from refrace.findings import FindingKind
from refrace.programs import Program
from refrace.programs.highlighting import coloured

__all__ = ["STYLES", "coloured_text", "print_coloured", "thread_style"]

# The roles of `display.pictures.theme` in the colours of the terminal, whose own theme
# decides how they look on a light or a dark background.
STYLES = {
    "": "",
    "soft": "dim",
    "t1": "cyan",
    "t2": "magenta",
    "t3": "green",
    "t4": "yellow",
    "good": "bold green",
    "warn": "bold yellow",
    "bad": "bold red",
}
_JUDGED = {"clean": "good", "findings": "bad", "inconclusive": "warn"}
_LAST_COLUMNS = ("place", "value", "ledger", "C line")
_KINDS = re.compile(
    "|".join(rf"(?<!\w){re.escape(kind)}(?!\w)" for kind in FindingKind)
)
_DASHES = re.compile(r"-+")


def thread_style(place: int) -> str:
    """Return the style of the thread with this place in the program, from 0."""
    return STYLES[f"t{place % 4 + 1}"]


def coloured_text(report: Report) -> Text:
    """Return the text of a result with styles; its characters are those of `str`."""
    whole = str(report)
    parts = list(text_parts(report._blocks()))
    if "\n".join(text for _, text in parts) != whole:
        return Text(whole)
    program = getattr(report, "program", None)
    shown = Text()
    for place, (block, text) in enumerate(parts):
        shown.append("\n" if place else "")
        if place == 0:
            shown.append(text, STYLES[_JUDGED[report.judgement]])
        else:
            shown.append_text(_block(block, text, program))
    return shown


def print_coloured(report: Report) -> None:
    """Print a result to standard output: in colour on a terminal, if it may have any.

    Rich follows NO_COLOR, FORCE_COLOR and TERM.
    """
    console = Console()
    shows_colour = console.is_terminal and not console.no_color
    if shows_colour and console.color_system is not None:
        # Lines are as long as they are: the text is what a pipe would get.
        console.print(coloured_text(report), soft_wrap=True)
    else:
        print(report)


def _block(block: Block | None, text: str, program: Any) -> Text:
    if isinstance(block, Fitted):
        block = block.text
    if isinstance(block, Table):
        return _table(block, text, program)
    if isinstance(block, Preformatted) and _is_program(block.text, program):
        shown = Text()
        for word, role in coloured(text):
            shown.append(word, STYLES[role])
        return shown
    shown = Text(text)
    if isinstance(block, Paragraph):
        for found in _KINDS.finditer(text):
            shown.stylize(STYLES["bad"], *found.span())
    return shown


def _is_program(text: str, program: Any) -> bool:
    return isinstance(program, Program) and text == str(program)


def _table(block: Table, text: str, program: Any) -> Text:
    shown = Text(text)
    starts = list(_line_starts(text))
    dashes = next(
        (n for n, (_, line) in enumerate(starts) if re.fullmatch(r"[ -]+", line)), None
    )
    if dashes is None or not any(block.header):
        return shown
    for start, line in starts[: dashes + 1]:
        shown.stylize(
            "dim" if line.strip(" -") == "" else "bold", start, start + len(line)
        )
    spans = [found.span() for found in _DASHES.finditer(starts[dashes][1])]
    is_run = tuple(block.header[-4:]) == _LAST_COLUMNS
    threads = [one.name for one in program.threads] if is_run and program else []
    for column, (begin, end) in enumerate(spans):
        name = block.header[column] if column < len(block.header) else ""
        for start, line in starts[dashes + 1 :]:
            cell = line[begin:end]
            style = _cell(cell.strip(), name, threads)
            if style:
                shown.stylize(style, start + begin, start + begin + len(cell))
    return shown


def _cell(cell: str, column: str, threads: Sequence[str]) -> str:
    if column in threads or (cell in threads and column == "thread"):
        if cell.strip("- ") in ("preempted", "preempt"):
            return STYLES["warn"]
        return thread_style(threads.index(cell if column == "thread" else column))
    if column == "outcome" and cell:
        return STYLES["good" if cell == "intact" else "bad"]
    return ""


def _line_starts(text: str) -> Iterator[tuple[int, str]]:
    start = 0
    for line in text.split("\n"):
        yield start, line
        start += len(line) + 1

"""The C functions that accesses of a mode are in, and the record of their orders."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby

from refrace.catalogue.recorded_orders import (
    RecordedOrder,
    RecordedOrders,
    SourceLine,
)
from refrace.explorer.weakening_report import WeakenedOrder, WeakeningReport

__all__ = ["functions_of", "record_of"]


def record_of(
    report: WeakeningReport,
    version: str,
    read: Callable[[str], str],
    note: Callable[[str, WeakenedOrder], str],
) -> RecordedOrders:
    """Return the record of a report, with the C functions that it is about.

    Parameters
    ----------
    report : WeakeningReport
    version : str
        The version of refrace.
    read : callable
        Returns the text of a file that the report names.
    note : callable
        Returns why an order of a mode is not needed, if that is known; else "".
    """
    orders = tuple(one.recorded(note(report.mode, one)) for one in report.orders)
    return RecordedOrders(
        mode=report.mode,
        refrace=version,
        effort=report.effort,
        programs=report.programs,
        orders=orders,
        source=tuple(_source(orders, read)),
    )


def _source(
    orders: Iterable[RecordedOrder], read: Callable[[str], str]
) -> Iterator[SourceLine]:
    for file, some in groupby(orders, lambda one: one.file):
        yield from functions_of(file, read(file), {one.line for one in some})


def functions_of(file: str, text: str, wanted: set[int]) -> Iterator[SourceLine]:
    """Yield the lines of the functions that contain some lines of a C file.

    A function begins in the first column, behind an empty line or the end of another
    one, and ends with a brace in the first column.
    """
    lines = text.splitlines()
    shown: set[int] = set()
    for line in wanted:
        first = line
        while first > 1 and not _begins(lines, first):
            first -= 1
        last = line
        while last < len(lines) and lines[last - 1] != "}":
            last += 1
        shown.update(range(first, last + 1))
    for number in sorted(shown):
        yield SourceLine(file, number, lines[number - 1])


def _begins(lines: list[str], number: int) -> bool:
    """Return whether a function, or the comment above it, begins in a line."""
    return lines[number - 1][:1] not in ("", " ", "{") and lines[number - 2] in (
        "",
        "}",
    )

"""The recorded verdict on each memory order of a mode of this release."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from refrace._base.codec import decode, encode
from refrace._base.recorded_json import read_recorded, recorded_text

__all__ = [
    "ORDERS_FILE",
    "RecordedOrder",
    "RecordedOrders",
    "SourceLine",
    "orders_text",
    "recorded_orders",
]

ORDERS_FILE = Path(__file__).parent / "recorded_orders.json"
"""Written by ``make orders``."""

ORDERS_FORMAT = {"format": "refrace/recorded-orders", "version": 1}


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A line of the C source of a mode.

    Attributes
    ----------
    file : str
    line : int
    text : str
    """

    file: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class RecordedOrder:
    """An access or fence of a mode, with an order that is one step weaker.

    Attributes
    ----------
    file, line, text : str, int, str
        Its place in the source of the core, and its C text.
    order : str
        The order that it has there.
    weaker : str or None
        The order that it was given; ``"none"``: the fence was left out.  None: there is
        no weaker one.
    verdict : {"needed", "not needed", "unfinished", "nothing weaker"}
        The result.
    programs : int
        How many programs were explored with it.
    kind : str or None
        The kind of the finding of the first program that goes wrong; None if none does.
    program : str or None
        That program.
    note : str
        Why no program of the corpus needs it, if that is known; else "".
    """

    file: str
    line: int
    text: str
    order: str
    weaker: str | None
    verdict: str
    programs: int
    kind: str | None
    program: str | None
    note: str

    @property
    def place(self) -> str:
        """The file and line of the access."""
        return f"{self.file.rpartition('/')[2]}:{self.line}"

    @property
    def said(self) -> str:
        """The order, the weaker one, and the verdict, in words."""
        if self.weaker is None:
            return f"{self.order}: {self.verdict}"
        why = f" ({self.kind})" if self.kind else ""
        return f"{self.order} -> {self.weaker}: {self.verdict}{why}"


@dataclass(frozen=True, slots=True)
class RecordedOrders:
    """The recorded result of :func:`refrace.weaken` for a mode of this release.

    Attributes
    ----------
    mode : str
        The refcount mode.
    refrace : str
        Version of the package that computed it.
    effort : {"small", "large"}
        The bounds of the corpus.
    programs : int
        How many programs were explored with the orders as they are.
    orders : tuple of RecordedOrder
        Every access and fence that the programs reach, in the order of the source.
    source : tuple of SourceLine
        The lines of the functions that they are in.

    Notes
    -----
    "Not needed" holds for these programs only and is no advice to weaken anything.
    """

    mode: str
    refrace: str
    effort: str
    programs: int
    orders: tuple[RecordedOrder, ...]
    source: tuple[SourceLine, ...]

    @property
    def tried(self) -> tuple[RecordedOrder, ...]:
        """The orders that could be weaker."""
        return tuple(one for one in self.orders if one.weaker is not None)

    @property
    def verdict(self) -> str:
        """The result in a few words, with its numbers."""
        if not self.tried:
            return "no order could be weaker"
        needed = sum(one.verdict == "needed" for one in self.tried)
        return f"{needed} of {len(self.tried)} weaker orders go wrong"

    def listing(self) -> str:
        """Return the source, each access and fence with its verdict above it."""
        return listing(self.source, self.orders)

    def __str__(self) -> str:
        return (
            f"{self.verdict} (recorded; refrace weaken {self.mode} computes it again)"
        )


def listing(source: Sequence[SourceLine], orders: Sequence[RecordedOrder]) -> str:
    """Return lines of C, each access and fence with its verdict above it.

    Parameters
    ----------
    source : sequence of SourceLine
        The lines, in the order of each file.
    orders : sequence of RecordedOrder
        The verdicts on accesses and fences of these lines.
    """
    lines: list[str] = []
    before: SourceLine | None = None
    for line in source:
        if before is None or before.file != line.file:
            lines += [*([""] if lines else []), f"/* {line.file} */"]
        elif before.line + 1 != line.line:
            lines.append("")
        indent = " " * (len(line.text) - len(line.text.lstrip()))
        lines += [
            f"      {indent}/* {one.said} */"
            for one in orders
            if (one.file, one.line) == (line.file, line.line)
        ]
        lines.append(f"{line.line:>4}  {line.text}".rstrip())
        before = line
    return "\n".join(lines)


def orders_text(orders: Sequence[RecordedOrders]) -> str:
    """Return the content of the file of orders, for ``make orders``."""
    return recorded_text({**ORDERS_FORMAT, "modes": encode(tuple(orders))})


def recorded_orders(mode: str) -> RecordedOrders | None:
    """Return the recorded verdicts on the orders of a mode; None if there are none.

    Raises
    ------
    InvalidData
        If the file of the package is damaged.
    """
    return _modes(ORDERS_FILE).get(mode)


@cache
def _modes(file: Path) -> dict[str, RecordedOrders]:
    data = read_recorded(file, ORDERS_FORMAT)
    if data is None:
        return {}
    modes = decode(tuple[RecordedOrders, ...], data.get("modes"), file.name)
    return {one.mode: one for one in modes}

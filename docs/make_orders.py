"""Write docs/orders.md: the memory orders of every correct mode, and which are needed.

The package records the same, and a mode's card shows it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import refrace
from refrace.catalogue.recorded_orders import (
    ORDERS_FILE,
    RecordedOrders,
    orders_text,
)
from refrace.explorer.order_source import record_of
from refrace.explorer.weakening_report import WeakenedOrder, WeakeningReport

PAGE = Path(__file__).parent / "orders.md"
ROOT = Path(__file__).parents[1]
WRITTEN = "<!-- Written by docs/make_orders.py; change the modes, not this page. -->"


MOST_SECONDS = 3600.0

# Why no program needs an order: mode, beginning of the access, weaker order.
REASONS = {
    **{
        (mode, "rc_cas_weak_acq_rel", weaker): reason
        for mode in ("biased", "biased_suspend")
        for weaker, reason in (
            (
                "acquire",
                "an increment hands on the release of the write that it reads, and "
                "needs none of its own",
            ),
            (
                "release",
                "a program that relies on the order of a drop needs it, but the owner "
                "drops by a plain store, so the mode does not promise that",
            ),
        )
    },
    ("epoch", "rc_increment_unless_zero_acquire", "relaxed"): (
        "a program that relies on the order of a settled drop needs it, but modes that "
        "settle do not promise that"
    ),
    ("sticky", "rc_cas_acq_rel", "acquire"): (
        "the decref before it has released, and who finds the object dead reads nothing"
    ),
    ("sticky", "rc_fetch_add_acq_rel", "acquire"): (
        "an increment hands on the release of the write that it reads, and needs none "
        "of its own"
    ),
    ("per_thread", "rc_load_acquire", "relaxed"): (
        "only a collapse writes the word, and it stops all threads, which orders them"
    ),
    ("per_thread", "rc_fetch_add_acq_rel", "acquire"): (
        "all threads are stopped, which orders them"
    ),
    ("per_thread", "rc_fetch_add_acq_rel", "release"): (
        "all threads are stopped, which orders them"
    ),
    ("deferred", "rc_increment_unless_zero_acquire", "relaxed"): (
        "a program that relies on the order of a settled drop needs it, but modes that "
        "settle do not promise that"
    ),
    ("deferred", "rc_fetch_add_acq_rel(&o->ob_refcnt, 0)", "acquire"): (
        "adding 0 hands on what it reads; there is no addition that only acquires"
    ),
}

STANDS_IN = (
    "other orders may stand in for it: with all orders weaker at once that are not "
    "needed here, a run goes wrong"
)


def notes(report: WeakeningReport) -> Callable[[str, WeakenedOrder], str]:
    """Return what gives the reason why an order is not needed, if that is known."""

    def note(mode: str, one: WeakenedOrder) -> str:
        if one.verdict != "not needed":
            return ""
        for (name, begins, weaker), reason in REASONS.items():
            if name == mode and weaker == one.weaker and one.text.startswith(begins):
                return reason
        return STANDS_IN if report.together is False else ""

    return note


def read(file: str) -> str:
    """Return the text of a file of the core."""
    return (ROOT / file).read_text(encoding="utf-8")


def record(name: str) -> RecordedOrders:
    """Weaken a mode, and return what the package keeps of the report."""
    report = refrace.weaken(name, max_seconds=MOST_SECONDS)
    if report.limit is not None or not report.is_sufficient:
        raise SystemExit(f"{report.answer} Nothing was written.")
    return record_of(report, refrace.__version__, read, notes(report))


def page(records: Sequence[RecordedOrders]) -> str:
    """Return the text of the page."""
    lines = [
        "# Which memory orders are needed",
        "",
        WRITTEN,
        "",
        "`refrace weaken MODE` makes each memory order in the source of a mode one "
        "step weaker, one at a time, and explores every small program and scenario "
        "under C11. *Needed*: a run goes wrong with the weaker order, and the report "
        "of `refrace weaken` shows it. *Not needed*: no run of these programs does. "
        "That is no advice to weaken it: the language has no program that could tell, "
        "or a larger one may need it. And each order is judged with the others as they "
        "are: two that stand in for each other are both not needed, although one of "
        "them is. The report of `refrace weaken` says whether all that are not needed "
        "can be weaker at once. [Memory orders](explanation/weak-memory.md) "
        "explains the model.",
        "",
        "| mode | weaker orders | needed | not needed |",
        "|---|---|---|---|",
        *(
            f"| [`{one.mode}`](#{one.mode}) | {len(one.tried)} "
            f"| {verdicts(one, 'needed')} | {verdicts(one, 'not needed')} |"
            for one in records
        ),
    ]
    missing = [
        name for name in correct_modes() if name not in {r.mode for r in records}
    ]
    if missing:
        names = ", ".join(f"`{name}`" for name in missing)
        lines += ["", f"Not recorded: {names}; `refrace weaken MODE` computes them."]
    for one in records:
        lines += ["", *about(one)]
    return "\n".join(lines) + "\n"


def verdicts(one: RecordedOrders, verdict: str) -> int:
    """Return how many orders have a verdict."""
    return sum(order.verdict == verdict for order in one.tried)


def about(one: RecordedOrders) -> list[str]:
    """Return the section of a mode."""
    said = f"{one.verdict[0].upper()}{one.verdict[1:]}"
    lines = [
        f"## {one.mode}",
        "",
        f"{said}, in {one.programs:,} programs.",
    ]
    if not one.tried:
        return lines
    # With a number before it, the lexer takes no line for one of the preprocessor.
    has_directive = any(line.text.startswith("#") for line in one.source)
    fence = "```text" if has_directive else "```c"
    lines += ["", fence, one.listing(), "```"]
    for order in one.tried:
        if order.verdict != "needed":
            lines += [
                "",
                f"`{order.text}` ({order.place}) with `{order.weaker}`: "
                f"{order.verdict} in {order.programs:,} programs"
                + (f": {order.note}." if order.note else "."),
            ]
    return lines


def correct_modes() -> list[str]:
    """Return the names of the modes that claim to be correct."""
    return [mode.name for mode in refrace.modes() if mode.claim == "correct"]


def records(make: Callable[[str], RecordedOrders] = record) -> list[RecordedOrders]:
    """Return the records of every correct mode, computed on all processors."""
    with ProcessPoolExecutor() as executor:
        found = []
        for one in executor.map(make, correct_modes()):
            print(f"{one.mode}: {one.verdict}", file=sys.stderr)
            found.append(one)
        return found


def main() -> None:
    """Write the page and the record."""
    found = records()
    PAGE.write_text(page(found), encoding="utf-8")
    ORDERS_FILE.write_text(orders_text(found), encoding="utf-8")


if __name__ == "__main__":
    main()

"""The axioms of C11 allow what is wrong in a variant about memory orders.

Each program is written once more as events, without its branches: an execution counts
if its reads take the branches that lead to the mistake.  In the buggy program there is
such an execution in which nothing orders the two accesses, and in the fixed none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from reference.axioms import Axioms, Event, Relation

from refrace import gallery


@dataclass(frozen=True)
class Case:
    """Threads of events, "kind name cell order"; what is fixed is in brackets."""

    threads: tuple[str, ...]
    is_bad: Callable[[dict[str, str]], bool]
    """Whether reads with these sources, by name, lead to the mistake."""
    unordered: tuple[str, str] | None = None
    """Two accesses that happens-before has to order then."""


def accepts_half(source: dict[str, str]) -> bool:
    """Whether the reader accepts the new key with the old value."""
    is_torn = (source["k"], source["v"]) == ("key", "init V")
    return is_torn and source["look"] == source["again"] != "odd"


CASES: dict[str, Case] = {
    "P54a": Case(
        (
            "R use A; U first N release; [|F fence acquire]; W free A",
            "R other A; U last N release",
        ),
        lambda source: source["first"] == "last",
        ("other", "free"),
    ),
    "P55a": Case(
        ("R use A; U drop N release", "R count N [relaxed|acquire]; W put A"),
        lambda source: source["count"] == "drop",
        ("use", "put"),
    ),
    # T1 takes the slow path, and T2 the fast one, which has no lock.
    "P56a": Case(
        ("W new A; W store S release", "R load S [relaxed|acquire]; R use A"),
        lambda source: source["load"] == "store",
        ("new", "use"),
    ),
    "P57a": Case(
        ("W new A; W store S [relaxed|release]", "R load S acquire; R use A"),
        lambda source: source["load"] == "store",
        ("new", "use"),
    ),
    "P58a": Case(
        (
            "W odd Q; F writer release; W key K; W value V; W even Q release",
            "R look Q acquire; R k K; R v V; [|F reader acquire]; R again Q",
        ),
        accepts_half,
    ),
    "P58b": Case(
        (
            "W odd Q; [|F writer release]; W key K; W value V; W even Q release",
            "R look Q acquire; R k K; R v V; F reader acquire; R again Q",
        ),
        accepts_half,
    ),
    "P59a": Case(
        (
            "R x S acquire; W announce H release; [|F full seq_cst]; R y S acquire; "
            "R use A; W clear H release",
            "U unlink S acq_rel; [|F also seq_cst]; R scan H acquire; W free A",
        ),
        lambda source: source["y"] == "init S" and source["scan"] != "announce",
        ("use", "free"),
    ),
}


def events_of(text: str, thread: int, form: str) -> list[Event]:
    """Return the events of a thread; "[a|b]" is a in the buggy program, b in the fixed.

    Accesses of the payload are relaxed, which adds no synchronisation.
    """
    before, *parts = text.split("[")
    for part in parts:
        choice, after = part.split("]")
        before += choice.split("|")[form == "fixed"] + after
    events = []
    for words in filter(None, (one.split() for one in before.split(";"))):
        if words[0] == "F":
            kind, name, order = words
            events.append(Event(name, thread, kind, "", order))
        else:
            kind, name, cell, *order = words
            events.append(Event(name, thread, kind, cell, *(order or ["relaxed"])))
    return events


def goes_wrong(case: Case, form: str) -> bool:
    axioms = Axioms([events_of(t, i, form) for i, t in enumerate(case.threads)])
    number = {event.name: i for i, event in enumerate(axioms.events)}
    for pairs, _ in axioms.graphs():
        if not case.is_bad(dict(pairs)):
            continue
        rf = Relation(axioms.n, ((number[w], number[r]) for r, w in pairs))
        ordered = (axioms.po | axioms.synchronises(rf)).closure()
        if case.unordered is None:
            return True
        a, b = (number[name] for name in case.unordered)
        if not ordered.rows[a] >> b & 1:
            return True
    return False


def test_every_variant_about_memory_orders_is_here():
    weak = [v.id for p in gallery.values() for v in p.variants if v.memory == "c11"]

    assert weak == list(CASES)


@pytest.mark.parametrize("variant", CASES)
def test_the_axioms_allow_what_is_wrong_in_the_buggy_program_only(variant):
    assert goes_wrong(CASES[variant], "buggy")
    assert not goes_wrong(CASES[variant], "fixed")

"""Litmus tests in a line each, against the answer by hand and against the axioms."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest
from reference.axioms import Axioms, Event, Graph

import refrace

ORDERS = {
    "rlx": "relaxed",
    "acq": "acquire",
    "rel": "release",
    "ar": "acq_rel",
    "sc": "seq_cst",
}
LINES = [
    line
    for line in Path(__file__).with_name("litmus_lines.txt").read_text().splitlines()
    if line and not line.startswith("#")
]


class Change(NamedTuple):
    """What a write does to the value that it follows, and what its read gives."""

    add: int | None  # None: it stores `value`
    value: int = 0
    gives_new: bool = False

    def new(self, old: int) -> int:
        return self.value if self.add is None else old + self.add


class Statement(NamedTuple):
    event: Event
    local: str | None
    change: Change | None
    text: str


def read_statement(name: str, thread: int, text: str) -> Statement:
    *words, short = text.split()
    order = ORDERS[short]
    text = " ".join([*words, order])
    if words[0] == "fence":
        return Statement(Event(name, thread, "F", "", order), None, None, text)
    if words[0].isupper():
        event = Event(name, thread, "W", words[0], order)
        return Statement(event, None, Change(None, int(words[2])), text)
    if words[2].isupper():
        return Statement(
            Event(name, thread, "R", words[2], order), words[0], None, text
        )
    change = {
        "finc": lambda: Change(1, gives_new=True),
        "fadd": lambda: Change(int(words[4]), gives_new=True),
        "swap": lambda: Change(None, int(words[4])),
    }[words[2]]()
    return Statement(Event(name, thread, "U", words[3], order), words[0], change, text)


class Litmus:
    """A line: its threads, and the outcome in question."""

    def __init__(self, line: str) -> None:
        before, after = line.split(" : ")
        answer, *outcome = before.split()
        self.is_possible = {"yes": True, "no": False}[answer]
        self.outcome = {
            name: int(value) for name, value in (one.split("=") for one in outcome)
        }
        self.threads = [
            [
                read_statement(f"{t}.{i}", t, text)
                for i, text in enumerate(thread.split(";"))
            ]
            for t, thread in enumerate(after.split("|"))
        ]
        self.by_name = {s.event.name: s for thread in self.threads for s in thread}

    @property
    def program(self) -> str:
        """The program; it asserts that the outcome does not happen."""
        cells = sorted({s.event.cell for s in self.by_name.values() if s.event.cell})
        kept = [name for name in self.outcome if not name.isupper()]
        lines = [f"int {cell} = 0" for cell in cells]
        lines += [f"int KEPT_{name} = 0" for name in kept]
        for t, thread in enumerate(self.threads):
            lines += [f"T{t}:", *(s.text for s in thread)]
            lines += [
                f"KEPT_{s.local} = {s.local} plain" for s in thread if s.local in kept
            ]
        lines.append("end:")
        for name in self.outcome:
            lines.append(f"last_{name} = {f'KEPT_{name}' if name in kept else name}")
        differs = [f"last_{name} != {value}" for name, value in self.outcome.items()]
        return "\n".join([*lines, f"assert {' or '.join(differs)}"])

    def possible_by_axioms(self) -> bool:
        axioms = Axioms([[s.event for s in thread] for thread in self.threads])
        return any(
            self._outcome(graph, axioms.cells).items() >= self.outcome.items()
            for graph in axioms.graphs()
        )

    def _outcome(self, graph: Graph, cells: list[str]) -> dict[str, int]:
        source = dict(graph[0])

        def written(name: str) -> int:
            change = self.by_name[name].change if name in self.by_name else Change(None)
            assert change is not None
            return change.new(written(source[name]) if name in source else 0)

        found = {
            cell: written(order[-1])
            for cell, order in zip(cells, graph[1], strict=True)
        }
        for name, statement in self.by_name.items():
            if statement.local is not None:
                is_new = statement.change is not None and statement.change.gives_new
                found[statement.local] = written(name if is_new else source[name])
        return found


@pytest.mark.parametrize("line", LINES)
def test_the_explorer_and_the_axioms_give_the_answer_by_hand(line):
    litmus = Litmus(line)

    explored = refrace.explore(litmus.program, memory="c11")

    kinds = {str(finding.kind) for finding in explored.findings}
    assert explored.is_conclusive
    assert kinds == ({"wrong-value"} if litmus.is_possible else set())
    assert litmus.possible_by_axioms() == litmus.is_possible

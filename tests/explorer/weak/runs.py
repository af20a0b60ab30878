"""Random programs with memory orders, and every run of one, step by step."""

from __future__ import annotations

import random

from reference.axioms import Event, Graph

import refrace
from refrace._native import explorer as native
from refrace.catalogue.mode import mode
from refrace.explorer.memory import Memory
from refrace.explorer.session import Session

STORES = ("relaxed", "release", "seq_cst")
LOADS = ("relaxed", "acquire", "seq_cst")
CHANGES = ("relaxed", "acquire", "release", "acq_rel", "seq_cst")
FENCES = ("acquire", "release", "acq_rel", "seq_cst")
TEXTS = {
    "R": "v = {c} {o}",
    "W": "{c} = 1 {o}",
    "U": "v = finc {c} {o}",
    "F": "fence {o}",
}
SETS = {"R": LOADS, "W": STORES, "U": CHANGES, "F": FENCES}


def random_threads(rng: random.Random, most: int) -> list[list[Event]]:
    """Return two or three threads with up to `most` accesses in all."""
    sizes = [1] * rng.choice((2, 2, 3))
    for _ in range(rng.randint(1, most - len(sizes))):
        sizes[rng.randrange(len(sizes))] += 1
    is_strong = rng.random() < 0.4
    threads = []
    for t, size in enumerate(sizes):
        events = []
        for i in range(size):
            kind = rng.choice("RRWWUF" if size > 1 else "RWU")
            order = "seq_cst" if is_strong and rng.random() < 0.7 else None
            order = order or rng.choice(SETS[kind])
            cell = "" if kind == "F" else rng.choice("XY")
            events.append(Event(f"{t}.{i}", t, kind, cell, order))
        threads.append(events)
    return threads


def strong_threads(rng: random.Random) -> list[list[Event]]:
    """Return three threads with fences and accesses, many of which are seq_cst."""
    threads = []
    for t in range(3):
        shape = rng.choice(("AFA", "AA", "AFA", "FA", "AF")) if t else "A"
        events = []
        for i, letter in enumerate(shape):
            kind = letter if letter == "F" else rng.choice("RRWWU")
            cell = "" if kind == "F" else rng.choice("XY")
            is_strong = rng.random() < (0.8 if kind == "F" else 0.4)
            order = "seq_cst" if is_strong else rng.choice(SETS[kind])
            events.append(Event(f"{t}.{i}", t, kind, cell, order))
        threads.append(events)
    return threads


def text_of(threads: list[list[Event]]) -> str:
    lines = ["int X = 0", "int Y = 0"]
    for t, events in enumerate(threads):
        lines.append(f"T{t}:")
        lines += [
            "  " + TEXTS[event.kind].format(c=event.cell, o=event.order)
            for event in events
        ]
    return "\n".join(lines)


class Runs:
    """Every run of a program, step by step, and the execution that each one makes."""

    def __init__(self, threads: list[list[Event]]) -> None:
        session = Session(
            refrace.Program.parse(text_of(threads)),
            mode("atomic"),
            memory=Memory("c11", 15),
        )
        self.threads = threads
        self.cells = sorted({e.cell for events in threads for e in events if e.cell})
        self.walk = native.Walk(*session.setting, -1, [0] * native.N_CAPACITIES)
        self.runs = 0

    def graphs(self) -> set[Graph]:
        found: set[Graph] = set()
        waiting: list[list[int]] = [[]]
        while waiting:
            prefix = waiting.pop()
            graph, choices = self._follow(prefix)
            waiting += [[*prefix, code] for code in choices]
            if not choices:
                self.runs += 1
                found.add(graph)
        return found

    def _follow(self, codes: list[int]) -> tuple[Graph, list[int]]:
        walk = self.walk
        walk.begin()
        done = [0] * len(self.threads)
        events: list[Event] = []
        pairs: list[tuple[str, str]] = []
        orders = {cell: [f"init {cell}"] for cell in self.cells}

        def source(cell: str, step: int) -> str:
            return events[step - 1].name if step else f"init {cell}"

        for code in codes:
            thread = code % 256 // 4
            event = self.threads[thread][done[thread]]
            done[thread] += 1
            seen = walk.look(code)
            walk.take(code)
            events.append(event)
            if event.reads:
                pairs.append((event.name, source(event.cell, seen.source)))
            if event.writes:
                order = orders[event.cell]
                at = order.index(source(event.cell, seen.follows))
                order.insert(at + 1, event.name)
        graph = tuple(sorted(pairs)), tuple(tuple(orders[c]) for c in self.cells)
        return graph, walk.choices()

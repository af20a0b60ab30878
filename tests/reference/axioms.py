"""All executions of a small program under C11, from the axioms: slow, and independent.

RC11 (O. Lahav, V. Vafeiadis, J. Kang, C.-K. Hur, D. Dreyer, "Repairing sequential
consistency in C/C++11", PLDI 2017) with the release sequences of C++20.  The order of
sequentially consistent events is one of execution: psc together with program order and
reads-from is acyclic.

An execution is a choice of the write that each read reads (rf) and of an order of the
writes of each cell (mo).  Every combination is tried against the axioms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import permutations, product

RELEASES = ("release", "acq_rel", "seq_cst")
ACQUIRES = ("acquire", "acq_rel", "seq_cst")

Graph = tuple[tuple[tuple[str, str], ...], tuple[tuple[str, ...], ...]]
"""(read, write) pairs, sorted; and the writes of each cell, oldest first."""


@dataclass(frozen=True)
class Event:
    """A read "R", a write "W", a read-modify-write "U" or a fence "F" of a thread.

    A "P" reads and a "Q" writes a payload plainly; neither has a cell.
    """

    name: str
    thread: int
    kind: str
    cell: str = ""
    order: str = "seq_cst"

    @property
    def reads(self) -> bool:
        return self.kind in "RU"

    @property
    def writes(self) -> bool:
        return self.kind in "WU"


class Relation:
    """A relation on events 0 .. n-1: the successors of each, as bits."""

    def __init__(self, n: int, pairs: Iterator[tuple[int, int]] | None = None) -> None:
        self.n = n
        self.rows = [0] * n
        for a, b in pairs or ():
            self.rows[a] |= 1 << b

    def of(self, rows: list[int]) -> Relation:
        made = Relation(self.n)
        made.rows = rows
        return made

    def __or__(self, other: Relation) -> Relation:
        return self.of([a | b for a, b in zip(self.rows, other.rows, strict=True)])

    def then(self, other: Relation) -> Relation:
        rows = []
        for row in self.rows:
            reached = 0
            for b in range(self.n):
                if row >> b & 1:
                    reached |= other.rows[b]
            rows.append(reached)
        return self.of(rows)

    def maybe(self) -> Relation:
        return self.of([row | 1 << a for a, row in enumerate(self.rows)])

    def closure(self) -> Relation:
        rows = list(self.rows)
        for k in range(self.n):
            for a in range(self.n):
                if rows[a] >> k & 1:
                    rows[a] |= rows[k]
        return self.of(rows)

    def limit(self, first: int, last: int) -> Relation:
        """Keep pairs from the set `first` to the set `last`."""
        return self.of(
            [row & last if first >> a & 1 else 0 for a, row in enumerate(self.rows)]
        )

    def is_acyclic(self) -> bool:
        return not any(row >> a & 1 for a, row in enumerate(self.closure().rows))


class Axioms:
    """The executions of a program: threads of events, without branches."""

    def __init__(self, threads: list[list[Event]]) -> None:
        cells = sorted({e.cell for thread in threads for e in thread if e.cell})
        self.initial = [Event(f"init {c}", -1, "W", c, "relaxed") for c in cells]
        self.events = self.initial + [e for thread in threads for e in thread]
        self.cells = cells
        self.n = len(self.events)
        number = {e.name: i for i, e in enumerate(self.events)}
        po = [
            (number[a.name], number[b.name])
            for thread in threads
            for i, a in enumerate(thread)
            for b in thread[i + 1 :]
        ]
        po += [
            (number[a.name], number[b.name])
            for a in self.initial
            for thread in threads
            for b in thread
        ]
        self.po = Relation(self.n, iter(po))

    def set_of(self, test: object) -> int:
        return sum(1 << i for i, e in enumerate(self.events) if test(e))  # type: ignore[operator]

    def graphs(self) -> set[Graph]:
        """Return every execution that the axioms allow."""
        reads = [i for i, e in enumerate(self.events) if e.reads]
        writes = {
            cell: [i for i, e in enumerate(self.events) if e.writes and e.cell == cell]
            for cell in self.cells
        }
        found: set[Graph] = set()
        sources = [[w for w in writes[self.events[r].cell] if w != r] for r in reads]
        orders = [
            [(writes[cell][0], *rest) for rest in permutations(writes[cell][1:])]
            for cell in self.cells
        ]
        for choice in product(*sources):
            rf = Relation(self.n, zip(choice, reads, strict=True))
            if not (self.po | rf).is_acyclic():
                continue
            for chosen in product(*orders):
                if self._is_allowed(dict(zip(reads, choice, strict=True)), rf, chosen):
                    found.add(self._graph(reads, choice, chosen))
        return found

    def happens_before(self, graph: Graph) -> Relation:
        """Return what happens before what in an execution."""
        number = {e.name: i for i, e in enumerate(self.events)}
        rf = Relation(self.n, ((number[w], number[r]) for r, w in graph[0]))
        return (self.po | self.synchronises(rf)).closure()

    def payload_reads(self, graph: Graph) -> dict[str, str | None] | None:
        """Return the write that each plain read reads; None if two accesses race."""
        hb = self.happens_before(graph)
        plain = [i for i, e in enumerate(self.events) if e.kind in "PQ"]
        writes = [i for i in plain if self.events[i].kind == "Q"]
        for a in plain:
            for b in writes:
                if a != b and not (hb.rows[a] >> b & 1 or hb.rows[b] >> a & 1):
                    return None
        found: dict[str, str | None] = {}
        for r in plain:
            if self.events[r].kind == "P":
                before = [w for w in writes if hb.rows[w] >> r & 1]
                # Without a race, all of them are ordered: the last has all others.
                last = max(before, default=None, key=self._n_before(hb, before))
                found[self.events[r].name] = (
                    None if last is None else self.events[last].name
                )
        return found

    @staticmethod
    def _n_before(hb: Relation, among: list[int]) -> Callable[[int], int]:
        return lambda w: sum(hb.rows[other] >> w & 1 for other in among)

    def _graph(
        self,
        reads: list[int],
        choice: tuple[int, ...],
        chosen: tuple[tuple[int, ...], ...],
    ) -> Graph:
        name = [e.name for e in self.events]
        pairs = sorted((name[r], name[w]) for r, w in zip(reads, choice, strict=True))
        return tuple(pairs), tuple(tuple(name[w] for w in order) for order in chosen)

    def _is_allowed(
        self, source: dict[int, int], rf: Relation, chosen: tuple[tuple[int, ...], ...]
    ) -> bool:
        n, events = self.n, self.events
        for order in chosen:
            for at, w in enumerate(order):
                if events[w].reads and order[at - 1] != source[w]:
                    return False  # a read-modify-write reads the write before it
        mo = Relation(
            n,
            (
                (a, b)
                for order in chosen
                for i, a in enumerate(order)
                for b in order[i + 1 :]
            ),
        )
        rb = Relation(
            n,
            (
                (r, later)
                for r, w in source.items()
                for later in range(n)
                if mo.rows[w] >> later & 1 and later != r
            ),
        )
        hb = (self.po | self.synchronises(rf)).closure()
        eco = (rf | mo | rb).closure()
        together = hb | hb.then(eco)
        if any(row >> a & 1 for a, row in enumerate(together.rows)):
            return False
        return (self.psc(hb, eco, mo, rb) | self.po | rf).is_acyclic()

    def synchronises(self, rf: Relation) -> Relation:
        every = (1 << self.n) - 1
        changes = self.set_of(lambda e: e.kind == "U")
        fences = self.set_of(lambda e: e.kind == "F")
        releases = self.set_of(lambda e: e.order in RELEASES and e.kind != "R")
        acquires = self.set_of(lambda e: e.order in ACQUIRES and e.kind != "W")
        writes = self.set_of(lambda e: e.writes and e.thread >= 0)
        reads = self.set_of(lambda e: e.reads)
        sequence = rf.limit(every, changes).closure().maybe()
        same = Relation(self.n).maybe()
        before = same | self.po.limit(fences, writes)
        after = same | self.po.limit(reads, fences)
        way = before.limit(releases, writes).then(sequence).then(rf)
        return way.limit(every, reads).then(after).limit(every, acquires)

    def psc(self, hb: Relation, eco: Relation, mo: Relation, rb: Relation) -> Relation:
        events, every = self.events, (1 << self.n) - 1
        accesses = self.set_of(lambda e: e.order == "seq_cst" and e.kind != "F")
        fences = self.set_of(lambda e: e.order == "seq_cst" and e.kind == "F")
        is_same = [
            sum(1 << j for j, f in enumerate(events) if e.cell and e.cell == f.cell)
            for e in events
        ]
        elsewhere = self.po.of(
            [row & ~is_same[a] for a, row in enumerate(self.po.rows)]
        )
        here = hb.of([row & is_same[a] for a, row in enumerate(hb.rows)])
        scb = self.po | elsewhere.then(hb).then(elsewhere) | here | mo | rb
        same = Relation(self.n).maybe()
        first = same.limit(accesses, every) | hb.maybe().limit(fences, every)
        last = same.limit(every, accesses) | hb.maybe().limit(every, fences)
        between = hb | hb.then(eco).then(hb)
        return first.then(scb).then(last) | between.limit(fences, fences)

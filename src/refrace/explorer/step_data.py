"""A graph of steps as data for the stepper: names, values, runs, and token parts."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from refrace.explorer.model.memory_state import MemoryState, memory_rows
from refrace.explorer.model.step_counts import Counts, counted
from refrace.explorer.model.step_graph import Edge, Node, StepGraph
from refrace.explorer.session import Session
from refrace.findings import FindingKind
from refrace.traces.outcome_text import in_order
from refrace.traces.run_events import mark_of
from refrace.traces.run_picture import worded
from refrace.traces.schedule import thread_of
from refrace.traces.step_cells import cells_of
from refrace.traces.steps import STOPPING, WORLD, TraceStep, Value
from refrace.traces.token import digest_text, packed_text

__all__ = ["FORMAT", "step_data"]

FORMAT = "refrace/steps"
VERSION = 1
LIVELOCK = str(FindingKind.LIVELOCK)

# What follows the keys of a step whose values depend on the run, not on the step.
_SOURCE = '"source": 0'
_OF_THE_RUN = ('"number": 0', '"preempts": false')


def step_data(session: Session, graph: StepGraph) -> dict[str, Any]:
    """Return everything that the stepper shows, ready for JSON."""
    return _Data(session, graph).whole()


class _Data:
    def __init__(self, session: Session, graph: StepGraph) -> None:
        self.session, self.graph = session, graph
        self.words = session.mode.words
        self.values: dict[str, int] = {}
        self.variables: dict[str, int] = {}
        self.steps: dict[str, int] = {}
        self.moves: dict[tuple[int, ...], int] = {}

    def whole(self) -> dict[str, Any]:
        session, nodes = self.session, self.graph.nodes
        counts = counted(
            [[edge.target for edge in node.edges] for node in nodes],
            [bool(node.kinds) for node in nodes],
        )
        kinds = [_kinds(node, count) for node, count in zip(nodes, counts, strict=True)]
        readers = [self._reader() for _ in nodes]
        states = [
            self._state(reader, node)
            for reader, node in zip(readers, nodes, strict=True)
        ]
        self._drop_constants(states)
        edges = [
            [self._edge(reader, edge) for edge in node.edges]
            for reader, node in zip(readers, nodes, strict=True)
        ]
        whole = {
            "format": FORMAT,
            "version": VERSION,
            "mode": session.mode.name,
            "gil": session.gil,
            "program": str(session.program).splitlines(),
            "threads": list(session.runners),
            "variables": list(self.variables),
            "values": list(self.values),
            "states": states,
            "steps": [json.loads(step) for step in self.steps],
            "edges": edges,
            "kinds": kinds,
            "waits": [self._waits(*pair) for pair in zip(readers, nodes, strict=True)],
            "runs": [_number(count.runs) for count in counts],
            "wrong": [_number(count.wrong) for count in counts],
            "texts": self._token_texts({kind for some in kinds for kind in some}),
        }
        if self.is_weak:
            whole["memory"] = session.memory.model
            whole["history"] = session.memory.history
            whole["moves"] = [list(messages) for messages in self.moves]
        return whole

    @property
    def is_weak(self) -> bool:
        """Whether steps choose what they read."""
        return self.session.memory.model != "sc"

    def _reader(self) -> MemoryState:
        graph = self.graph
        return MemoryState(self.session.lowered, graph.shape, graph.count_of)

    # -------------------------------------------------------------- one state

    def _state(self, reader: MemoryState, node: Node) -> list[int]:
        """Return the number of the value of each variable; -1 where it has none."""
        values = dict(self._variables(reader, node.words))
        values.update(
            memory_rows(reader, node.words, node.messages, node.unordered, self.words)
        )
        for name in values:
            self.variables.setdefault(name, len(self.variables))
        return [
            self._value(values[name]) if name in values else -1
            for name in self.variables
        ]

    def _drop_constants(self, states: list[list[int]]) -> None:
        """Remove the queues that are empty in every state."""
        kept = [
            place
            for name, place in self.variables.items()
            if not name.endswith(".queue")
            or len({state[place] for state in states if len(state) > place}) > 1
        ]
        for state in states:
            state[:] = [state[place] for place in kept if place < len(state)]
        names = list(self.variables)
        self.variables = {names[place]: new for new, place in enumerate(kept)}

    def _variables(
        self, reader: MemoryState, words: Sequence[int]
    ) -> Iterator[tuple[str, str]]:
        state = reader.state(words)
        shared = {**state.cells, **state.containers, **state.locks}
        for name, value in shared.items():
            yield name, _shown(value)
        for name, known in state.objects.items():
            yield f"{name} status", known.status
            yield f"{name} count", str(known.count)
            yield f"{name} true count", str(known.ledger)
            for part, value in known.fields.items():
                yield f"{name}.{part}", _shown(value)
        by_name = {word.name: word for word in self.words}
        for name, value in reader.kept_by_mode(words).items():
            yield name, ", ".join(worded(value, by_name.get(name.rpartition(".")[2])))
        for thread, locals_ in reader.locals(words).items():
            for name, value in locals_.items():
                yield f"{thread} {name}", _shown(value)
        for thread, sections in reader.sections(words).items():
            yield f"{thread} critical sections", f"[{', '.join(sections)}]"
        world = reader.world(words)
        if world is not None:
            yield WORLD, world
        for thread, buffer in reader.buffers(words).items():
            yield f"{thread} store buffer", f"[{', '.join(buffer)}]"

    def _value(self, text: str) -> int:
        return self.values.setdefault(text, len(self.values))

    def _waits(self, reader: MemoryState, node: Node) -> list[str]:
        said = []
        for thread, word in node.waits:
            wait = reader.wait(thread, word, node.words)
            held = f", which {wait.held_by} holds" if wait.held_by else ""
            if wait.place in (WORLD, STOPPING):
                held = f" {wait.whose}"
            what = f"for {wait.place or 'a value'}"
            if wait.place is not None and wait.held_by is None:
                what = f"at barrier {wait.place}"
            said.append(f"{wait.thread} waits {what}{held}")
        return said

    # --------------------------------------------------------------- one step

    def _edge(self, reader: MemoryState, edge: Edge) -> list[int]:
        """Return the code, the target and the step of an edge.

        Under C11 followed by the place of the message that it reads, from 1 on (0:
        none), and by where the messages of the next state come from.
        """
        seen = edge.seen
        known = seen._replace(preempts=False, source=None if seen.source is None else 0)
        step = reader.step(0, edge.code, known)
        cells = cells_of(_newest(step), self.words)
        data = {
            "thread": thread_of(edge.code),
            "does": cells.does,
            "place": cells.place,
            "value": cells.value,
            "notes": list(cells.notes),
            "line": step.program_line,
            "mark": mark_of(step),
            "source": ""
            if step.c_file is None
            else f"{step.c_file.rpartition('/')[2]}:{step.c_line}",
            "digest": _digest_parts(step),
        }
        memory = step.memory
        if memory is not None and memory.source is not None:
            data["reads"] = [_shown(memory.value), memory.is_old]
        text = json.dumps(data)
        number = self.steps.setdefault(text, len(self.steps))
        if not self.is_weak:
            return [edge.code, edge.target, number]
        moved = self.moves.setdefault(edge.messages, len(self.moves))
        return [edge.code, edge.target, number, seen.source or 0, moved]

    def _token_texts(self, kinds: set[str]) -> dict[str, str]:
        session = self.session
        return {
            kind: base64.b64encode(
                packed_text(
                    session.program,
                    session.mode.name,
                    session.gil,
                    kind,
                    session.memory.model,
                    session.memory.history,
                )
            ).decode()
            for kind in ["", *sorted(kinds)]
        }


def _kinds(node: Node, count: Counts) -> list[str]:
    if count.is_stuck:
        return [LIVELOCK]
    return [str(kind) for kind in in_order(map(FindingKind, node.kinds))]


def _newest(step: TraceStep) -> TraceStep:
    """Return a step without the note that it reads an old write, which has a number."""
    if step.memory is None:
        return step
    return replace(step, memory=replace(step.memory, is_old=False))


def _shown(value: Value) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_shown, value))}]"
    return "null" if value is None else str(value)


def _number(count: int | None) -> str | None:
    return None if count is None else str(count)


def _digest_parts(step: TraceStep) -> list[list[int]]:
    """Return the CRC-32 and the length of what the token's digest has of a step.

    The parts are those before, between and after what depends on the run: the step
    whose write it reads (C11, if it reads one), its number, and whether it preempts.
    """
    reads = step.memory is not None and step.memory.source is not None
    text = digest_text(step)
    parts = []
    for known in (_SOURCE, *_OF_THE_RUN) if reads else _OF_THE_RUN:
        key = known.rpartition(" ")[0] + " "
        place = text.index(known) + len(key)
        parts.append(text[:place])
        text = text[place + len(known) - len(key) :]
    parts.append(text)
    return [[zlib.crc32(part.encode()), len(part.encode())] for part in parts]

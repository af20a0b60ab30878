"""All states of a small program with every step between them, one by one.

Unlike the explorer's graph, it keeps threads apart that behave alike, so that a run can
be followed step by step.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from refrace._native import explorer as native_explorer
from refrace._native.explorer import Message, Seen, Shape, Unordered, Walk
from refrace.explorer.model.capacity import grow, kinds_of

__all__ = ["Edge", "MisusedAt", "Node", "StepGraph", "TooManyStates", "step_graph"]

LATENT = "dangling-free"
WALK_NEW = native_explorer.WALK_NEW


class TooManyStates(Exception):
    """The program has more states than the limit."""


class MisusedAt(Exception):
    """A schedule leads to an error of the program."""

    def __init__(self, schedule: tuple[int, ...]) -> None:
        super().__init__()
        self.schedule = schedule


NO_MESSAGES: tuple[int, ...] = ()


@dataclass(slots=True)
class Edge:
    """A step.

    Attributes
    ----------
    code : int
        The code of its choice.
    seen : Seen
        Its effect; under C11 `source` is the place of the message that it reads in
        the messages of the state before, counted from 1.
    target : int
        The number of the state after it.
    messages : tuple of int
        Of each message of the state after it, the place in the state before, counted
        from 1; 0 if this step wrote it.  Empty under sequential consistency.
    """

    code: int
    seen: Seen
    target: int
    messages: tuple[int, ...] = NO_MESSAGES


@dataclass(slots=True)
class Node:
    """A state, or the end of runs.

    Attributes
    ----------
    words : tuple of int
    memory : bytes
        The memory of C11; empty under sequential consistency.
    schedule : tuple of int
        The codes of a shortest way there.
    edges : list of Edge
        Empty at the end of a run.
    kinds : tuple of str
        The kinds of findings of a run that ends here.
    culprit : int
        The object of a finding of the last step; -1 if there is none.
    waits : list of (int, int)
        In a deadlock: each thread, and the word of the lock that it waits for.
    messages : list of Message
        The messages of its memory, by location and age.
    unordered : list of Unordered
        What does not happen before the next steps, although it may matter.
    """

    words: tuple[int, ...]
    memory: bytes
    schedule: tuple[int, ...]
    edges: list[Edge] = field(default_factory=list)
    kinds: tuple[str, ...] = ()
    culprit: int = -1
    waits: list[tuple[int, int]] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    unordered: list[Unordered] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class StepGraph:
    """The states, the first one first, and what is needed to read their words."""

    nodes: list[Node]
    shape: Shape
    count_of: Callable[[int, Sequence[int]], tuple[int, str]]


def step_graph(
    setting: tuple[native_explorer.Image, int, bool],
    max_states: int,
    on_look: Callable[[int], object],
) -> StepGraph:
    """Return the graph of a program in a mode, breadth first.

    Parameters
    ----------
    setting : (Image, number of the mode, whether the GIL is held)
    max_states : int
        The limit of states.
    on_look : callable
        Called with the number of states after each state.

    Raises
    ------
    TooManyStates
        If there are more states.
    MisusedAt
        If a run ends in an error of the program.
    ProgramTooLarge
        If a state outgrows the core.
    """
    capacity = [0] * native_explorer.N_CAPACITIES
    while True:
        building = _Building(setting, capacity, max_states)
        if building.run(on_look):
            return building.graph()
        grow(capacity, building.lacks)


class _Building:
    def __init__(
        self,
        setting: tuple[native_explorer.Image, int, bool],
        capacity: list[int],
        max_states: int,
    ) -> None:
        self._max_states = max_states
        self._nodes: list[Node] = []
        # A state is over if a step ended the run there; then it has kinds.
        self._numbers: dict[tuple[tuple[int, ...], bytes, int], int] = {}
        self._walk = Walk(*setting, -1, capacity)
        self._latent = self._walk.shape().latent
        self.lacks = 0

    def graph(self) -> StepGraph:
        return StepGraph(self._nodes, self._walk.shape(), self._walk.count_of)

    def run(self, on_look: Callable[[int], object]) -> bool:
        """Return False if a state needs more capacity."""
        progress = self._walk.begin()
        if progress == "grow":
            self.lacks = self._walk.numbers().lacks
            return False
        self._number(0, ())
        if progress == "ended":
            self._end(self._nodes[0])
            return True
        place = 0
        while place < len(self._nodes):
            node = self._nodes[place]
            on_look(len(self._nodes))
            # The end of a run by a finding has its kinds from the step that led there.
            if not node.kinds and not self._expand(node):
                return False
            place += 1
        return True

    def _number(self, kinds: int, schedule: tuple[int, ...]) -> int:
        """Return the number of the state of the walk."""
        walk = self._walk
        words = tuple(walk.words())
        # After a finding nobody reads any more.
        memory = b"" if kinds else walk.memory()
        number = self._numbers.setdefault((words, memory, kinds), len(self._nodes))
        if number == len(self._nodes):
            if number >= self._max_states:
                raise TooManyStates
            node = Node(words, memory, schedule)
            if not kinds:
                node.messages, node.unordered = walk.messages(), walk.unordered()
            self._nodes.append(node)
        return number

    def _expand(self, node: Node) -> bool:
        """Add the steps of a state; return False if one needs more capacity."""
        walk = self._walk
        progress = walk.resume(node.words, node.memory)
        if progress == "ended":
            self._end(node)
            return True
        if progress == "grow":
            self.lacks = walk.numbers().lacks
            return False
        for code in walk.choices():
            walk.resume(node.words, node.memory)
            seen = walk.look(code)
            if seen.progress == "misused":
                raise MisusedAt((*node.schedule, code))
            if seen.progress == "grow" or walk.take(code) == "grow":
                self.lacks = walk.numbers().lacks
                return False
            kinds = seen.kinds if seen.progress == "ended" else 0
            target = self._number(kinds, (*node.schedule, code))
            after = self._nodes[target]
            if kinds and not after.kinds:
                latent = [LATENT] if after.words[self._latent] else []
                after.kinds = tuple(dict.fromkeys([*latent, *kinds_of(kinds)]))
                after.culprit = seen.culprit
            messages = walk.messages() if after.messages else ()
            sources = tuple(message.source % WALK_NEW for message in messages)
            node.edges.append(Edge(code, seen, target, sources))
        return True

    def _end(self, node: Node) -> None:
        """Note how the runs end that end in a state."""
        node.kinds = tuple(kinds_of(self._walk.numbers().kinds))
        if "deadlock" in node.kinds:
            node.waits = self._walk.waits()

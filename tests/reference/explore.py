"""Explores every schedule of a race program, slowly and plainly.

Equal states are merged into one node of a graph; the numbers of runs, their
probabilities and the smallest counterexamples are then read off the graph.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple

from .counting import MODES
from .graph import components, solve, unable_to_reach
from .parse import parse
from .state import Finding, State, initial_state
from .steps import Branch, Machine


class Shortest(NamedTuple):
    """The cheapest way to a finding, and the threads that take it, step by step.

    In the schedule `T1+` is a `maybe` that is taken, `T1~` a drain of T1's buffer,
    `T1!` an interrupt of T1 (`T1!2` the second that is declared for it).
    """

    preemptions: int
    steps: int
    schedule: tuple[str, ...]


class Outcome(NamedTuple):
    """How many runs end so (None: infinitely many) and with what probability."""

    interleavings: int | None
    probability: Fraction


@dataclass
class Exploration:
    """The answer of the reference explorer."""

    verdict: str
    findings: dict[str, Shortest]
    interleavings: int | None
    outcomes: dict[frozenset[str], Outcome]
    states: int


@dataclass
class Graph:
    """Node 0 is the start; a successor is a node or the set of kinds of an end."""

    successors: list[list[tuple[Branch, int | frozenset[str]]]]
    latent: list[frozenset[str]] = field(default_factory=list)


class TooManyStates(Exception):
    """The program has more states than the explorer may look at."""


def explore(
    text: str,
    mode: str = "atomic",
    gil: str = "released",
    max_states: int = 1_000_000,
    machine_type: type[Machine] = Machine,
) -> Exploration:
    """Explore a race program exhaustively.

    Raises
    ------
    InvalidProgram
        The text is no program, or some schedule breaks a rule of the language.
    TooManyStates
        More than `max_states` different states were met.
    """
    if mode not in MODES or gil not in ("released", "held"):
        raise ValueError(f"no such mode or GIL setting: {mode!r}, {gil!r}")
    machine = machine_type(parse(text), mode, gil)
    start = initial_state(machine.program)
    try:
        machine.begin(start)
        if not machine.branches(start):
            return only_one_run(machine.verdict(start))
    except Finding as found:
        return only_one_run(frozenset({found.kind}))
    graph = build(machine, start, max_states)
    lost = unable_to_reach_an_end(graph)
    findings = shortest(graph, lost)
    outcomes = outcomes_of(graph, lost)
    counts = [outcome.interleavings for outcome in outcomes.values()]
    return Exploration(
        "corrupt" if findings else "safe",
        findings,
        None if None in counts else sum(counts),
        outcomes,
        len(graph.successors),
    )


def only_one_run(kinds: frozenset[str]) -> Exploration:
    """Answer for a program in which no step is ever taken."""
    findings = {kind: Shortest(0, 0, ()) for kind in kinds}
    outcomes = {kinds: Outcome(1, Fraction(1))}
    return Exploration("corrupt" if kinds else "safe", findings, 1, outcomes, 1)


def build(machine: Machine, start: State, max_states: int) -> Graph:
    """Build the graph of all states, breadth first."""
    numbers = {start.key(): 0}
    states, graph = [(start, machine.branches(start))], Graph([], [start.latent])
    for state, branches in states:  # grows while it is walked
        found = []
        for branch in branches:
            after = state.copy()
            try:
                machine.take(after, branch)
            except Finding as finding:
                found.append((branch, after.latent | {finding.kind}))
                continue
            ahead = machine.branches(after)
            if not ahead:
                found.append((branch, after.latent | machine.verdict(after)))
                continue
            number = numbers.setdefault(after.key(), len(states))
            if number == len(states):
                if number == max_states:
                    raise TooManyStates(max_states)
                states.append((after, ahead))
                graph.latent.append(after.latent)
            found.append((branch, number))
        graph.successors.append(found)
    return graph


def unable_to_reach_an_end(graph: Graph) -> set[int]:
    """Return the livelocked nodes: no way on from them ends a run."""
    edges = [
        [to for _, to in found if isinstance(to, int)] for found in graph.successors
    ]
    ends = {
        node
        for node, found in enumerate(graph.successors)
        if any(not isinstance(to, int) for _, to in found)
    }
    return unable_to_reach(edges, ends)


def shortest(graph: Graph, lost: set[int]) -> dict[str, Shortest]:
    """Find the fewest preemptions, then fewest steps, to every kind of finding.

    Dijkstra's algorithm over pairs of a node and the thread that stepped last.
    """
    found: dict[str, Shortest] = {}
    queue: list[tuple] = [(0, 0, (), 0, None)]
    done = set()
    while queue:
        preemptions, steps, schedule, node, last = heapq.heappop(queue)
        if (node, last) in done:
            continue
        done.add((node, last))
        for kind in graph.latent[node] | ({"livelock"} if node in lost else set()):
            best = found.get(kind)
            if best is None or (preemptions, steps) < best[:2]:
                found[kind] = Shortest(preemptions, steps, schedule)
        if node in lost:
            continue
        ready = {
            branch.thread
            for branch, _ in graph.successors[node]
            if not branch.is_drain and branch.interrupt is None
        }
        for branch, to in graph.successors[node]:
            switch = not branch.is_drain and branch.thread != last and last in ready
            mark = "~" if branch.is_drain else "+" if branch.taken else ""
            if branch.interrupt is not None:
                mark = f"!{branch.interrupt + 1 if branch.interrupt else ''}"
            label = branch.thread + mark
            cost = (preemptions + switch, steps + 1, (*schedule, label))
            if isinstance(to, int):
                now = last if branch.is_drain else branch.thread
                heapq.heappush(queue, (*cost, to, now))
            else:
                for kind in to:
                    best = found.get(kind)
                    if best is None or cost[:2] < best[:2]:
                        found[kind] = Shortest(*cost)
    return found


def outcomes_of(graph: Graph, lost: set[int]) -> dict[frozenset[str], Outcome]:
    """Count the runs to each outcome and add up their probabilities.

    Components of the graph come children first.  Where there is no cycle, the
    answer of a node is the sum over its branches; in a cycle every reachable
    outcome has infinitely many runs, and the probabilities solve linear equations.
    """
    successors = [
        [] if node in lost else [to for _, to in found]
        for node, found in enumerate(graph.successors)
    ]
    edges = [[to for to in found if isinstance(to, int)] for found in successors]
    answers: list[dict[frozenset[str], Outcome]] = [{} for _ in successors]
    for component in components(edges):
        first = component[0]
        if first in lost:
            kinds = graph.latent[first] | {"livelock"}
            answers[first] = {kinds: Outcome(1, Fraction(1))}
        elif len(component) > 1 or first in edges[first]:
            cyclic_answers(component, successors, answers)
        else:
            answers[first] = sum_over_branches(successors[first], answers)
    return answers[0]


def sum_over_branches(successors: list, answers: list) -> dict:
    total: dict[frozenset[str], Outcome] = {}
    for to in successors:
        branch = answers[to] if isinstance(to, int) else {to: Outcome(1, Fraction(1))}
        for kinds, (runs, probability) in branch.items():
            runs_so_far, so_far = total.get(kinds, Outcome(0, Fraction(0)))
            infinite = runs is None or runs_so_far is None
            total[kinds] = Outcome(
                None if infinite else runs + runs_so_far,
                so_far + probability / len(successors),
            )
    return total


def cyclic_answers(component: list[int], successors: list, answers: list) -> None:
    """Fill in the answers of the nodes of one cyclic component."""
    inside = set(component)
    # Within the component nothing is known yet, so these sums are what leaves it.
    leaving = {node: sum_over_branches(successors[node], answers) for node in component}
    every_kinds = {kinds for answer in leaving.values() for kinds in answer}
    for kinds in every_kinds:
        equations = {}
        for node in component:
            share = Fraction(1, len(successors[node]))
            weights: dict[int, Fraction] = {}
            for to in successors[node]:
                if to in inside:
                    weights[to] = weights.get(to, Fraction(0)) + share
            known = leaving[node].get(kinds)
            equations[node] = (weights, known.probability if known else Fraction(0))
        for node, probability in solve(equations).items():
            answers[node][kinds] = Outcome(None, probability)

"""How many runs go on from each state of a graph, and how many of them go wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

__all__ = ["Counts", "counted"]


@dataclass(frozen=True, slots=True)
class Counts:
    """The runs from one state on.

    Attributes
    ----------
    runs, wrong : int or None
        All of them, and those with findings; None if a cycle makes them infinitely
        many.
    is_stuck : bool
        Whether no run from here ever ends: a livelock, which counts as one run.
    """

    runs: int | None
    wrong: int | None
    is_stuck: bool


def counted(targets: Sequence[Sequence[int]], is_wrong: Sequence[bool]) -> list[Counts]:
    """Return the counts of each state, exactly.

    Parameters
    ----------
    targets : sequence of sequence of int
        For each state, the states after its steps; none at the end of a run.
    is_wrong : sequence of bool
        For each state that is the end of a run, whether the run has findings.
    """
    n_states = len(targets)
    ends = [not after for after in targets]
    can_end, can_fail = [False] * n_states, [False] * n_states
    runs: list[int | None] = [None] * n_states
    wrong: list[int | None] = [None] * n_states
    for group in _components(targets):
        is_cycle = len(group) > 1 or group[0] in targets[group[0]]
        after = [target for state in group for target in targets[state]]
        ending = any(ends[s] for s in group) or any(can_end[t] for t in after)
        failing = any(ends[s] and is_wrong[s] for s in group)
        failing = failing or any(can_fail[t] for t in after)
        for state in group:
            can_end[state], can_fail[state] = ending, failing or not ending
            if ends[state]:
                runs[state], wrong[state] = 1, int(is_wrong[state])
            elif not ending:  # the livelock is the end, as in an exploration
                runs[state] = wrong[state] = 1
            elif is_cycle:
                runs[state], wrong[state] = None, None if failing else 0
            else:
                runs[state] = _sum([runs[t] for t in targets[state]])
                wrong[state] = _sum([wrong[t] for t in targets[state]])
    return [
        Counts(runs[state], wrong[state], not can_end[state])
        for state in range(n_states)
    ]


def _sum(parts: list[int | None]) -> int | None:
    known = [part for part in parts if part is not None]
    return sum(known) if len(known) == len(parts) else None


def _components(targets: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    """Yield the strongly connected components, each after those that it leads to.

    R. Tarjan, "Depth-first search and linear graph algorithms", 1972; without
    recursion.
    """
    order: dict[int, int] = {}
    low: dict[int, int] = {}
    stack: list[int] = []
    on_stack: set[int] = set()
    for root in range(len(targets)):
        if root in order:
            continue
        work = [(root, iter(targets[root]))]
        order[root] = low[root] = len(order)
        stack.append(root)
        on_stack.add(root)
        while work:
            state, rest = work[-1]
            target = next(rest, None)
            if target is None:
                work.pop()
                if work:
                    above = work[-1][0]
                    low[above] = min(low[above], low[state])
                if low[state] == order[state]:
                    place = stack.index(state)
                    group = stack[place:]
                    del stack[place:]
                    on_stack.difference_update(group)
                    yield group
            elif target not in order:
                order[target] = low[target] = len(order)
                stack.append(target)
                on_stack.add(target)
                work.append((target, iter(targets[target])))
            elif target in on_stack:
                low[state] = min(low[state], order[target])

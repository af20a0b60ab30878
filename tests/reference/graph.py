"""Three textbook algorithms on small graphs, kept apart from what they are used for."""

from __future__ import annotations

from fractions import Fraction


def unable_to_reach(edges: list[list[int]], goals: set[int]) -> set[int]:
    """Return the nodes from which no goal can be reached."""
    sources: list[list[int]] = [[] for _ in edges]
    for node, targets in enumerate(edges):
        for target in targets:
            sources[target].append(node)
    able, waiting = set(goals), list(goals)
    while waiting:
        for source in sources[waiting.pop()]:
            if source not in able:
                able.add(source)
                waiting.append(source)
    return set(range(len(edges))) - able


def components(edges: list[list[int]]) -> list[list[int]]:
    """Return the strongly connected components reachable from node 0, last ones first.

    Tarjan's algorithm without recursion.
    """
    index: dict[int, int] = {}
    low: dict[int, int] = {}
    path: list[int] = []
    on_path: set[int] = set()
    found: list[list[int]] = []
    work = [(0, iter(edges[0]))]
    index[0] = low[0] = 0
    path.append(0)
    on_path.add(0)
    while work:
        node, targets = work[-1]
        for target in targets:
            if target not in index:
                index[target] = low[target] = len(index)
                path.append(target)
                on_path.add(target)
                work.append((target, iter(edges[target])))
                break
            if target in on_path:
                low[node] = min(low[node], index[target])
        else:
            work.pop()
            if work:
                parent = work[-1][0]
                low[parent] = min(low[parent], low[node])
            if low[node] == index[node]:
                found.append([])
                while node in on_path:
                    found[-1].append(path.pop())
                    on_path.remove(found[-1][-1])
    return found


def solve(
    equations: dict[int, tuple[dict[int, Fraction], Fraction]],
) -> dict[int, Fraction]:
    """Solve x = sum of weight * y + constant, exactly, by eliminating one by one.

    The sums of the weights are at most 1 and some way leads out, so that the
    solution exists and is unique.
    """
    left = {node: (dict(weights), c) for node, (weights, c) in equations.items()}
    order = list(left)
    for place, node in enumerate(order):
        weights, constant = left[node]
        scale = 1 / (1 - weights.pop(node, Fraction(0)))
        weights = {to: weight * scale for to, weight in weights.items()}
        constant *= scale
        left[node] = (weights, constant)
        for later in order[place + 1 :]:
            others, other_constant = left[later]
            factor = others.pop(node, None)
            if factor is not None:
                for to, weight in weights.items():
                    others[to] = others.get(to, Fraction(0)) + factor * weight
                left[later] = (others, other_constant + factor * constant)
    values: dict[int, Fraction] = {}
    for node in reversed(order):
        weights, constant = left[node]
        values[node] = constant + sum(w * values[to] for to, w in weights.items())
    return values

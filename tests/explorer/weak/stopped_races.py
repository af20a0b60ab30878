"""How small programs of plain accesses and stops can end, found by vector clocks.

Nothing here is shared with the machine: the rules are those of docs/language.md.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from typing import TypeAlias

Clock: TypeAlias = tuple[int, ...]

TEXTS = {
    "W0": "U = 1 plain",
    "R0": "k = U plain",
    "W1": "V = 1 plain",
    "R1": "k = V plain",
    "gil": "gil",
    "lock": "lock L",
    "unlock": "unlock L",
    "detach": "detach",
    "attach": "attach",
    "[": "stop_world { gil",
    "]": "}",
}
# What each needs, and what it leaves: is L held, detached, in a stop?
NEEDS = {
    "lock": (False, None, None),
    "unlock": (True, None, None),
    "detach": (None, False, False),
    "attach": (None, True, None),
    "gil": (None, False, None),
    "[": (False, False, False),
    "]": (None, None, True),
}
LEAVES = {
    "lock": (0, True),
    "unlock": (0, False),
    "detach": (1, True),
    "attach": (1, False),
    "[": (2, True),
    "]": (2, False),
}


@dataclass(frozen=True)
class State:
    """Where all threads are, and what happens before their next steps."""

    at: tuple[int, ...]
    clocks: tuple[Clock, ...]
    detached: tuple[bool, ...]
    given: tuple[Clock, ...]  # by `detach` and by stops, for the next `attach`
    freed: Clock  # by `unlock`
    reads: tuple[Clock, Clock]  # of U and V: when each thread last did it
    writes: tuple[Clock, Clock]
    holder: int = -1
    stopper: int = -1
    is_stopped: bool = False


def random_bodies(rng: random.Random) -> list[list[str]]:
    """Return the steps of two or three threads."""
    n_threads = rng.choice([2, 2, 3])
    bodies = []
    for _ in range(n_threads):
        body, has = [], [False, False, False]
        for _ in range(rng.randint(1, 5 if n_threads == 2 else 4)):
            step = rng.choice(list(TEXTS))
            needs = NEEDS.get(step, (None, None, None))
            if any(n not in (None, h) for n, h in zip(needs, has, strict=True)):
                continue
            if step in LEAVES:
                which, value = LEAVES[step]
                has[which] = value
            body.append(step)
        body += ["]"] * has[2] + ["attach"] * has[1] + ["unlock"] * has[0]
        bodies.append(body)
    return bodies


def text_of(bodies: list[list[str]]) -> str:
    """Return the program; each stop begins with a `gil`, since a block has a step."""
    threads = [
        f"T{i}: k = 0 ; {' ; '.join(TEXTS[step] for step in body)}"
        for i, body in enumerate(bodies, 1)
    ]
    return "\n".join(["int U = 0", "int V = 0", "lock L", *threads])


def join(one: Clock, other: Clock) -> Clock:
    return tuple(map(max, one, other))


def put(items: tuple, i: int, value: object) -> tuple:
    return (*items[:i], value, *items[i + 1 :])


class Races:
    """All runs of a program."""

    def __init__(self, bodies: list[list[str]]) -> None:
        # The `gil` behind the beginning of a stop is a step of its own.
        self._bodies = [
            [one for step in body for one in ([step, "gil"] if step == "[" else [step])]
            for body in bodies
        ]

    def ends(self) -> set[frozenset[str]]:
        """Return the sets of kinds in which runs end."""
        n = len(self._bodies)
        none = (0,) * n
        first = State(
            at=none,
            clocks=tuple(put(none, t, 1) for t in range(n)),
            detached=(False,) * n,
            given=(none,) * n,
            freed=none,
            reads=(none, none),
            writes=(none, none),
        )
        ends, seen, waiting = set(), {first}, [first]
        while waiting:
            state = waiting.pop()
            threads = [t for t in range(n) if self._can_step(state, t)]
            if not threads:
                is_over = all(self._step_of(state, t) == "" for t in range(n))
                ends.add(frozenset() if is_over else frozenset({"deadlock"}))
            for t in threads:
                after = self._stepped(state, t)
                if after is None:
                    ends.add(frozenset({"data-race"}))
                elif after not in seen:
                    seen.add(after)
                    waiting.append(after)
        return ends

    def _step_of(self, s: State, t: int) -> str:
        body = self._bodies[t]
        return body[s.at[t]] if s.at[t] < len(body) else ""

    def _has_stopped(self, s: State, t: int) -> bool:
        step = self._step_of(s, t)
        waits = step == "lock" and s.holder >= 0
        return s.detached[t] or waits or step in ("gil", "[", "")

    def _can_step(self, s: State, t: int) -> bool:
        step = self._step_of(s, t)
        if step == "" or (step == "lock" and s.holder >= 0):
            return False
        if s.stopper >= 0 and s.stopper != t:
            if s.detached[t]:
                return step != "attach"
            return not s.is_stopped and step not in ("gil", "[")
        others = [other for other in range(len(s.at)) if other != t]
        return not (step == "[" and s.stopper == t) or all(
            self._has_stopped(s, other) for other in others
        )

    def _stepped(self, s: State, t: int) -> State | None:
        step, mine = self._step_of(s, t), s.clocks[t]
        if step == "[" and s.stopper < 0:
            return replace(s, stopper=t)
        s = replace(s, at=put(s.at, t, s.at[t] + 1))
        if step[0] in "WR":
            return self._accessed(s, t, int(step[1]), step[0] == "W")
        if step == "[":
            for other in range(len(s.at)):
                left = s.given if s.detached[other] else s.clocks
                mine = join(mine, left[other])
            s = replace(s, is_stopped=True)
        elif step == "]":
            for other in range(len(s.at)):
                name = "given" if s.detached[other] else "clocks"
                left = getattr(s, name)
                s = replace(s, **{name: put(left, other, join(left[other], mine))})
            s = replace(s, stopper=-1, is_stopped=False)
        elif step == "lock":
            mine = join(mine, s.freed)
            s = replace(s, holder=t)
        elif step == "unlock":
            s = replace(s, holder=-1, freed=join(s.freed, mine))
        elif step in ("detach", "attach"):
            mine = join(mine, s.given[t])
            s = replace(s, detached=put(s.detached, t, step == "detach"))
            s = replace(s, given=put(s.given, t, mine))
        return replace(s, clocks=put(s.clocks, t, put(mine, t, mine[t] + 1)))

    def _accessed(self, s: State, t: int, x: int, writes: bool) -> State | None:
        mine = s.clocks[t]
        others = [other for other in range(len(s.at)) if other != t]
        if any(s.writes[x][o] > mine[o] for o in others):
            return None
        if writes and any(s.reads[x][o] > mine[o] for o in others):
            return None
        name = "writes" if writes else "reads"
        was = getattr(s, name)
        return replace(s, **{name: put(was, x, put(was[x], t, mine[t]))})

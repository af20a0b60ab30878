"""Random programs with detached threads, nearly always correct."""

from __future__ import annotations

from random import Random

from explorer.model.generate_queued import random_body
from explorer.model.generate_quiescent import QuiescentGenerator

WHILE_DETACHED = (
    "use x",
    "put x",
    "N = 1",
    "await N",
    "k = finc N",
    "z = S ; if z != null { use z }",
    "lock L ; k = N ; unlock L",
    "lock x.m ; unlock x.m",
    "gil",
    "fence",
)
WHILE_ATTACHED = ("N = 1", "await N", "lock L ; N = 1 ; unlock L", "gil")
MISUSES = ("incref x", "decref x", "quiesce", "detach", "n = new M", "free x")
SELDOM = 2  # of a hundred: something that is an error of the program


class DetachedGenerator(QuiescentGenerator):
    """One program of anything, in which some blocks are slept through."""

    is_detached = False

    def object_steps(self, known: list[str]) -> list[str]:
        if not self.is_detached:
            return super().object_steps(known)
        x = self.random.choice(known)
        rare = [f"{self.random.choice(['decref', 'free'])} {x}"]
        return [f"use {x}", f"put {x}", *(rare if self.chance(SELDOM) else ())]

    def cell_steps(self, known: list[str]) -> list[str]:
        steps = super().cell_steps(known)
        return [s for s in steps if not (self.is_detached and "upgrade" in s)]

    def other_steps(self, depth: int) -> list[str]:
        if self.is_detached:
            return ["gil", *(["quiesce"] if self.chance(SELDOM) else ())]
        rare = ["detach", "attach"] if self.chance(SELDOM) else []
        return [*super().other_steps(depth), *rare]

    def blocks(self, known: list[str], numbers: list[str]) -> list[str]:
        found = super().blocks(known, numbers)
        return found if self.is_detached else [*found, *["detach {"] * 4]

    def block(
        self, opening: str, known: list[str], numbers: list[str], depth: int
    ) -> str:
        """What a detached thread loads is known once it is attached."""
        if opening != "detach {":
            return super().block(opening, known, numbers, depth)
        self.is_detached = True
        inside = self.statements(known, numbers, depth + 1) or "gil"
        self.is_detached = False
        return f"detach\n{inside}\nattach"


def random_detached(seed: int) -> str:
    """Return the text of a small program; the same for the same seed."""
    random = Random(seed)
    threads, length = random.choice([(1, 6), (2, 4), (2, 5), (3, 2), (3, 3)])
    return DetachedGenerator(random, threads, length).program()


class CountingGenerator(DetachedGenerator):
    """The same, but detached threads count and destroy too."""

    def object_steps(self, known: list[str]) -> list[str]:
        if not self.is_detached:
            return super().object_steps(known)
        x = self.random.choice(known)
        return [
            *(f"use {x}", f"incref {x}", f"decref {x}", f"decref {x}"),
            *(f"b = try_incref {x}", f"u = unique {x}", f"decref_rlx {x}"),
            *(f"dealloc {x}", f"free {x}"),
        ]


def random_counts_detached(seed: int) -> str:
    """Return the text of a small program whose detached threads count."""
    random = Random(seed)
    threads, length = random.choice([(1, 4), (2, 3), (2, 4), (3, 2)])
    return CountingGenerator(random, threads, length).program()


def random_sleep(random: Random) -> str:
    inside = random.choices(WHILE_DETACHED, k=random.choice([0, 1, 1, 2]))
    if random.randrange(100) < 3 * SELDOM:
        inside.append(random.choice(MISUSES))
    return " ; ".join(["detach", *inside, "attach"])


def random_body_detached(random: Random, length: int) -> str:
    parts = [random_body(random, 1) for _ in range(length)]
    if random.random() < 0.3:
        parts.insert(random.randint(0, length), random.choice(WHILE_ATTACHED))
    if random.random() < 0.75:
        parts.insert(random.randint(0, length), random_sleep(random))
    return " ; ".join(parts)


def random_queued_detached(seed: int) -> str:
    """Return a program on one object that a thread owns, which may be detached."""
    random = Random(seed)
    n_threads, length = random.choice([(2, 1), (2, 1), (2, 2), (3, 1)])
    options = random.choice(["", "", "", " final bye", " field f=B", " stable"])
    slot = random.choice(["A", "null", "null"])
    lines = [f"obj A{options}", f"slot S = {slot}", "int N = 0", "lock L"]
    names = [f"T{number}" for number in range(1, n_threads + 1)]
    lines += [
        f"{random.choice(['hold', 'hold', 'borrow'])} {name}.x = A" for name in names
    ]
    if "field" in options:
        lines += [f"{random.choice(['hold', 'borrow'])} {names[0]}.y = B"]
    bodies = [random_body_detached(random, length) for _ in names]
    if random.random() < 0.3:
        bodies[1:] = [bodies[1]] * (n_threads - 1)
    lines += [f"{name}: {body}" for name, body in zip(names, bodies, strict=True)]
    if "bye" in options:
        lines.append(
            f"fn bye: {random.choice(['use self', 'detach ; N = 1 ; attach'])}"
        )
    return "\n".join(lines)

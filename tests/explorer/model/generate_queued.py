"""Random programs in which threads drop what others own, and see to it or not."""

from __future__ import annotations

from random import Random

DROPS = ("decref x", "decref x", "decref x", "incref x ; decref x", "decref_rlx x")
STEPS = (
    "incref x",
    "use x",
    "quiesce",
    "quiesce",
    "u = unique x",
    "b = try_incref x",
    "b = try_incref x ; if b == 1 { decref x }",
    "z = upgrade S ; if z != null { decref z }",
    "o = swap S null ; if o != null { decref o }",
    "n = new M ; o = swap S n ; if o != null { decref o }",
)
SELDOM = 3  # of a hundred: `dealloc x`, after which little else is found


def random_body(random: Random, length: int) -> str:
    parts = []
    for _ in range(length):
        chosen = random.choice(random.choice([DROPS, STEPS]))
        parts.append("dealloc x" if random.randrange(100) < SELDOM else chosen)
    return " ; ".join(parts)


def random_queued(seed: int) -> str:
    """Return a program of two or three threads on one object that a thread owns."""
    random = Random(seed)
    n_threads, length = random.choice([(2, 2), (2, 3), (3, 1), (3, 1)])
    options = random.choice(["", "", "", " final bye", " field f=B", " stable"])
    lines = [f"obj A{options}", f"slot S = {random.choice(['A', 'null', 'null'])}"]
    names = [f"T{number}" for number in range(1, n_threads + 1)]
    lines += [
        f"{random.choice(['hold', 'hold', 'hold', 'borrow'])} {name}.x = A"
        for name in names
    ]
    bodies = [random_body(random, length) for _ in names]
    if random.random() < 0.3:
        bodies[1:] = [bodies[1]] * (n_threads - 1)
    lines += [f"{name}: {body}" for name, body in zip(names, bodies, strict=True)]
    lines += ["fn bye: use self"] if "bye" in options else []
    return "\n".join(lines)

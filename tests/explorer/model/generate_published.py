"""Random programs that make objects, link them, put them where others look."""

from __future__ import annotations

from random import Random

COUNT = (
    "incref {0}",
    "decref {0}",
    "incref {0} ; decref {0}",
    "b = try_incref {0}",  # a step more where the object is local
    "b = try_incref {0}",
    "u = unique {0}",
)
PUT = ("S = {0}", "R = {0}", "append C {0}", "o = swap S {0}", "c = cas S null {0}")
LINK = (
    "n.f = k",
    "k.f = n",
    "d = cas n.f null k",
    "n.f = k ; S = n ; b = try_incref k",
    "k.f = n ; append C k ; b = try_incref n",
)
TAKE = ("x = S", "x = R", "x = pop C", "x = upgrade S")


def random_body(random: Random, has_a: bool) -> str:
    """Return the body of one thread; it uses `a` where it has one."""
    made = (
        ["n = new N", "k = new N"] if random.random() < 0.5 else ["n = new N ; k = n"]
    )
    parts = [*made, "use a"] if has_a else made
    objects = ["n", "k", *("a" if has_a else "")]
    for _ in range(random.choice([2, 2, 3])):
        kind = random.choice([COUNT, COUNT, PUT, PUT, LINK, LINK, TAKE])
        if kind is LINK and has_a and random.random() < 0.2:
            parts.append("a.f = n")
        elif kind is TAKE:
            parts.append(random.choice(TAKE))
            objects.append("x")
        else:
            parts.append(random.choice(kind).format(random.choice(objects)))
    parts.append(random.choice(COUNT[:3]).format(random.choice(objects)))
    return " ; ".join(parts)


def random_publication(seed: int) -> str:
    """Return a program of two threads; it is legal, and seldom right."""
    random = Random(seed)
    field = random.choice(["field", "rawfield"])
    points_to = random.choice(["null", "null", "B"])
    lines = [f"type N {field} f=null", "slot S = null", "raw R = null", "vec C = []"]
    lines.append(f"obj A field f={points_to}{random.choice(['', ' max 2'])}")
    if random.random() < 0.2:
        lines.append("slot Q = A")
    bodies = []
    for thread in ("T1", "T2"):
        how = random.choice(["hold", "borrow", None])
        lines += [f"{how} {thread}.a = A"] if how else []
        bodies.append(f"{thread}: {random_body(random, how is not None)}")
    return "\n".join(lines + bodies)

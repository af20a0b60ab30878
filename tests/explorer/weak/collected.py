"""Random programs with memory orders, collections and weak references."""

from __future__ import annotations

import random

STEPS = (
    *("X = 1 relaxed", "X = 1 release", "v = X relaxed", "v = X acquire", "X = 2"),
    *("use x", "put x", "incref x", "decref x", "gil", "fence acquire"),
    *("n = finc X relaxed", "fence release", "collect", "collect", "Z = 1 plain"),
    *("n = Z plain", "z = upgrade W ; if z != null { decref z }", "W = x relaxed"),
    *("z = upgrade W ; if z != null { use z ; decref z }", "y = W relaxed", "W = null"),
    *("v = X relaxed ; if v == 1 { use x }", "y = W ; if y != null { use y }"),
    *("k = x.f relaxed ; if k != null { use k }", "x.f = null relaxed", "untrack x"),
    *("k = swap x.f null relaxed ; if k != null { decref k }", "k = x.f plain"),
    *("detach ; use x ; attach", "detach ; X = 1 relaxed ; attach", "n = X ; n = Z"),
    *("detach ; k = x.f ; attach", "detach ; x.f = null relaxed ; attach"),
    *("v = X relaxed ; assert v < 2", "p = new N ; p.f = p ; collect", "Z = 2 plain"),
    *("p = new N ; S = p relaxed", "p = S relaxed ; if p != null { use p ; S = null }"),
)
BODIES = (
    *("X = 1 relaxed", "use self", "Z = 1 plain", "v = X ; assert v == 0", "gil"),
    *("fence acquire ; n = Z plain", "W = self relaxed", "incref self ; S = self"),
)


def random_orders(seed: int, length: tuple[int, ...] = (3, 2, 2)) -> str:
    """Two or three threads around a cycle, the first of which often collects.

    `length` has the most steps of each thread, for one, two and three threads.
    """
    rng = random.Random(seed)
    n_threads = rng.choice([1, 2, 2, 3])
    shape = rng.choice(["f=B", "f=A", "f=null"])
    back = rng.choice(["f=A", "f=A", "f=null"])
    final = rng.choice(["", "", " final bye"])
    calls = rng.choice(["", " calls cb"])
    lines = ["int X = 0", "int Z = 0", f"obj A gc field {shape}{final}"]
    lines += [f"obj B gc field {back}", "type N gc field f=null", "slot S = null"]
    lines.append(f"weak W = {rng.choice(['A', 'A', 'B', 'null'])}{calls}")
    lines += [
        f"{rng.choice(['hold', 'borrow'])} T{t}.x = {rng.choice('AAB')}"
        for t in range(1, n_threads + 1)
    ]
    for t in range(1, n_threads + 1):
        body = rng.choices(STEPS, k=rng.randint(1, length[n_threads - 1]))
        if t == 1:
            body.insert(rng.randint(0, len(body)), rng.choice(["collect", "decref x"]))
        lines.append(f"T{t}: v = 0 ; {' ; '.join(body)}")
    lines.append(f"fn bye: {rng.choice(BODIES)}")
    lines.append(f"fn cb: {rng.choice(BODIES[:1] + BODIES[2:5])}")
    return "\n".join(lines)

"""Random programs with interrupts: of locks, of counts, of updates in two steps."""

from __future__ import annotations

from random import Random

_STEPS = (
    *("gil", "N = 1", "k = N ; k = k + 1 ; N = k", "await N", "n = finc N"),
    *("incref x", "decref x", "use x", "S = x", "old = swap S null"),
    *("lock L ; unlock L", "lock M ; N = 2 ; unlock M", "call g", "put x ; fence"),
    "detach ; N = 1 ; attach",
)
_HANDLERS = (
    *("lock L ; unlock L", "lock M ; unlock M", "N = 0", "n = finc N", "gil"),
    *("y = swap S null ; if y != null { decref y }", "k = N ; assert k != 2"),
    *("y = S ; if y != null { incref y ; use y ; decref y }", "await N", "call g"),
)


def random_interrupts(seed: int) -> str:
    """One or two threads whose steps are interrupted, masked and called."""
    random = Random(seed)
    lines = ["slot S = A", "int N = 0", f"{random.choice(['lock', 'rlock'])} L"]
    lines.append(random.choice(["lock M", "native_lock M"]))
    if random.random() < 0.4:
        lines.append("obj A final bye")
    n_threads = random.choice([1, 2, 2])
    lines += [f"hold T{i}.x = A" for i in range(1, n_threads + 1)]
    for i in range(1, n_threads + 1):
        for name in random.sample(["f", "g"], random.choice([0, 1, 1, 2])):
            lines.append(f"interrupt T{i} {name} {random.choice([1, 1, 1, 2])}")
    if not any(line.startswith("interrupt") for line in lines):
        lines.append("interrupt T1 f")
    lines += [f"T{i}: {_body(random)}" for i in range(1, n_threads + 1)]
    handler, other = random.choice(_HANDLERS), random.choice(_HANDLERS[2:5])
    lines += [f"fn f: {handler}", f"fn g: {other}", "fn bye: N = 3 ; gil"]
    return "\n".join(lines)


def _body(random: Random) -> str:
    steps = []
    for _ in range(random.randint(1, 2)):
        step = random.choice(_STEPS)
        kind = random.random()
        if kind < 0.25:
            step = f"masked {{ {step} }}"
        elif kind < 0.35:
            step = f"repeat 2 {{ {step} ; masked {{ if 1 == 1 {{ break }} }} }}"
        elif kind < 0.4:
            step = f"masked {{ masked {{ {step} }} ; return }}"
        steps.append(step)
    return " ; ".join([*steps, random.choice(["decref x", "decref x", "gil"])])

"""Random programs that stop the world: of waits, sections, interrupts, destruction."""

from __future__ import annotations

from random import Random

_ALONE = (
    *("N = 1", "N = 0", "await N", "await not N", "k = N", "use x", "put x"),
    *("incref x", "decref x", "quiesce", "fence", "gil", "gil", "spin N"),
    *("call inner x", "maybe event", "z = new M ; decref z", "y = upgrade S"),
    *("lock L ; unlock L", "lock L ; N = 1 ; gil ; unlock L", "n = fadd N 1"),
    *("lock M ; gil ; unlock M", "lock M ; N = 0 ; unlock M"),
    *("detach ; N = 1 ; attach", "detach ; await N ; attach"),
)
_BLOCKS = ("nosafe", "nosafe", "critical x", "critical x", "masked", "stop_world")
_LEAVING = ("return", "if k == 0 { return }")
_MISUSES = ("detach", "stop_world { detach }", "attach")
_FINALISERS = (
    *("use self", "N = 1", "gil", "stop_world { N = 1 }", "nosafe { gil ; N = 0 }"),
    *(
        "lock L ; unlock L",
        "await N",
        "stop_world { setrc self 2 ; resurrect_end self }",
    ),
)
_INNER = ("N = 1", "gil", "await N", "use arg", "lock L ; unlock L", "incref arg")
SELDOM = 2  # of a hundred: something that is an error of the program


def random_stops(seed: int) -> str:
    """Return one to three threads, the first of which stops the world."""
    random = Random(seed)
    n_threads, length = random.choice([(1, 2), (2, 1), (2, 2), (2, 2), (3, 1)])
    lines = [
        random.choice(["lock L", "lock L", "rlock L"]),
        random.choice(["lock M", "native_lock M", "native_lock M"]),
        "slot S = A",
        "int N = 0",
        f"obj A{random.choice(['', ' final bye', ' stable'])}",
    ]
    for number in range(1, n_threads + 1):
        lines += [f"{random.choice(['hold', 'borrow'])} T{number}.x = A"]
    if random.random() < 0.3:
        lines.append(f"interrupt T{random.randint(1, n_threads)} event 1")
    bodies = [_statements(random, length, 0) for _ in range(n_threads)]
    inside = _statements(random, random.randint(0, 2), 1)
    stop = f"stop_world {{ {inside} }}"
    if random.random() < 0.2:
        stop = f"critical x {{ {stop} }}"
    bodies[0] = random.choice([f"{stop} ; {bodies[0]}", f"{bodies[0]} ; {stop}", stop])
    if random.random() < 0.2:
        bodies = bodies[:1] * n_threads
    lines += [f"T{i}: k = 0 ; {body}" for i, body in enumerate(bodies, 1)]
    lines.append(f"fn bye: {random.choice(_FINALISERS)}")
    lines.append(f"fn inner: {random.choice(_INNER)}")
    lines.append(f"fn event: {random.choice(['N = 1', 'gil', 'lock L ; unlock L'])}")
    return "\n".join(lines)


def _statements(random: Random, length: int, depth: int) -> str:
    return " ; ".join(_statement(random, depth) for _ in range(length))


def _statement(random: Random, depth: int) -> str:
    kind = random.random()
    if random.randrange(100) < SELDOM:
        return random.choice(_MISUSES)
    if kind < (0.4, 0.2, 0)[depth]:
        inside = _statements(random, random.randint(1, 2), depth + 1)
        return f"{random.choice(_BLOCKS)} {{ {inside} }}"
    if kind < 0.45 and depth > 0:
        return random.choice(_LEAVING)
    if kind < 0.5:
        block = random.choice(_BLOCKS)
        inside = _statements(random, 1, 2)
        return f"repeat 2 {{ {block} {{ {inside} ; if k == 0 {{ break }} }} }}"
    return random.choice(_ALONE)

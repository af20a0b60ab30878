"""Random programs with critical sections, in which threads wait, detach and destroy."""

from __future__ import annotations

from random import Random

_ALONE = (
    *("N = 1", "N = 0", "await N", "await not N", "k = N", "use x", "use y"),
    *("incref x", "decref x", "decref y", "quiesce", "fence", "put x", "gil"),
    *("spin N", "maybe event", "call inner x", "z = S", "n = fadd N 1"),
)
_LEAVING = ("return", "if k == 0 { return }")
_MISUSES = ("unlock x.m", "detach", "z = renew A", "free x", "resurrect_end x")
_FINALISERS = (
    *("use self", "N = 1", "critical self { N = 1 }", "lock L ; unlock L", "await N"),
    "setrc self 2 ; resurrect_end self",
    "critical self { incref self ; setrc self 2 ; resurrect_end self }",
)
_INNER = ("N = 1", "await N", "use arg", "lock L ; unlock L", "decref arg")
SELDOM = 3  # of a hundred: something that is an error of the program


def random_sections(seed: int) -> str:
    """Return one to three threads with critical sections of two objects."""
    random = Random(seed)
    n_threads, length = random.choice([(1, 3), (2, 1), (2, 1), (2, 2), (3, 1)])
    lines = [
        random.choice(["lock L", "lock L", "rlock L", "native_lock L"]),
        "slot S = A",
        "slot R = B",
        "int N = 0",
        f"obj A{random.choice(['', ' final bye', ' stable', ' field f=B'])}",
        f"obj B{random.choice(['', '', ' final bye'])}",
    ]
    for number in range(1, n_threads + 1):
        kind = random.choice(["hold", "borrow", "borrow", "borrow"])
        lines += [f"{kind} T{number}.x = A"]
        lines += [f"borrow T{number}.y = {random.choice('ABB')}"]
    bodies = [_statements(random, length, 0) for _ in range(n_threads)]
    if random.random() < 0.2:
        bodies = bodies[:1] * n_threads
    lines += [f"T{i}: k = 0 ; {body}" for i, body in enumerate(bodies, 1)]
    lines.append(f"fn bye: {random.choice(_FINALISERS)}")
    lines.append(f"fn inner: critical arg {{ {random.choice(_INNER)} }}")
    lines.append(f"fn event: {random.choice(['N = 1', 'lock L ; unlock L'])}")
    return "\n".join(lines)


def _statements(random: Random, length: int, depth: int) -> str:
    return " ; ".join(_statement(random, depth) for _ in range(length))


def _statement(random: Random, depth: int) -> str:
    kind = random.random()
    if random.randrange(100) < SELDOM:
        return random.choice(_MISUSES)
    if kind < (0.5, 0.3, 0.1, 0)[depth]:
        of = random.choice(["x", "y", "x y", "y x", "z", "x z"])
        inside = _statements(random, random.randint(0, 2), depth + 1)
        make = "z = new M ; " if "z" in of else ""
        return f"{make}critical {of} {{ {inside} }}"
    if kind < 0.6:
        inside = random.choice(["", "N = 1", "use x", "await N"])
        lock = random.choice(["L", "L", "x.m", "y.m"])
        return f"lock {lock} ; {inside or 'k = N'} ; unlock {lock}"
    if kind < 0.7:
        inside = random.choice(["N = 1", "await N", "use x", "lock L ; unlock L"])
        return f"detach ; {inside} ; attach"
    if kind < 0.75 and depth > 0:
        return random.choice(_LEAVING)
    if kind < 0.8:
        inside = _statements(random, 1, min(depth + 1, 2))
        return f"repeat 2 {{ critical x {{ {inside} ; if k == 0 {{ break }} }} }}"
    return random.choice(_ALONE)


_SIGNALLED = (
    *("N = 1", "lock L ; unlock L", "x = S ; critical x { N = 1 }"),
    "x = S ; y = R ; critical x y { N = 0 }",
    "x = S ; critical x { lock L ; unlock L }",
)


def random_interrupted_sections(seed: int) -> str:
    """Return a program of `random_sections` whose first thread may be interrupted."""
    handler = Random(seed).choice(_SIGNALLED)
    return f"{random_sections(seed)}\ninterrupt T1 signal 1\nfn signal: {handler}"


_WAITS = (
    *("await N", "await not N", "lock L ; unlock L", "critical y { await N }"),
    *("detach ; attach", "gil ; await N"),
)
_OTHERS = (
    *("N = 1", "gil ; N = 1", "lock L ; gil ; unlock L", "critical y { N = 1 }"),
    *("lock L ; N = 1 ; unlock L", "stop_world { N = 1 }"),
    "critical x { N = 1 ; n = N ; assert n == 1 }",
)
_ALSO_SIGNALLED = (
    *("gil", "k = 1", "z = S ; use z", "N = 0", "await N", "detach ; attach"),
    *("x = S ; critical x { await N }", "x = S ; incref x ; decref x", "collect"),
)


def random_interrupted_waits(seed: int) -> str:
    """Return a thread that may be interrupted where it waits in a section."""
    random = Random(seed)
    handler = random.choices(_SIGNALLED + _ALSO_SIGNALLED, k=random.choice([1, 1, 2]))
    borrows = [f"borrow T{number}.x = A" for number in (1, 2)]
    borrows += ["borrow T1.y = B", f"borrow T2.y = {random.choice('AB')}"]
    return "\n".join([
        *("lock L", "slot S = A", "slot R = B", "int N = 0", *borrows),
        f"interrupt T1 signal {random.choice([1, 1, 2])}",
        f"T1: critical x {{ {random.choice(_WAITS)} }}",
        f"T2: {random.choice(_OTHERS)}",
        f"fn signal: {' ; '.join(handler)}",
    ])  # fmt: skip

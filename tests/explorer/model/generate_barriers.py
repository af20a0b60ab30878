"""Random programs whose threads wait for each other at barriers."""

from __future__ import annotations

from random import Random

_STEPS = (
    *("wait B", "wait B", "wait B", "wait C", "N = 1", "n = finc N", "gil", "use x"),
    *("decref x", "put x", "fence", "n = N ; if n == 1 { wait B }", "maybe meet"),
    *("lock L ; wait B ; unlock L", "lock L ; unlock L", "call meet", "quiesce"),
    *("detach ; wait B ; attach", "critical x { wait B }", "critical x { N = 2 }"),
    *("masked { wait B }", "stop_world { gil }", "nosafe { wait B }", "n = N ; use x"),
    *("repeat 2 { wait B }", "critical x { wait C ; wait B }", "assert n < 2"),
)
_MEETINGS = ("wait B", "wait C", "wait B ; N = 1")


def random_barriers(seed: int) -> str:
    """One to three threads, one of them perhaps with an interrupt that waits too."""
    random = Random(seed)
    n_threads, length = random.choice([(1, 3), (2, 2), (2, 2), (2, 3), (3, 1), (3, 1)])
    kind = random.choice(["lock", "lock", "native_lock"])
    lines = [f"barrier B {random.choice([1, 2, 2, 2, 3])}", "barrier C 2"]
    lines += [f"{kind} L", "int N = 0", f"obj A{random.choice(['', ' final meet'])}"]
    if random.random() < 0.25:
        lines.append("interrupt T1 meet 1")
    bodies = []
    for number in range(1, n_threads + 1):
        lines.append(f"{random.choice(['hold', 'borrow'])} T{number}.x = A")
        steps = random.choices(_STEPS, k=length)
        steps.insert(random.randint(0, length), "wait B")
        bodies.append(f"n = 0 ; {' ; '.join(steps)}")
    if random.random() < 0.25:
        bodies = bodies[:1] * n_threads
    lines += [f"T{i}: {body}" for i, body in enumerate(bodies, 1)]
    return "\n".join([*lines, "slot S = A", f"fn meet: {random.choice(_MEETINGS)}"])

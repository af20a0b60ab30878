"""Random programs in which waits keep the GIL or give it up: locks, `await`, `spin`."""

from __future__ import annotations

from random import Random

_ALONE = (
    *("gil", "N = 1", "N = 0", "await N", "spin N", "spin not N", "k = N"),
    *("incref x", "decref x", "use x"),
)
_DETACHED = ("N = 1", "spin N", "await N", "lock M ; unlock M", "lock L ; unlock L")


def random_native_waits(seed: int) -> str:
    """Two or three threads that lock, wait, detach and count one object."""
    random = Random(seed)
    lines = [f"{random.choice(['lock', 'rlock', 'native_lock'])} L", "native_lock M"]
    lines += ["slot S = A", "int N = 0"]
    if random.random() < 0.3:
        lines.append("obj A final bye")
    threads = range(1, random.choice([3, 3, 4]))
    lines += [f"borrow T{i}.x = A" for i in threads]
    lines += [f"T{i}: {_body(random)}" for i in threads]
    inside = random.choice(["lock M ; unlock M", "spin N", "gil"])
    return "\n".join([*lines, f"fn bye: {inside}"])


def _body(random: Random) -> str:
    steps = []
    for _ in range(random.randint(1, 3)):
        kind = random.random()
        if kind < 0.4:
            lock = random.choice("LMM")
            inside = " ; ".join(random.choices(_ALONE, k=random.randint(0, 2)))
            steps.append(f"lock {lock} ; {inside} ; unlock {lock}")
        elif kind < 0.6:
            inside = " ; ".join(random.choices(_DETACHED, k=random.randint(1, 2)))
            steps.append(f"detach ; {inside} ; attach")
        else:
            steps.append(random.choice(_ALONE))
    return " ; ".join(steps)

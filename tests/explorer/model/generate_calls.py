"""Random programs whose sub-programs have parameters and give results."""

from __future__ import annotations

from random import Random

_STEPS = (
    *("n = call read x k", "k = call read x 1", "m = call sum n k 1", "gil"),
    *("y = call pick x n", "y = call pick null k", "m = call sum (-1) n + k n"),
    *("if y != null { use y }", "call drop x n", "n = fadd N 1", "N = m", "use x"),
    *("repeat 2 { n = call read x n }", "k = call once", "decref x", "incref x"),
    *("S = y", "critical x { n = call read x n }", "quiesce", "assert n < 3"),
)
_READ = (
    *("n = N ; return n + k", "if k == 1 { return 0 } ; n = finc N ; return n"),
    *("use x ; return k", "critical x { n = N ; if n == k { return n } } ; return 1"),
    "while k < 2 { n = N ; k = k + 1 ; if n == 0 { return k } } ; return n + 1",
    "masked { N = k ; return k } ; return 0",
)
_PICK = (
    *("if n == 0 { return x } ; return null", "y = swap S null ; return y", "return x"),
    "y = S ; if y == x { return null } ; return y",
)
_DROP = ("if n == 1 { decref x }", "N = n", "k = call read x n ; assert k != 5")


def random_calls(seed: int) -> str:
    """Two or three threads that call with several arguments, and keep results."""
    random = Random(seed)
    n_threads, length = random.choice([(2, 2), (2, 3), (2, 3), (3, 1)])
    final = random.choice(["", " final bye"])
    lines = ["int N = 0", "slot S = A", f"obj A{final}"]
    if random.random() < 0.2:
        lines.append("interrupt T1 comes 1")
    bodies = []
    for number in range(1, n_threads + 1):
        lines.append(f"{random.choice(['hold', 'borrow'])} T{number}.x = A")
        steps = " ; ".join(random.choices(_STEPS, k=length))
        bodies.append(f"n = 0 ; k = 1 ; m = 0 ; y = null ; {steps}")
    if random.random() < 0.2:
        bodies = bodies[:1] * n_threads
    lines += [f"T{i}: {body}" for i, body in enumerate(bodies, 1)]
    return "\n".join(
        [
            *lines,
            f"fn read x k: n = k ; {random.choice(_READ)}",
            "fn sum a b c: d = a + b ; d = d + c ; return d",
            f"fn pick x n: {random.choice(_PICK)}",
            f"fn drop x n: {random.choice(_DROP)}",
            "fn once: n = fadd N 2 ; return n",
            "fn bye: n = call read self 1 ; N = n",
            "fn comes: k = call once ; N = k",
        ]
    )

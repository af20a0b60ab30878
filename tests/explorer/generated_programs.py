"""Random programs in which threads share some things and have others to themselves."""

from __future__ import annotations

import random

SHARED = (
    "incref x",
    "decref x",
    "use x",
    "n = N ; N = n + 1",
    "n = finc N",
    "n = finc N ; assert n < 3",
    "lock L ; m = N ; N = m + 1 ; unlock L",
    "old = swap S null ; if old != null { decref old }",
    "y = S ; if y != null { incref y ; use y ; decref y }",
    "z = upgrade S ; if z != null { use z ; decref z }",
    "i = R ; if i != null { use i }",
    "S = x",
    "await N",
    "await not N",
    "spin N",
    "gil",
    "quiesce",
    "detach ; attach",
    "detach ; n = finc N ; n = finc M{t} ; attach",
    "maybe f",
    "call f",
    "fence",
    "b = try_incref x",
    "u = unique x",
    "lock x.m ; use x ; unlock x.m",
    "append C x",
    "p = pop C ; if p != null { decref p }",
    "k = len C ; if k > 0 { q = get C 0 ; use q }",
)
OWN = (
    "n = M{t} ; M{t} = n + 1",
    "n = finc M{t} ; assert n < 4",
    "n = M{t} ; while n < 2 { n = finc M{t} }",
    "repeat 2 { n = finc M{t} }",
    "c = cas M{t} 0 1",
    "lock K{t} ; n = finc M{t} ; unlock K{t}",
    "lock K{t} ; lock K{t}",
    "O{t} = x",
    "v = O{t} ; use v",
    "append D{t} x",
    "r = pop D{t} ; if r != null { use r }",
    "call own{t}",
    "maybe own{t}",
    "w = new Node ; use w ; decref w",
    "w = new Node ; w.v = 1 ; n = w.v ; decref w",
    "w = new Node ; w.next = x ; decref w",
    "w = new Node ; j = new Node ; w.next = j ; l = w.next ; use l ; decref w",
    "w = new Node ; free w",
    "w = new Node ; decref w ; decref w",
    "w = new Node ; decref w ; use w",
    "w = raw_new Node ; init w ; use w ; decref w",
    "w = new Node ; S = w",
    "w = new Node ; append C w",
    "w = new Node ; e = swap S w ; if e != null { decref e }",
    "w = new Node ; incref w ; R = w ; decref w ; decref w",
    "g = new Final ; decref g",
    "g = new Final ; h = new Node ; incref h ; g.kid = h ; decref g ; use h ; decref h",
)
WORD = (
    "n = rc x",
    "setrc x 1",
    "n = rc x ; b = casrc x n 1",
    "n = incfetch x",
    "w = new Node ; n = incfetch w ; n = decfetch w ; assert n == 1 ; decref w",
)
BUFFERED = ("put x", "decref_rlx x", "w = new Node ; put w ; decref w")


def generated(seed: int) -> str:
    """Return the text of a program."""
    source = random.Random(seed)
    n_threads = source.choice((1, 2, 2, 2, 3))
    share = source.choice((0.2, 0.5, 0.8))
    lines = [
        source.choice(("obj A final f", "obj A")),
        "type Node field next=null rawfield v=0",
        "type Final final bye field kid=null",
        source.choice(("slot S = A", "slot S = null")),
        "raw R = null",
        "int N = 0",
        "int G = 0",
        "lock L",
        source.choice(("vec C = [A]", "vec C = []")),
        "fn f: n = finc G",
        "fn bye: n = finc G",
    ]
    threads = range(1, n_threads + 1)
    for t in threads:
        kind, to = source.choice(("hold", "hold", "borrow")), source.choice("AAAB")
        lines += [f"int M{t} = 0", f"lock K{t}", f"raw O{t} = A", f"rawvec D{t} = []"]
        lines.append(f"{kind} T{t}.x = {to}")
    for t in threads:
        lines.append(f"fn own{t}: n = finc M{t} ; n = finc M{t}")
        lines.append(f"T{t}:")
        for _ in range(source.randint(1, 5 if n_threads < 3 else 3)):
            steps = OWN if source.random() < share else SHARED
            steps = WORD if seed % 3 == 0 and source.random() < 0.3 else steps
            steps = BUFFERED if seed % 7 == 0 and source.random() < 0.3 else steps
            lines.append("  " + source.choice(steps).replace("{t}", str(t)))
    if source.random() < 0.2:
        lines.append("end: n = N ; g = G ; assert n == g")
    return "\n".join(lines)

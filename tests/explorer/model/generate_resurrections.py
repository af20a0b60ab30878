"""Random programs whose finalisers make their objects live again."""

from __future__ import annotations

from random import Random

_USES = (
    *("S = self", "incref self ; S = self", "incref self", "use self", "gil"),
    *("incref self ; decref self", "n = finc N", "maybe event"),
    "t = try_incref self ; if t == 1 { S = self }",
)
_ENDS = (
    "resurrect_end self",
    *("k = resurrect_end self",) * 2,
    "k = resurrect_end self ; if k == 1 { return }",
    "critical self { k = resurrect_end self }",
    "call ends self",
)
_AFTER = (
    *("use self", "gil", "incref self ; decref self", "decref self", "S = null"),
    *("z = swap S null ; if z != null { decref z }", "n = finc N"),
)
_STEPS = (
    *("decref x", "decref x", "quiesce", "gil", "use x", "incref x", "N = 1"),
    "y = upgrade S ; if y != null { use y ; decref y }",
    "z = swap S null ; if z != null { decref z }",
)
_MISTAKES = ("resurrect x", "k = resurrect_end x", "resurrect_end x")


def random_resurrections(seed: int) -> str:
    """Return one to three threads that drop an object with such a finaliser."""
    random = Random(seed)
    names = [f"T{i}" for i in range(1, random.choice([2, 2, 3, 3, 4]))]
    lines = [
        "obj A final bye rawfield f=0",
        "slot S = null",
        "int N = 0",
        "int ONCE = 0",
    ]
    lines += [
        f"{random.choice(['hold', 'hold', 'borrow'])} {name}.x = A" for name in names
    ]
    for name in names:
        body = random.choices(_STEPS, k=random.randint(1, 2))
        body.insert(0, "decref x")
        if random.random() < 0.03:
            body.append(random.choice(_MISTAKES))
        lines.append(f"{name}: {' ; '.join(body)}")
    middle = random.choices(_USES, k=random.randint(0, 2))
    after = random.choices(_AFTER, k=random.randint(0, 2))
    begin = [] if random.random() < 0.05 else ["resurrect self"]
    whole = [*begin, *middle, random.choice(_ENDS), *after]
    if random.random() < 0.8:
        whole = ["o = swap ONCE 1 ; if o == 0 {", *whole, "}"]
    text = " ; ".join(whole).replace("{ ;", "{").replace("; }", "}")
    lines.append(f"fn bye: {text}")
    lines.append("fn event: N = 0")
    lines.append("fn ends: k = resurrect_end arg ; n = N ; if n == 1 { use arg }")
    return "\n".join(lines)

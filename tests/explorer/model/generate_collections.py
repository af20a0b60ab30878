"""Random programs with cycles, weak references and a collector."""

from __future__ import annotations

from random import Random

_ANY = (
    *("collect", "collect", "collect", "gil", "quiesce", "use x", "put x", "fence"),
    *("incref x", "decref x", "decref x", "u = unique x", "S = x"),
    *("z = W ; if z != null { use z }", "z = upgrade W ; if z != null { decref z }"),
    *("W = x", "y = S ; if y != null { use y }", "untrack x", "untrack x ; track x"),
    "y = swap S null ; if y != null { decref y }",
    *("detach ; use x ; attach", "detach ; decref x ; attach", "maybe sweep"),
    *("call drop", "call drop ; collect", "lock x.m ; collect ; unlock x.m"),
    *("critical x { collect }", "n = new N ; incref x ; n.f = x ; decref n"),
    *("stop_world { k = GONE ; m = GONE ; assert k == m }", "stop_world { collect }"),
    *("nosafe { collect ; GONE = 1 }", "nosafe { incref x ; decref x }", "GONE = 1"),
    *("critical x { collect ; use x }", "critical x { gil }"),
    "n = new N ; m = n ; incref n ; n.f = m ; decref n ; collect",
    "r = raw_new N ; incref x ; r.f = x ; init r ; track r ; decref r ; collect",
    *("r = raw_new N ; track r ; init r ; decref r", "o = renew A ; decref o"),
    "k = x.f ; if k != null { use k }",
    "k = swap x.f null ; if k != null { decref k }",
)
_FINALISERS = (
    *("GONE = 1", "incref self ; S = self", "S = self", "collect", "use self", "gil"),
    *("untrack self", "k = swap self.f null ; if k != null { decref k }"),
    *("incref self ; resurrect_end self", "W = self", "n = finc GONE"),
    *("stop_world { GONE = 1 }", "critical self { collect ; gil }"),
)
_CALLBACKS = (
    *("n = finc GONE", "collect", "gil", "y = S ; if y != null { use y }"),
    *("y = swap S null ; if y != null { decref y }", "W = null"),
)


def random_collection(seed: int) -> str:
    """One to three threads around a cycle of one or two objects, or a chain."""
    random = Random(seed)
    extra = ["", "", "", " untracks_late", " visits f 0", " visits f 2", " final bye"]
    final = ["", "", " final bye"]
    options = [random.choice(extra) + random.choice(final) for _ in "AB"]
    options = [one.replace(" final bye final bye", " final bye") for one in options]
    shape = random.choice(["cycle", "cycle", "self", "chain"])
    first = {"cycle": "B", "self": "A", "chain": "B"}[shape]
    second = {"cycle": "A", "self": "null", "chain": "null"}[shape]
    raw = random.random() < 0.15
    lines = [
        f"obj A gc field f={first}{options[0]}",
        f"obj B {'' if raw else 'gc '}{'rawfield' if raw else 'field'} f={second}"
        f"{'' if raw else options[1]}",
        f"type N gc field f=null{random.choice(['', ' final bye'])}",
        f"slot S = {random.choice(['null', 'A', 'B'])}",
        f"weak W = {random.choice(['A', 'B', 'null'])}"
        f"{random.choice(['', ' calls cb'])}",
        "int GONE = 0",
    ]
    names = [f"T{i}" for i in range(1, random.choice([2, 3, 3, 4]))]
    lines += [
        f"{random.choice(['hold', 'hold', 'borrow'])} {name}.x = {random.choice('AB')}"
        for name in names
    ]
    if random.random() < 0.08:
        lines.append(f"interrupt {names[0]} cb 1")
    length = {1: 4, 2: 2, 3: 1}[len(names)]
    for place, name in enumerate(names):
        body = random.choices(_ANY, k=random.randint(1, length))
        if place == 0:
            ends = ["decref x ; collect", "collect", "decref x ; gil ; collect"]
            body.append(random.choice(ends))
        lines.append(f"{name}: {' ; '.join(body)}")
    lines.append(f"fn bye: {random.choice(_FINALISERS)}")
    lines.append(f"fn cb: {random.choice(_CALLBACKS)}")
    lines.append("fn sweep: collect")
    lines.append("fn drop: k = swap S null ; if k != null { decref k }")
    return "\n".join(lines)


_RESURRECTS = (
    *("incref self ; S = self", "S = self", "gil", "use self", "untrack self"),
    *("k = swap self.f null ; if k != null { decref k }", "quiesce", "n = finc GONE"),
    *("collect", "W = self", "critical self { gil }", "detach ; attach"),
)
_ENDS = (
    *("resurrect_end self", "r = resurrect_end self", "call ends self"),
    *("r = resurrect_end self ; if r == 1 { return }", "critical self { GONE = 1 }"),
    *("critical self { r = resurrect_end self }", "y = S ; resurrect_end y"),
)


def random_resurrected_garbage(seed: int) -> str:
    """Return such a program whose finaliser resurrects its object."""
    random = Random(seed)
    middle = random.choices(_RESURRECTS, k=random.choice([0, 1, 1, 2]))
    begin = [] if random.random() < 0.1 else ["resurrect self"]
    after = random.choices(_RESURRECTS, k=random.choice([0, 0, 1]))
    body = " ; ".join([*begin, *middle, random.choice(_ENDS), *after])
    lines = random_collection(seed).splitlines()
    kept = [line for line in lines if not line.startswith("fn bye:")]
    marks = [line.startswith(("obj A", "type N")) for line in kept]
    for place, is_made in enumerate(marks):
        if is_made and "final bye" not in kept[place]:
            kept[place] += " final bye"
    return "\n".join([
        *kept,
        f"fn bye: {body}",
        "fn ends: e = resurrect_end arg ; if e == 1 { use arg }",
    ])  # fmt: skip

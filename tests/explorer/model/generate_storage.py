"""Random programs on replaced storage, and on memory without a count."""

from __future__ import annotations

from random import Random

_BLOCKS = (
    *("p = items C ; y = at p 0", "p = items C ; gil ; y = at p 1", "append C x"),
    *("append C null", "resize C 1", "resize C 0"),
    "n = len C ; p = items C ; if n > 1 { y = at p 1 ; if y != null { use y } }",
    *("n = len C", "z = pop C", "z = remove C x", "z = get C 0"),
    *("resize C 2", "quiesce", "quiesce", "detach ; attach"),
    *("detach ; k = get C 0 ; attach", "incref x", "decref x", "use x", "gil"),
    "p = items C ; quiesce ; y = at p 0",
)
_WRITES = (
    *("p = items C ; at p 0 = x", "p = items C ; gil ; at p 1 = x"),
    *("n = len C ; p = items C ; at p n = x", "p = items C ; at p 0 = null"),
    *("p = items C ; at p n - 1 = x ; y = at p 0", "p = items C ; at p n + 1 = null"),
)
_MEMORY = (
    *("R = b", "use b", "put b", "free b", "fence", "b.f = x", "y = b.f", "S = x"),
    *("lock b.m ; use b ; unlock b.m", "c = R ; if c != null { use c }"),
    *("c = swap R null ; if c != null { free c }", "detach ; free b ; attach"),
    *("incref x", "decref x", "use x", "gil"),
)
_MISTAKES = ("incref b", "dealloc b", "y = at b 0", "y = upgrade R", "free p")


def random_blocks(seed: int) -> str:
    """Two or three threads on one container whose items lie in a block."""
    random = Random(seed)
    items = random.choice(["", "A", "A", "A, B"])
    room = (items.count(",") + 1 if items else 0) + random.choice([0, 0, 1])
    kind = random.choice(["vec", "vec", "rawvec"])
    delayed = random.choice(["", " delayed", " delayed"])
    lines = [f"{kind} C = [{items}] room {room}{delayed}"]
    names = [f"T{i}" for i in range(1, random.choice([2, 3, 3, 4]))]
    lines += [f"{random.choice(['hold', 'borrow'])} {name}.x = A" for name in names]
    length = 2 if len(names) == 3 else 3
    return _with_bodies(random, lines, names, _BLOCKS, length)


def random_writes(seed: int) -> str:
    """Two or three threads that write through the address of a block, too."""
    random = Random(seed)
    items = random.choice(["", "A", "A", "A, B"])
    room = (items.count(",") + 1 if items else 0) + random.choice([0, 1, 1])
    kind = random.choice(["vec", "vec", "rawvec"])
    lines = [f"{kind} C = [{items}] room {room}{random.choice(['', ' delayed'])}"]
    names = [f"T{i}" for i in range(1, random.choice([2, 3, 3]))]
    lines += [f"{random.choice(['hold', 'borrow'])} {name}.x = A" for name in names]
    for name in names:
        body = random.choices([*_WRITES, *_BLOCKS], k=random.randint(1, 2))
        body.insert(random.randint(0, len(body)), random.choice(_WRITES))
        lines.append(f"{name}: n = 1 ; {' ; '.join(body)}")
    return "\n".join(lines)


def random_memory(seed: int) -> str:
    """Two or three threads that allocate memory, keep it in a cell and free it."""
    random = Random(seed)
    lines = ["type M rawfield f=null", "slot S = A", "raw R = null"]
    if random.random() < 0.3:
        lines[-1:] = ["raw R = U", "obj U uncounted rawfield f=null"]
    names = [f"T{i}" for i in range(1, random.choice([2, 3, 3, 4]))]
    lines += [f"{random.choice(['hold', 'borrow'])} {name}.x = A" for name in names]
    length = 2 if len(names) == 3 else 3
    return _with_bodies(random, lines, names, _MEMORY, length, True)


def _with_bodies(
    random: Random,
    lines: list[str],
    names: list[str],
    steps: tuple[str, ...],
    length: int,
    allocates: bool = False,
) -> str:
    for name in names:
        body = random.choices(steps, k=random.randint(1, length))
        if allocates:
            if random.random() < 0.05:
                body.append(random.choice(_MISTAKES))
            body.insert(0, random.choice(["b = malloc M ; R = b", "b = malloc M"]))
        else:
            body.insert(random.randint(0, length), random.choice(_BLOCKS[:7]))
        lines.append(f"{name}: {' ; '.join(body)}")
    return "\n".join(lines)

"""Random programs that change whole counts: immortal, merged, enabled."""

from __future__ import annotations

from random import Random

_CHANGES = {
    "immortalise": ("immortalise x", "immortalise x ; decref x"),
    "merge": (
        "merge x",
        "n = merge x ; if n == 0 { dealloc x }",
        "stop_world { n = merge x }",
    ),
    "enable_try": ("enable_try x", "enable_try x ; R = x"),
}
_STEPS = (
    *("decref x", "decref x", "incref x", "use x", "quiesce", "gil", "R = x"),
    *("incref x ; decref x", "u = unique x ; N = u"),
    "y = upgrade S ; if y != null { use y ; decref y }",
    "z = swap S null ; if z != null { decref z }",
    "r = R ; if r != null { t = try_incref r ; if t == 1 { decref r } else { N = 5 } }",
)


def random_whole_counts(seed: int, of: str = "") -> str:
    """Return one to three threads, of which some change the count of A as a whole.

    `of` is the change that the program has; "" is any of them.
    """
    random = Random(f"{of}{seed}")
    names = [f"T{i}" for i in range(1, random.choice([2, 3, 3, 4]))]
    option = random.choice(["", " stable", " stable", " gc", " final bye"])
    lines = [f"obj A{option}", "slot S = A", "raw R = null", "int N = 0"]
    lines += [
        f"{random.choice(['hold', 'hold', 'borrow'])} {name}.x = A" for name in names
    ]
    steps = (*_STEPS, "collect", "collect", "track x") if "gc" in option else _STEPS
    for number, name in enumerate(names):
        body = random.choices(steps, k=random.randint(1, 2))
        if number == 0 or random.random() < 0.3:
            change = random.choice(_CHANGES[of or random.choice([*_CHANGES])])
            body.insert(random.randint(0, len(body)), change)
        lines.append(f"{name}: {' ; '.join(body)}")
    if option == " final bye":
        end = random.choice(["resurrect_end self", "k = resurrect_end self"])
        change = random.choice(_CHANGES[of or "immortalise"]).replace(" x", " self")
        again = "o = N ; if o != 7 { N = 7 ; resurrect self ; "
        lines.append(f"fn bye: {again}{change.replace('R = x', 'gil')} ; {end} }}")
    return "\n".join(lines)


def random_immortals(seed: int) -> str:
    """Return such a program that makes A immortal."""
    return random_whole_counts(seed, "immortalise")

"""Random race programs, legal by construction: what the explorers are compared on.

Nearly every program parses; it may be racy, may deadlock, livelock or corrupt counts.
A thread only does to a local what its type allows, and unlocks only what it locks.
"""

from __future__ import annotations

from random import Random

OBJECT_WORDS = ["incref", "decref", "use", "decref", "incref"]
RARE_OBJECT_WORDS = ["put", "decref_rlx", "dealloc", "free", "init"]
COUNT_WORDS = ["rc", "incfetch", "decfetch", "unique", "try_incref"]


class Generator:
    """One program; `random` decides everything."""

    def __init__(self, random: Random, threads: int, length: int) -> None:
        self.random = random
        self.n_threads = threads
        self.length = length
        self.lines: list[str] = []
        self.slots: list[str] = []
        self.raws: list[str] = []
        self.ints: list[str] = []
        self.locks: list[str] = []
        self.containers: list[str] = []
        self.fields: list[str] = []
        self.functions: list[str] = []
        self.n_locals = 0
        self.budget = length

    def chance(self, percent: int) -> bool:
        return self.random.randrange(100) < percent

    # -- declarations

    def declare(self) -> None:
        random = self.random
        objects = ["A", "B"][: random.choice([1, 1, 2])]
        for name in objects:
            options = ""
            if self.chance(25):
                options += " final bye"
                self.functions = ["bye"]
            if self.chance(20):
                kind, value = random.choice(
                    [("field", "null"), ("rawfield", "null"), ("field", objects[-1])]
                )
                options += f" {kind} f={value if value != name else 'null'}"
                self.fields = ["f"]
            if self.chance(5):
                options += " max 2"
            if self.chance(10):
                options += " stable"
            if options:
                self.lines.append(f"obj {name}{options}")
        for name in objects:
            if self.chance(60):
                self.slots.append(f"S{name}")
                self.lines.append(f"slot S{name} = {name}")
            if self.chance(25):
                self.raws.append(f"R{name}")
                self.lines.append(f"raw R{name} = {random.choice([name, 'null'])}")
        if self.chance(45):
            self.ints.append("N")
            self.lines.append(f"int N = {random.choice([0, 0, 1])}")
        if self.chance(25):
            kind = random.choice(["lock", "rlock"])
            self.locks.append("L")
            self.lines.append(f"{kind} L")
        if self.chance(15):
            kind = random.choice(["vec", "rawvec"])
            items = random.choice(["", objects[0], f"{objects[0]}, {objects[-1]}"])
            self.containers.append("C")
            self.lines.append(f"{kind} C = [{items}]")
        self.objects = objects
        if self.chance(25):
            self.functions = [*self.functions, "sub"]

    # -- statements

    def fresh(self, kind: str) -> str:
        self.n_locals += 1
        return f"{kind}{self.n_locals}"

    def statements(self, known: list[str], numbers: list[str], depth: int) -> str:
        """Return statements; `known` are locals with a pointer (or null)."""
        parts = []
        for _ in range(self.random.randint(max(1, self.length // 2), self.length)):
            if self.budget <= 0:
                break
            self.budget -= 1
            parts.append(self.statement(known, numbers, depth))
        return "\n".join(parts)

    def statement(self, known: list[str], numbers: list[str], depth: int) -> str:
        menu = [
            *(self.object_steps(known) if known else ()),
            *(self.cell_steps(known) if self.slots + self.raws else ()),
            *(self.number_steps(numbers) if self.ints else ()),
            *(self.container_steps(known) if self.containers else ()),
            *self.other_steps(depth),
            *(self.blocks(known, numbers) if depth < 2 and self.budget > 0 else ()),
        ]
        chosen = self.random.choice(menu or ["gil"])
        if chosen.endswith("{"):
            return self.block(chosen, known, numbers, depth)
        # @x and @n stand for a new local that can be used from here on.
        for kind, names in (("x", known), ("n", numbers)):
            if f"@{kind}" in chosen:
                name = self.fresh(kind)
                chosen = chosen.replace(f"@{kind}", name)
                names.append(name)
        return chosen

    def object_steps(self, known: list[str]) -> list[str]:
        random, x = self.random, self.random.choice(known)
        return [
            *[f"{random.choice(OBJECT_WORDS)} {x}"] * 7,
            f"{random.choice(RARE_OBJECT_WORDS)} {x}",
            f"{self.fresh('n')} = {random.choice(COUNT_WORDS)} {x}",
            f"setrc {x} {random.choice([0, 1, 2])}",
            f"{self.fresh('n')} = casrc {x} 1 {random.choice([0, 2])}",
        ]

    def cell_steps(self, known: list[str]) -> list[str]:
        random = self.random
        places = self.slots + self.raws + [f"{x}.f" for x in known if self.fields]
        place = random.choice(places)
        steps = [*[f"@x = {place}"] * 4, *[f"@x = swap {place} null"] * 2]
        steps += [f"@x = upgrade {place}"] * 2
        if known:
            x = random.choice(known)
            steps += [f"{place} = {random.choice([x, 'null'])}"] * 2
            steps.append(f"{self.fresh('n')} = cas {place} {x} null")
        if self.chance(30):
            cell = random.choice(self.slots + self.raws)
            steps.append(f"await {random.choice(['', 'not '])}{cell}")
            steps.append(f"@x = {cell}\nwhile @x == null {{\n@x = {cell}\n}}")
        return steps

    def number_steps(self, numbers: list[str]) -> list[str]:
        random = self.random
        steps = [f"{self.fresh('n')} = finc N", "@n = N", "N = 1", "N = 0"]
        steps.append(f"await {random.choice(['', 'not '])}N")
        steps += ["@n = N\nwhile @n == 0 {\n@n = N\n}"] * 2
        if numbers:
            n = random.choice(numbers)
            steps += [f"N = {n} + 1", f"assert {n} != 2", f"{n} = {n} - 1"]
        return steps

    def container_steps(self, known: list[str]) -> list[str]:
        steps = ["@x = pop C", "@x = get C 0", f"{self.fresh('n')} = len C"]
        if known:
            x = self.random.choice(known)
            steps += [f"append C {x}", f"@x = remove C {x}"]
        return steps

    def other_steps(self, depth: int) -> list[str]:
        steps = ["gil", "fence"] if self.chance(20) else []
        if self.chance(25):
            steps += ["@x = new M", f"@x = renew {self.random.choice(self.objects)}"]
        if depth == 0 and "sub" in self.functions:
            steps += ["call sub", "maybe sub"]
        return steps

    def blocks(self, known: list[str], numbers: list[str]) -> list[str]:
        """Return how blocks open that could stand here."""
        random, found = self.random, []
        if known:
            x = random.choice(known)
            found += [f"if {x} != null {{"] * 2
            found += [f"lock {x}.m {{"] if self.chance(30) else []
        if numbers:
            n = random.choice(numbers)
            found += [f"if {n} == {random.choice([0, 1])} {{", f"while {n} == 0 {{"]
        found += ["lock L {"] * 2 if self.locks else []
        found += ["repeat 2 {"] if self.chance(30) else []
        return found

    def block(
        self, opening: str, known: list[str], numbers: list[str], depth: int
    ) -> str:
        """Return a block; a loop looks at its number again before its end."""
        inside = self.statements(list(known), list(numbers), depth + 1) or "gil"
        word, *rest = opening.split()
        if word == "lock":
            return f"lock {rest[0]}\n{inside}\nunlock {rest[0]}"
        if word == "while":
            inside += f"\n{rest[0]} = N"
        return f"{opening}\n{inside}\n}}"

    def finaliser(self) -> str:
        return self.statements(["self"], [], 1)

    # -- the program

    def program(self) -> str:
        random = self.random
        self.declare()
        threads = [f"T{i + 1}" for i in range(self.n_threads)]
        are_alike = self.chance(40)
        held, bodies = {}, []
        for thread in threads:
            held[thread] = [
                (random.choice(["hold", "borrow"]), name)
                for name in self.objects
                if self.chance(45) or not self.slots
            ]
        for i, thread in enumerate(threads):
            if are_alike and i:
                held[thread], body = held[threads[0]], bodies[0]
            else:
                self.budget = self.length
                self.n_locals = 0
                known = [f"h{name}" for _, name in held[thread]]
                body = self.statements(known, [], 0) or "gil"
            bodies.append(body)
            self.lines += [f"{k} {thread}.h{n} = {n}" for k, n in held[thread]]
        for thread, body in zip(threads, bodies, strict=True):
            self.lines.append(f"{thread}:\n{body}")
        if "bye" in self.functions:
            self.budget, self.n_locals = 2, 50
            self.functions.remove("bye")
            sub, self.functions = self.functions, []
            self.lines.append(f"fn bye:\n{self.finaliser() or 'gil'}")
            self.functions = sub
        if "sub" in self.functions:
            self.budget, self.n_locals = 2, 70
            self.functions = []
            self.lines.append(f"fn sub:\n{self.statements([], [], 1) or 'gil'}")
        if self.ints and self.chance(30):
            self.lines.append("end: k = N ; assert k != 1")
        return "\n".join(self.lines)


def random_program(seed: int) -> str:
    """Return the text of a small program; the same for the same seed."""
    random = Random(seed)
    threads, length = random.choice([(1, 6), (2, 3), (2, 4), (2, 5), (3, 2), (3, 3)])
    return Generator(random, threads, length).program()

"""Random programs with quiescent points, in which no count is a word."""

from __future__ import annotations

from random import Random

from explorer.model.generate import Generator

ANSWERS = ("unique", "try_incref")


class QuiescentGenerator(Generator):
    """One program that every mode has all the operations for."""

    def object_steps(self, known: list[str]) -> list[str]:
        x = self.random.choice(known)
        words = ["incref", "decref", "decref", "use", "decref_rlx", "dealloc", "free"]
        weights = [6, 6, 6, 3, 1, 1, 1]
        return [
            f"{self.random.choices(words, weights)[0]} {x}",
            f"incref {x} ; decref {x}",
            f"{self.fresh('n')} = {self.random.choice(ANSWERS)} {x}",
        ]

    def finaliser(self) -> str:
        """Let some count what they make themselves, and forget to drop it at times."""
        steps = super().finaliser()
        if self.chance(60):
            return steps
        drops = " ; decref m" * self.random.choice([1, 2, 2])
        return f"{steps}\nm = new M ; incref m{drops}"

    def other_steps(self, depth: int) -> list[str]:
        steps = [*super().other_steps(depth), "quiesce", "quiesce"]
        return [*steps, "@x = new M"] if self.chance(50) else steps


def random_quiescent(seed: int) -> str:
    """Return the text of a small program; the same for the same seed."""
    random = Random(seed)
    sizes = [(1, 6), (2, 2), (2, 3), (2, 3), (2, 4), (3, 2)]
    threads, length = random.choice(sizes)
    return QuiescentGenerator(random, threads, length).program()

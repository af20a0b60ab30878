"""Every small program over the counting steps; `prove` checks modes against them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import combinations_with_replacement

__all__ = ["EFFORTS", "corpus"]

# A thread is a word over these letters.  `x` is its own or borrowed reference to the
# one object; `S` is a slot that owns it too.  A step gives back what it takes.
LETTERS = {
    "+": ("incref x",),
    "-": ("decref x",),
    "u": ("use x",),
    "q": ("n = unique x",),
    "t": ("t = try_incref x", "if t == 1 {", "use x", "decref x", "}"),
    "g": ("y = upgrade S", "if y != null {", "use y", "decref y", "}"),
    "s": ("z = swap S null", "if z != null {", "decref z", "}"),
    "Q": ("n = unique x", "if n == 1 {", "put x", "}"),
}
"""The steps that one letter stands for."""

WITH_ORDERS = "Q"
"""Letters that only programs under C11 have: they show whether `unique` orders."""

CHANGE = {"+": 1, "-": -1}
NEEDS_A_REFERENCE = "+-uqQ"
USES_THE_SLOT = "gs"
USES_THE_POINTER = "+-uqtQ"


@cache
def _bodies(letters: str, steps: int, held: int) -> tuple[str, ...]:
    """Return the words of `steps` letters that end with nothing held."""
    if steps == 0:
        return ("",) if held == 0 else ()
    return tuple(
        letter + rest
        for letter in letters
        if held > 0 or letter not in NEEDS_A_REFERENCE
        for rest in _bodies(letters, steps - 1, held + CHANGE.get(letter, 0))
    )


@cache
def _threads(letters: str, steps: int) -> tuple[tuple[int, str], ...]:
    """Return (references held at first, body) of each thread of `steps` letters."""
    return tuple(
        (held, body) for held in (1, 0) for body in _bodies(letters, steps, held)
    )


def _sizes(threads: int, steps: int, least: int = 1) -> Iterator[tuple[int, ...]]:
    """Yield how many letters each thread has, fewest first."""
    if threads == 1:
        if steps >= least:
            yield (steps,)
        return
    for first in range(least, steps // threads + 1):
        for rest in _sizes(threads - 1, steps - first, first):
            yield (first, *rest)


def _choices(
    letters: str, sizes: tuple[int, ...]
) -> Iterator[tuple[tuple[int, str], ...]]:
    """Yield the threads of these sizes; threads of equal size in one order only."""
    if not sizes:
        yield ()
        return
    alike = sizes.count(sizes[0])
    for chosen in combinations_with_replacement(_threads(letters, sizes[0]), alike):
        for rest in _choices(letters, sizes[alike:]):
            yield (*chosen, *rest)


def _text(threads: tuple[tuple[int, str], ...]) -> str | None:
    """Return the program of these threads; None if no thread holds one at first."""
    letters = "".join(body for _, body in threads)
    has_slot = any(letter in letters for letter in USES_THE_SLOT)
    if not (has_slot or any(held for held, _ in threads)):
        return None
    if "Q" in letters and "t" in letters:
        return None  # a borrower may come between `unique` and the write
    lines = ["obj A stable"] if "t" in letters else []
    lines += ["slot S = A"] if has_slot else []
    for number, (held, body) in enumerate(threads, 1):
        if held:
            lines.append(f"hold T{number}.x = A")
        elif any(letter in body for letter in USES_THE_POINTER):
            lines.append(f"borrow T{number}.x = A")
    for number, (_, body) in enumerate(threads, 1):
        lines.append(f"T{number}:")
        lines += [line for letter in body for line in LETTERS[letter]]
    return "\n".join(lines)


def corpus(threads: int, steps: int, model: str = "sc") -> Iterator[str]:
    """Yield every program with `threads` threads and `steps` letters in all.

    `model` is the memory model, "sc" or "c11", for which there is one letter more.

    Each is valid, and safe if an operation is one step: a thread gives back what it
    takes, uses and counts only what it holds, and applies `try_incref` only to objects
    that stay readable (`stable`).  The order of threads makes no second program.
    """
    letters = "".join(
        letter for letter in LETTERS if model == "c11" or letter not in WITH_ORDERS
    )
    for sizes in _sizes(threads, steps):
        for chosen in _choices(letters, sizes):
            text = _text(chosen)
            if text is not None:
                yield text


EFFORTS = {"small": ((2, 5), (3, 4)), "large": ((2, 6), (3, 6), (4, 6))}
"""For each effort: numbers of threads, fewest first, and most letters for each."""

"""Models of programs for tests, and what a test asks of them."""

from __future__ import annotations

from typing import Any

from refrace import Program
from refrace._native import objects as native_objects
from refrace.explorer.model import Model, lower

MODES = tuple(card["name"] for card in native_objects.mode_cards())
GILS = ("released", "held")
PLENTY = {"max_states": 10**6, "max_seconds": 60.0, "max_bytes": 2**30}


def model_of(text: str, mode: str = "atomic", gil: str = "released") -> Model:
    """Return the model of a program's text."""
    return Model(lower(Program.parse(text)), MODES.index(mode), gil == "held")


def explore(
    text: str, mode: str = "atomic", gil: str = "released", symmetry: bool = True
) -> dict[str, Any]:
    """Explore a program's text with plenty of everything."""
    return model_of(text, mode, gil).explore(**PLENTY, symmetry=symmetry)


def smallest(raw: dict[str, Any]) -> dict[str, tuple[int, int]]:
    """Return preemptions and steps of the smallest run to each kind."""
    return {k: (s["preemptions"], s["steps"]) for k, s in raw["schedules"].items()}


def threads(n: int, body: str, opening: str = "") -> str:
    """Return `n` threads with one body; `opening` declares something for each."""
    names = [f"T{t}" for t in range(1, n + 1)]
    lines = [opening.format(t=name) for name in names if opening]
    return "\n".join([*lines, *(f"{name}: {body}" for name in names)])


def pairs(n: int, repeats: int) -> str:
    """Return `n` threads that borrow an object and count it so often."""
    body = f"repeat {repeats} {{ incref x ; decref x }}"
    return "slot S = A\n" + threads(n, body, "borrow {t}.x = A")


def decrefs(n: int) -> str:
    """Return `n` threads that drop the reference that each of them holds."""
    return "slot S = A\n" + threads(n, "decref x", "hold {t}.x = A")


def accesses(text: str, mode: str, codes: list[int]) -> list[tuple[str, int]]:
    """Return the mode's accesses in a run: names of the contract, the words after."""
    replay = model_of(text, mode).replay(codes)
    assert replay["misfit"] is None
    counted = [step for step in replay["steps"] if step["text"]]
    return [(step["text"].split("(")[0], step["after"]) for step in counted]

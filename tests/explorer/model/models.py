"""Models of programs for tests, and what a test asks of them."""

from __future__ import annotations

import refrace
from refrace import Program
from refrace.explorer.model.results import Explored, Sampled
from refrace.explorer.model.sampling import Plan
from refrace.explorer.session import Session

MODES = tuple(mode.name for mode in refrace.modes())
GILS = ("released", "held")
PLENTY = {"max_states": 10**6, "max_seconds": 60.0, "max_bytes": 2**30}


def model_of(text: str, mode: str = "atomic", gil: str = "released") -> Session:
    """Return the session of a program's text."""
    return Session(Program.parse(text), refrace.mode(mode), gil)


def explore(
    text: str, mode: str = "atomic", gil: str = "released", symmetry: bool = True
) -> Explored:
    """Explore a program's text with plenty of everything."""
    return model_of(text, mode, gil).explore(**PLENTY, symmetry=symmetry)


def sample(
    model: Session,
    runs: int,
    strategy: str,
    depth: int,
    seed: int,
    max_seconds: float,
    max_steps: int,
) -> Sampled:
    """Sample a program."""
    return model.sample(Plan(runs, strategy, depth, seed, max_steps), max_seconds)


def smallest(raw: Explored) -> dict[str, tuple[int, int]]:
    """Return preemptions and steps of the smallest run to each kind."""
    return {k: (s.preemptions, s.steps) for k, s in raw.schedules.items()}


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
    assert replay.misfit is None
    counted = [step for step in replay.steps if step.c_text]
    return [(step.c_text.split("(")[0], step.after) for step in counted]

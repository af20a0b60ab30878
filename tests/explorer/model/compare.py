"""What both explorers say of a program, and generated programs to ask them about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from explorer.model.models import MODES, PLENTY, model_of, smallest
from reference import explore as reference_explore
from reference.counting import MODES as REFERENCE_MODES
from reference.explore import TooManyStates
from reference.program import InvalidProgram as ReferenceInvalid

from refrace import Program
from refrace.errors import InvalidProgram

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    Answer = tuple[dict[str, tuple[int, int]], int | None, dict[frozenset[str], Any]]

FEW_STATES = 1500


def some_programs(few: int, many: int) -> pytest.MarkDecorator:
    """Run a test with few programs (the reference is slow), and as a soak with many."""
    return pytest.mark.parametrize(
        "n_programs", [few, pytest.param(many, marks=pytest.mark.soak)]
    )


# The reference knows the modes that the language is defined by.
COMPARED = [mode for mode in MODES if mode in REFERENCE_MODES]


def answer_of_the_reference(
    text: str, mode: str, gil: str, max_states: int = FEW_STATES
) -> Answer | None:
    """Return findings, runs and outcomes; None if some schedule breaks the rules."""
    try:
        answer = reference_explore(text, mode, gil, max_states)
    except ReferenceInvalid:
        return None
    findings = {str(k): (f.preemptions, f.steps) for k, f in answer.findings.items()}
    outcomes = {kinds: tuple(outcome) for kinds, outcome in answer.outcomes.items()}
    return findings, answer.interleavings, outcomes


def answer_of_the_explorer(
    text: str, mode: str, gil: str, symmetry: bool
) -> Answer | None:
    """Return the same of the product; None likewise."""
    raw = model_of(text, mode, gil).explore(**PLENTY, symmetry=symmetry)
    if raw.error is not None:
        return None
    assert raw.finished
    return smallest(raw), raw.interleavings, raw.outcomes


def legal_programs(
    generate: Callable[[int], str], seeds: Iterable[int]
) -> Iterator[tuple[int, str]]:
    """Yield seeds and texts of programs; what the language refuses is left out."""
    for seed in seeds:
        try:
            yield seed, str(Program.parse(generate(seed)))
        except InvalidProgram:
            continue


def same_answers(
    generate: Callable[[int], str],
    seeds: Iterable[int],
    mode: str,
    gil: str,
    *symmetries: bool,
    max_states: int = FEW_STATES,
) -> dict[int, Answer | None]:
    """Compare what both say of generated programs, and return it by their seeds.

    Programs that the reference would be too slow for are left out.
    """
    answers: dict[int, Answer | None] = {}
    for seed, text in legal_programs(generate, seeds):
        try:
            expected = answer_of_the_reference(text, mode, gil, max_states)
        except TooManyStates:
            continue
        for symmetry in symmetries:
            assert answer_of_the_explorer(text, mode, gil, symmetry) == expected, (
                f"{generate.__name__}({seed}) in {mode}, GIL {gil}:\n{text}"
            )
        answers[seed] = expected
    return answers


def replay_all_findings(text: str, mode: str, gil: str, name: str) -> None:
    """Replay every run to a finding, and find that there."""
    model = model_of(text, mode, gil)
    for kind, way in model.explore(**PLENTY).schedules.items():
        replay = model.replay(way.schedule)

        place = f"{kind} of {name}"
        assert replay.misfit is None, place
        assert replay.fits == way.steps, place
        assert replay.preemptions == way.preemptions, place
        assert replay.error is None, place
        if kind != "livelock":
            assert kind in replay.kinds, place
            assert kind in [f.kind for f in replay.findings], place
        if kind not in ("livelock", "dangling-free"):
            assert replay.ended, place

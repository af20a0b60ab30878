"""Identical threads and new objects in modes that count in more than one word."""

import pytest
from explorer.model.generate_quiescent import random_quiescent
from explorer.model.models import GILS, MODES, PLENTY, explore, model_of, smallest

from refrace import Program
from refrace.errors import InvalidProgram

PROGRAMS_PER_TEST = 30
SOME = {**PLENTY, "max_states": 5_000}
WORDS_OF_THREADS = [
    mode
    for mode in MODES
    if mode.startswith(("biased", "epoch"))
    or mode in ("sign_split", "per_thread", "deferred", "decrements_first")
]

MAKERS = """
slot S = null
{declarations}
T1: n = new M ; o = swap S n ; {body}
T2: n = new M ; o = swap S n ; {body}
"""
BODIES = {
    "drops what it finds": "quiesce ; if o != null { decref o }",
    "counts what it made": "incref n ; quiesce ; decref n ; quiesce",
    "drops what it made": "decref n ; quiesce ; x = S ; if x != null { use x }",
    "makes another": "k = new M ; decref k ; quiesce ; if o != null { decref o }",
}


def alike(body):
    return MAKERS.format(declarations="", body=body)


def same_with_and_without_symmetry(text, mode, gil):
    merged = explore(text, mode, gil)
    apart = explore(text, mode, gil, symmetry=False)

    assert merged.finished == apart.finished
    assert merged.error == apart.error
    assert merged.states <= apart.states
    if merged.finished:
        for part in ("interleavings", "outcomes"):
            assert getattr(merged, part) == getattr(apart, part), text
        assert smallest(merged) == smallest(apart), text
    return merged, apart


@pytest.mark.parametrize("gil", GILS)
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("mode", WORDS_OF_THREADS)
def test_threads_that_make_objects_may_be_taken_for_one_another(mode, body, gil):
    merged, apart = same_with_and_without_symmetry(alike(body), mode, gil)

    assert merged.finished
    # Who remembers an owner's number cannot be taken for another.
    assert merged.states < apart.states or mode.startswith("biased")


def legal_programs(first, n):
    for seed in range(first, first + n):
        try:
            yield seed, str(Program.parse(random_quiescent(seed)))
        except InvalidProgram:
            continue


@pytest.mark.parametrize("mode", WORDS_OF_THREADS)
def test_generated_threads_may_be_taken_for_one_another(mode):
    for _, text in legal_programs(60_000, PROGRAMS_PER_TEST):
        raw = model_of(text, mode).explore(**SOME)
        if raw.finished:
            same_with_and_without_symmetry(text, mode, "released")


def check_replays(text, mode, gil):
    model = model_of(text, mode, gil)
    raw = model.explore(**SOME)
    for kind, way in raw.schedules.items():
        replay = model.replay(way.schedule)
        assert replay.misfit is None, text
        assert replay.fits == way.steps, text
        assert replay.preemptions == way.preemptions, text
        assert replay.error is None, text
        assert kind == "livelock" or kind in replay.kinds, text
    return len(raw.schedules)


@pytest.mark.parametrize("gil", GILS)
@pytest.mark.parametrize("mode", WORDS_OF_THREADS)
def test_every_run_to_a_finding_among_new_objects_replays_to_it(mode, gil):
    n_found = sum(check_replays(alike(body), mode, gil) for body in BODIES.values())
    for _, text in legal_programs(88_000, PROGRAMS_PER_TEST):
        n_found += check_replays(text, mode, gil)

    assert n_found > 15

"""Every pattern of the gallery gives what it is known for."""

import pytest
from explorer.model.models import GILS, PLENTY, smallest

import refrace
from refrace.explorer.memory import Memory
from refrace.explorer.session import Session

VARIANTS = [v for slug in refrace.gallery for v in refrace.gallery[slug].variants]


def explored(variant, form, gil):
    program, memory = getattr(variant, form), Memory(variant.memory)
    session = Session(program, refrace.mode(variant.mode), gil, memory=memory)
    return session.explore(**PLENTY)


@pytest.mark.parametrize("gil", GILS)
@pytest.mark.parametrize("variant", VARIANTS, ids=lambda v: v.id)
def test_a_buggy_program_has_its_findings_with_their_fewest_preemptions(variant, gil):
    raw = explored(variant, "buggy", gil)

    found = {k: preemptions for k, (preemptions, _) in smallest(raw).items()}
    assert found == {str(k): n for k, n in variant.expected[gil].items()}


@pytest.mark.parametrize("gil", GILS)
@pytest.mark.parametrize("variant", VARIANTS, ids=lambda v: v.id)
def test_a_fixed_program_is_proved_safe(variant, gil):
    raw = explored(variant, "fixed", gil)

    assert raw.finished
    assert raw.schedules == {}
    assert raw.outcomes.keys() == {frozenset()}


@pytest.mark.parametrize("form", ["buggy", "fixed"])
@pytest.mark.parametrize("variant", VARIANTS, ids=lambda v: v.id)
def test_every_program_has_as_many_runs_as_is_written(variant, form):
    """An independent explorer found these numbers, except for those under C11."""
    raw = explored(variant, form, "released")

    assert raw.interleavings == variant.runs[form]

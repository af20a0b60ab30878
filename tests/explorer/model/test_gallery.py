"""Every pattern of the gallery gives what it is known for."""

import pytest
from explorer.model.models import GILS, PLENTY, smallest

import refrace
from refrace.explorer.session import Session

VARIANTS = [v for slug in refrace.gallery for v in refrace.gallery[slug].variants]


def explored(program, gil):
    return Session(program, refrace.mode("atomic"), gil).explore(**PLENTY)


@pytest.mark.parametrize("gil", GILS)
@pytest.mark.parametrize("variant", VARIANTS, ids=lambda v: v.id)
def test_a_buggy_program_has_its_findings_with_their_fewest_preemptions(variant, gil):
    raw = explored(variant.buggy, gil)

    found = {k: preemptions for k, (preemptions, _) in smallest(raw).items()}
    assert found == {str(k): n for k, n in variant.expected[gil].items()}


@pytest.mark.parametrize("gil", GILS)
@pytest.mark.parametrize("variant", VARIANTS, ids=lambda v: v.id)
def test_a_mended_program_is_proved_safe(variant, gil):
    raw = explored(variant.fixed, gil)

    assert raw.finished
    assert raw.schedules == {}
    assert raw.outcomes.keys() == {frozenset()}


@pytest.mark.parametrize("form", ["buggy", "fixed"])
@pytest.mark.parametrize("variant", VARIANTS, ids=lambda v: v.id)
def test_every_program_has_as_many_runs_as_an_independent_explorer_found(variant, form):
    raw = explored(getattr(variant, form), "released")

    assert raw.interleavings == variant.runs[form]

"""Every variant meets its expectations, by the slow reference explorer."""

from __future__ import annotations

import pytest
from reference import explore

from refrace import gallery

VARIANTS = [variant for pattern in gallery.values() for variant in pattern.variants]
LOCKING = ("object_lock", "global_lock")

every_variant = pytest.mark.parametrize(
    "variant", VARIANTS, ids=[variant.id for variant in VARIANTS]
)
either_gil = pytest.mark.parametrize("gil", ["released", "held"])


@every_variant
@either_gil
def test_the_buggy_program_has_exactly_the_findings_expected(variant, gil):
    found = explore(str(variant.buggy), "atomic", gil)

    fewest = {kind: smallest[0] for kind, smallest in found.findings.items()}
    assert fewest == dict(variant.expected[gil])


@every_variant
@either_gil
def test_the_fixed_program_is_clean_where_counting_is_atomic(variant, gil):
    found = explore(str(variant.fixed), "atomic", gil)

    assert found.findings == {}


@every_variant
@either_gil
@pytest.mark.parametrize("mode", LOCKING)
def test_the_fixed_program_is_clean_where_counting_locks(variant, gil, mode):
    assert explore(str(variant.fixed), mode, gil).findings == {}


@every_variant
def test_the_programs_have_as_many_runs_as_is_written(variant):
    for which in ("buggy", "fixed"):
        program = getattr(variant, which)
        runs = explore(str(program), "atomic", "released").interleavings
        assert runs == variant.runs[which], which

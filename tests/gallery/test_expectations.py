"""Every variant meets its expectations, by the slow reference explorer.

The reference is sequentially consistent.  It finds nothing in variants that are about
the memory model of C11; test_weak_expectations.py says what is wrong in these.
"""

from __future__ import annotations

import re
from functools import cache

import pytest
from reference import explore

from refrace import gallery

VARIANTS = [variant for pattern in gallery.values() for variant in pattern.variants]
LOCKING = ("object_lock", "global_lock")
# A memory order, which the reference does not know.
ORDER = re.compile(r" (relaxed|acquire|release|acq_rel|seq_cst)\b")

every_variant = pytest.mark.parametrize(
    "variant", VARIANTS, ids=[variant.id for variant in VARIANTS]
)
either_gil = pytest.mark.parametrize("gil", ["released", "held"])


@cache  # several tests ask about the same exploration, which takes long
def explored(program, mode, gil):
    return explore(ORDER.sub("", str(program)), mode, gil)


@every_variant
@either_gil
def test_the_buggy_program_has_exactly_the_findings_expected(variant, gil):
    found = explored(variant.buggy, variant.mode, gil)

    fewest = {kind: smallest[0] for kind, smallest in found.findings.items()}
    assert fewest == (dict(variant.expected[gil]) if variant.memory == "sc" else {})


@every_variant
@either_gil
def test_the_fixed_program_is_clean_in_the_mode_that_it_is_about(variant, gil):
    found = explored(variant.fixed, variant.mode, gil)

    assert found.findings == {}


@pytest.mark.parametrize(
    "variant", [v for v in VARIANTS if v.mode == "atomic"], ids=lambda v: v.id
)
@either_gil
def test_the_fixed_program_is_clean_where_counting_locks(variant, gil):
    found = {mode: explored(variant.fixed, mode, gil).findings for mode in LOCKING}

    assert found == {mode: {} for mode in LOCKING}


@pytest.mark.parametrize(
    "variant", [v for v in VARIANTS if v.memory == "sc"], ids=lambda v: v.id
)
def test_the_programs_have_as_many_runs_as_is_written(variant):
    for which in ("buggy", "fixed"):
        program = getattr(variant, which)
        runs = explored(program, variant.mode, "released").interleavings
        assert runs == variant.runs[which], which

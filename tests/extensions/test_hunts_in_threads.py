"""A hunt finds the bugs for which threads have to meet at a bad moment."""

import pytest

from extensions.short_hunt import hunt
from extensions.twins import TWINS

NEED_THREADS = {name: twin for name, twin in TWINS.items() if twin.needs_threads}


@pytest.mark.attack
@pytest.mark.soak
@pytest.mark.parametrize("twin", NEED_THREADS.values(), ids=NEED_THREADS)
def test_a_hunt_finds_the_bug_of_the_buggy_form(extensions, twin):
    if not twin.can_fail_here:
        pytest.skip("the GIL hides it")

    found = {finding.kind for finding in hunt(twin, "buggy", seconds=120).findings}

    assert found & twin.kinds

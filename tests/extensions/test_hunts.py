"""A hunt finds the bug of each buggy extension, and reports none in a fixed one."""

import pytest

from extensions.short_hunt import hunt
from extensions.twins import TWINS

pytest.importorskip("cloudpickle")

# Found in the first programs; test_hunts_in_threads has those that need threads.
QUICK = ("pairs", "node", "record", "quote")


def each(twins, *marks):
    """Parameters for some twins; all but a few have marks."""
    return [
        pytest.param(twin, id=name, marks=() if name in QUICK else marks)
        for name, twin in twins.items()
    ]


ONE_THREAD = {name: twin for name, twin in TWINS.items() if not twin.needs_threads}


# How many programs it takes is a matter of luck.
@pytest.mark.parametrize("twin", each(ONE_THREAD, pytest.mark.soak, pytest.mark.attack))
def test_a_hunt_finds_the_bug_of_the_buggy_form(extensions, twin):
    found = {finding.kind for finding in hunt(twin, "buggy", seconds=120).findings}

    assert found & twin.kinds


@pytest.mark.parametrize("twin", each(TWINS, pytest.mark.soak))
def test_a_hunt_finds_nothing_in_the_fixed_form(extensions, twin):
    report = hunt(twin, "fixed", seconds=1)

    assert report.findings == (), str(report)
    assert report.programs > 0

"""How a child ended, as a finding or a note."""

import pytest

from refrace.hunting.processes.child_end import ChildEnd
from refrace.hunting.search.batch import _note
from refrace.hunting.search.sighting import sighting_of_end


def ended(how, source):
    running = {"operations": ["power"], "threads": 1, "program": {}, "source": source}
    return ChildEnd(how, "one call used 5.0 s of processor time", running=running)


@pytest.mark.parametrize(
    "source",
    [
        "power(7, 18446744073709551616)",
        "power(-10000000000000000...)",
        "power([2147483648])",
    ],
)
def test_a_call_that_a_large_number_may_keep_busy_is_a_note_and_no_hang(source):
    end = ended("hang", source)

    assert sighting_of_end(end) is None
    assert _note(end).endswith(
        "it ran power with a number of ten digits or more, which may take long; no hang"
    )


@pytest.mark.parametrize(
    "source",
    [
        "power(7, 255)",
        "power(x1234567890)",
        "power(0.1234567890123)",
        "power('1234567890')",
        "power(UUID('00000000-0000-0000-0000-000000000014'))",
    ],
)
def test_a_call_that_does_not_end_is_a_hang_if_its_numbers_are_small(source):
    assert sighting_of_end(ended("hang", source)).kind == "hang"


@pytest.mark.parametrize("how", ["crash", "deadlock"])
def test_a_large_number_excuses_no_crash_and_no_deadlock(how):
    assert sighting_of_end(ended(how, "power(7, 18446744073709551616)")).kind == how

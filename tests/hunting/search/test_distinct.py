"""One bug is one finding, whatever else the program calls."""

from hypothesis import given
from hypothesis import strategies as st

from refrace.hunting.kinds import KINDS, severity
from refrace.hunting.search.distinct import distinct
from refrace.hunting.search.sighting import Sighting


def seen(kind, *operations, programs=1, source="s"):
    return Sighting(kind, "m", operations, 1, "{}", source, programs=programs)


def test_more_operations_around_the_same_symptom_are_the_same_finding():
    (one,) = distinct(
        [
            seen("leak", "peek", "push"),
            seen("leak", "push"),
            seen("leak", "pop", "push"),
        ]
    )

    assert one.operations == ("push",)
    assert one.programs == 3
    assert one.also == ()


def test_a_reference_too_many_shows_as_a_leak_or_as_an_object_that_is_never_freed():
    (one,) = distinct([seen("never-freed", "push"), seen("leak", "push", programs=2)])

    assert one.kind == "leak"
    assert one.also == ("never-freed",)
    assert one.programs == 3


def test_other_operations_or_another_family_are_other_findings():
    found = distinct(
        [seen("leak", "push"), seen("leak", "pop"), seen("crash", "push", "pop")]
    )

    assert [(one.kind, *one.operations) for one in found] == [
        ("crash", "push", "pop"),
        ("leak", "push"),
        ("leak", "pop"),
    ]


SEEN = st.builds(
    lambda kind, operations: seen(kind, *sorted(operations)),
    st.sampled_from(KINDS),
    st.sets(st.sampled_from("abc"), min_size=1),
)


@given(st.lists(SEEN, max_size=8))
def test_no_program_is_lost_and_a_second_time_changes_nothing(sightings):
    found = distinct(sightings)

    assert sum(one.programs for one in found) == len(sightings)
    assert distinct(found) == found
    ranks = [severity(one.kind) for one in found]
    assert ranks == sorted(ranks)
    assert bool(found) == bool(sightings)

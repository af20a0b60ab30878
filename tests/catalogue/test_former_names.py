"""Properties of a mode under their former names."""

import pytest

import refrace


def test_the_former_name_of_a_property_warns_and_gives_the_same():
    mode = refrace.mode("biased")

    with pytest.warns(DeprecationWarning, match="needs_attached_owner"):
        former = mode.waits_for_sleepers

    assert former
    assert mode.needs_attached_owner
    assert mode.to_dict()["waits_for_sleepers"] is True

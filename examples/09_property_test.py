"""Hunt for corruption with Hypothesis: run this file with pytest."""

from hypothesis import given, settings
from hypothesis import strategies as st

import refrace

races = st.fixed_dictionaries(
    {
        "threads": st.integers(1, 4),
        "objects": st.integers(1, 50),
        "hold": st.integers(1, 200),
    }
)


@settings(max_examples=25, deadline=None)
@given(mode=st.sampled_from(["object_lock", "global_lock", "atomic"]), setting=races)
def test_a_correct_mode_never_corrupts_an_object(mode, setting):
    refrace.race(mode, **setting).raise_for_findings()


@settings(max_examples=25, deadline=None)
@given(setting=races)
def test_whatever_an_unlocked_race_does_every_object_is_accounted_for(setting):
    report = refrace.race("unlocked", **setting)

    assert report.intact + report.leaked + report.freed_early == report.objects

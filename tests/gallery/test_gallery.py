"""The gallery as data: a mapping of patterns, each variant a pair of programs."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

import refrace
from refrace import FindingKind, InvalidArgument, Program


def test_the_gallery_is_a_mapping_in_the_order_of_its_numbers():
    gallery = refrace.gallery

    assert isinstance(gallery, Mapping)
    assert len(gallery) == 29
    assert list(gallery) == list(gallery.keys())
    assert [pattern.number for pattern in gallery.values()] == list(range(1, 30))
    assert all(gallery[slug].slug == slug for slug in gallery)
    assert "borrow-then-incref" in gallery
    assert gallery.get("nowhere") is None


def test_the_gallery_can_still_be_used_as_a_module():
    import refrace.gallery as module

    assert module is refrace.gallery
    assert {module: 1}[module] == 1
    assert module.Pattern is type(module["plain-counter"])


def test_an_unknown_pattern_is_refused_with_a_near_name():
    with pytest.raises(refrace.UnknownPattern) as caught:
        refrace.gallery["borow-then-incref"]

    assert isinstance(caught.value, KeyError)
    assert isinstance(caught.value, InvalidArgument)
    assert "did you mean `borrow-then-incref`?" in str(caught.value)


@pytest.mark.parametrize("slug", [None, 3, ("a",), "", "../errors"])
def test_what_is_no_name_of_a_pattern_is_refused(slug):
    with pytest.raises(refrace.UnknownPattern):
        refrace.gallery[slug]


def test_variants_are_pairs_with_what_to_expect_of_them():
    variants = [v for pattern in refrace.gallery.values() for v in pattern.variants]

    assert len(variants) == 43
    assert len({variant.id for variant in variants}) == 43
    for variant in variants:
        assert isinstance(variant.buggy, Program)
        assert isinstance(variant.fixed, Program)
        assert variant.buggy != variant.fixed
        assert set(variant.expected) == {"released", "held"}
        # A bug that the GIL hides is one of fewer switches, never another one.
        assert set(variant.expected["held"]) <= set(variant.expected["released"])
        assert variant.expected["released"]
        for kinds in variant.expected.values():
            assert FindingKind.DANGLING_FREE not in kinds
            assert all(isinstance(kind, FindingKind) for kind in kinds)
            assert all(number >= 0 for number in kinds.values())
        assert set(variant.runs) == {"buggy", "fixed"}
        assert min(variant.runs.values()) >= 1
        assert len(variant.what) <= 160
        assert variant.fix.endswith(".")


def test_a_pattern_shows_its_first_variant():
    pattern = refrace.gallery["plain-counter"]

    assert pattern.buggy is pattern.variants[0].buggy
    assert pattern.fixed is pattern.variants[0].fixed
    assert [variant.id for variant in pattern.variants] == ["P25a", "P25b"]
    # 2T! / 2^T interleavings of two load-and-store pairs, for T = 2: 6.
    assert pattern.variants[1].runs["buggy"] == 6
    assert pattern.variants[1].expected["released"] == {FindingKind.LEAK: 1}

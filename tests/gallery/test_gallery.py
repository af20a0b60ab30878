"""The gallery as data: a mapping of patterns, each with variants, idiom and bugs."""

from __future__ import annotations

import importlib
import re
from collections.abc import Mapping

import pytest

import refrace
from refrace import FindingKind, InvalidArgument, Program

PATTERNS = list(refrace.gallery.values())
VARIANTS = [variant for pattern in PATTERNS for variant in pattern.variants]
BUGS = [bug for pattern in PATTERNS for bug in pattern.bugs]

every_pattern = pytest.mark.parametrize(
    "pattern", PATTERNS, ids=[pattern.slug for pattern in PATTERNS]
)


def test_the_gallery_is_a_mapping_in_the_order_of_its_numbers():
    gallery = refrace.gallery

    assert isinstance(gallery, Mapping)
    assert list(gallery) == list(gallery.keys())
    numbers = [pattern.number for pattern in gallery.values()]
    assert numbers == list(range(1, len(gallery) + 1))
    assert all(gallery[slug].slug == slug for slug in gallery)
    assert "borrow-then-incref" in gallery
    assert gallery.get("nowhere") is None


def test_the_gallery_can_still_be_used_as_a_module():
    import refrace.gallery as module

    assert module is refrace.gallery
    assert {module: 1}[module] == 1
    assert module.Pattern is type(module["plain-counter"])


@pytest.mark.parametrize("submodule", ["collection", "lesson", "model", "reading"])
def test_it_stays_a_mapping_after_its_submodules_are_imported(submodule):
    importlib.import_module(f"refrace.gallery.{submodule}")

    assert refrace.gallery["plain-counter"].slug == "plain-counter"
    assert isinstance(refrace.gallery.classes, Mapping)


def test_an_unknown_pattern_is_refused_with_a_near_name():
    with pytest.raises(refrace.UnknownPattern) as caught:
        refrace.gallery["borow-then-incref"]

    assert isinstance(caught.value, KeyError)
    assert isinstance(caught.value, InvalidArgument)
    assert "did you mean `borrow-then-incref`?" in str(caught.value)


@pytest.mark.parametrize("slug", [None, 3, ("a",), "", "../errors", "classes", []])
def test_anything_but_the_name_of_a_pattern_is_refused(slug):
    with pytest.raises(refrace.UnknownPattern):
        refrace.gallery[slug]


def test_every_pattern_is_found_by_its_classes_and_every_class_has_one():
    classes = refrace.gallery.classes

    assert all(known.patterns for known in classes.values())
    for name, known in classes.items():
        assert known.name == name
        assert known.description.endswith(".")
    for pattern in PATTERNS:
        for name in pattern.classes:
            assert pattern in classes[name].patterns


def test_what_is_read_cannot_be_changed():
    variant = refrace.gallery["plain-counter"].variants[0]

    with pytest.raises(TypeError):
        variant.expected["released"][FindingKind.LEAK] = 0
    with pytest.raises(TypeError):
        variant.runs["buggy"] = 0
    with pytest.raises(AttributeError):
        variant.id = "P00a"
    with pytest.raises(TypeError):
        refrace.gallery.classes["overflow"] = None
    assert isinstance(hash(variant), int)


def test_variants_are_pairs_with_what_to_expect_of_them():
    for variant in VARIANTS:
        assert isinstance(variant.buggy, Program)
        assert isinstance(variant.fixed, Program)
        assert variant.buggy != variant.fixed
        assert variant.fix.endswith(".")
        assert variant.what.endswith(".")
        assert len(variant.what) <= 160


@every_pattern
def test_variants_are_named_for_the_number_of_their_pattern(pattern):
    letters = "abcdefgh"
    expected = [f"P{pattern.number:02}{letter}" for letter in letters]

    assert [v.id for v in pattern.variants] == expected[: len(pattern.variants)]


def test_a_pattern_shows_its_first_variant():
    pattern = refrace.gallery["plain-counter"]

    assert pattern.buggy is pattern.variants[0].buggy
    assert pattern.fixed is pattern.variants[0].fixed
    # 2T! / 2^T interleavings of two load-and-store pairs, for T = 2: 6.
    assert pattern.variants[1].runs["buggy"] == 6
    assert pattern.variants[1].expected["released"] == {FindingKind.LEAK: 1}


def test_what_it_takes_is_read_off_the_expectations():
    borrow = refrace.gallery["borrow-then-incref"]
    assert (borrow.threads, borrow.preemptions, borrow.with_gil) == (2, 1, False)

    callback = refrace.gallery["borrow-across-callback"]
    assert (callback.threads, callback.preemptions, callback.with_gil) == (1, 0, True)

    # Its second variant takes one preemption less than its first.
    counter = refrace.gallery["plain-counter"]
    assert [variant.preemptions for variant in counter.variants] == [2, 1]
    assert (counter.threads, counter.preemptions, counter.with_gil) == (2, 1, False)


@every_pattern
def test_a_story_can_be_read_aloud(pattern):
    paragraphs = pattern.story.strip().split("\n\n")

    assert 1 <= len(paragraphs) <= 3
    assert 40 <= len(pattern.story.split()) <= 250
    assert max(map(len, pattern.story.splitlines())) <= 80
    assert all(paragraph[-1] in ".?!" for paragraph in paragraphs)


@every_pattern
def test_every_pattern_has_a_report_from_real_code(pattern):
    assert pattern.bugs
    assert all(bug.what[-1] in ".?!)" for bug in pattern.bugs)


def test_links_are_well_formed_and_none_comes_twice():
    links = [bug.link for bug in BUGS]

    assert all(re.fullmatch(r"https?://[^\s/]+\.[^\s/]+/\S+", link) for link in links)
    assert len(set(links)) == len(links)


def test_the_bugs_that_the_gallery_was_made_from_are_all_there():
    assert len([bug for bug in BUGS if int(bug.variant[1:3]) <= 29]) >= 210
    assert len({bug.id for bug in BUGS}) == len(BUGS)


def test_a_bug_that_cannot_happen_with_the_gil_is_of_a_variant_that_may():
    """`gil` speaks of the real program, `with_gil` of the abstract one."""
    assert {bug.gil for bug in BUGS} == {"yes", "no", "maybe", "n/a"}

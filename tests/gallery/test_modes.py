"""Patterns and modes: what correct counting can do for a program, and what not."""

from __future__ import annotations

import pytest

import refrace

VARIANTS = [v for pattern in refrace.gallery.values() for v in pattern.variants]
CORRECT = [mode.name for mode in refrace.modes() if mode.claim == "correct"]

# Modes that survive a bug they were built against: the bug remains, but nothing in use
# is freed.  Where `unique` is never true of a shared object, a thread that checks it
# does not change the object in place.
TAMED = {
    ("saturating", "P27a"): {"leak"},
    ("sign_split", "P27a"): {"leak"},
    ("sign_split", "P24a"): set(),
    ("sign_split", "P46a"): set(),
}

# Findings of a mode that defers frees, instead of those of an early free: a count in
# several words does not wrap, the ledger reports an excess drop, and an object that
# still exists when it is read is found empty.
PUT_OFF = {
    "P27a": {"leak"},
    "P31a": {"underflow"},
    "P41a": {"null-dereference"},
    "P47a": {"null-dereference"},
    # Where threads have data of their own, counting while detached is a finding itself.
    "P51a": {"detached-count"},
}

every_variant = pytest.mark.parametrize("variant", VARIANTS, ids=lambda v: v.id)
either_gil = pytest.mark.parametrize("gil", ["released", "held"])


def correct_modes(program):
    """Return the correct modes for a program, which may see the count as a cell."""
    return [mode for mode in CORRECT if refrace.mode(mode).has_operations_of(program)]


def kinds(variant, form, mode, gil):
    program = getattr(variant, form)
    explored = refrace.explore(program, mode, gil, memory=variant.memory)
    assert explored.is_conclusive
    return {finding.kind for finding in explored.findings}


def test_there_are_modes_that_claim_to_be_correct():
    assert {"atomic", "object_lock", "global_lock"} <= set(CORRECT)


def shows_what_is_expected(variant, mode, gil, found):
    expected = set(variant.expected[gil])
    if mode == variant.mode:
        return found == expected
    if refrace.mode(mode).settles:
        also = PUT_OFF.get(variant.id, set()) if expected else set()
        return found <= expected | also
    if expected:
        expected = TAMED.get((mode, variant.id), expected)
    return found == expected


@every_variant
@either_gil
def test_no_way_of_counting_fixes_a_bug_of_the_program(variant, gil):
    """A borrowed reference stays borrowed, however correct the counting is.

    Where nothing is freed at once, some bugs do not show; none is added.
    """
    modes = correct_modes(variant.buggy)
    shown = {mode: kinds(variant, "buggy", mode, gil) for mode in modes}

    assert shown
    unexpected = {
        mode: found
        for mode, found in shown.items()
        if not shows_what_is_expected(variant, mode, gil, found)
    }
    assert unexpected == {}


def test_putting_frees_off_hides_bugs_and_protecting_reads_more_of_them():
    shown = {
        mode: sum(
            1
            for variant in VARIANTS
            if not variant.buggy.facts.uses_count_word
            and variant.mode == "atomic"
            and refrace.explore(variant.buggy, mode).findings
        )
        for mode in ("atomic", "biased", "deferred", "epoch")
    }

    assert shown["atomic"] > shown["biased"] > shown["deferred"] > shown["epoch"] > 0


@every_variant
@either_gil
def test_a_fixed_program_is_proved_safe_in_every_correct_mode(variant, gil):
    modes = correct_modes(variant.fixed)
    shown = {mode: kinds(variant, "fixed", mode, gil) for mode in modes}

    assert shown
    assert shown == {mode: set() for mode in modes}


@pytest.mark.parametrize(
    "variant", [v for v in VARIANTS if v.mode == "atomic"], ids=lambda v: v.id
)
def test_under_the_gil_counting_without_a_lock_is_as_good_as_any(variant):
    """No thread runs between its load and its store there, except a detached one."""
    found = kinds(variant, "buggy", "unlocked", "held")
    expected = set(variant.expected["held"])
    if variant.class_name == "detached-count":
        assert found > expected
    else:
        assert found == expected
    assert kinds(variant, "fixed", "unlocked", "held") == set()


def test_without_the_gil_it_spoils_fixed_programs_that_share_an_object():
    spoiled = {
        variant.id
        for variant in VARIANTS
        if variant.mode == "atomic" and kinds(variant, "fixed", "unlocked", "released")
    }

    assert {"P01a", "P25a"} <= spoiled
    # One thread loses no update, and the program's own atomic steps are not affected.
    assert not spoiled & {"P02a", "P14a", "P15a", "P25b"}

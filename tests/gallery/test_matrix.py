"""The matrix of patterns and modes: expectations, texts, storage, and speed."""

from __future__ import annotations

import time
from dataclasses import replace
from math import ceil

import pytest

import refrace
from refrace.findings import FindingKind
from refrace.gallery.matrix_report import MODES_IN_A_TABLE

SLUGS = ["borrow-then-incref", "plain-counter", "borrow-across-callback"]
CORRECT = [mode.name for mode in refrace.modes() if mode.claim == "correct"]


@pytest.fixture(scope="module")
def matrix():
    return refrace.check_gallery(patterns=SLUGS)


def cell(**changes):
    """A cell of a correct mode in which every expectation holds."""
    values = {
        "pattern": "own",
        "variant": "P01a",
        "class_name": "overflow",
        "mode": "atomic",
        "claims_correct": True,
        "gil": "released",
        "expected": frozenset({FindingKind.LEAK}),
        "buggy": frozenset({FindingKind.LEAK}),
        "fixed": frozenset(),
        "applies": True,
        "is_settled": True,
        "states": 5,
        "elapsed_s": 0.5,
    }
    return refrace.MatrixCell(**values | changes)


def of(*cells, planned=None):
    return refrace.GalleryMatrix(
        cells,
        len(cells) if planned is None else planned,
        1.0,
        refrace.Environment("3.11.0", True, 2, "Linux x86_64"),
    )


def outcomes(matrix, variant, gil):
    return {
        one.mode: one.outcome
        for one in matrix.cells
        if (one.variant, one.gil) == (variant, gil)
    }


def test_no_counting_scheme_fixes_a_borrowed_reference(matrix):
    shown = outcomes(matrix, "P01a", "released")

    protected = {mode.name for mode in refrace.modes() if mode.protects_reads}
    assert {shown[mode] for mode in {*CORRECT} - protected} == {"bug"}
    assert set(matrix.survivors("P01a")) == protected


def test_the_gil_saves_what_does_not_let_it_go_and_no_more(matrix):
    assert set(matrix.survivors("P01a", "held")) >= {*CORRECT, "unlocked"}
    assert "atomic" not in matrix.survivors("P02a", "held")


def test_a_mode_that_miscounts_breaks_the_fixed_program_and_that_is_not_a_finding(
    matrix,
):
    assert outcomes(matrix, "P25a", "released")["unlocked"] == "miscount"
    assert matrix.findings == ()
    assert matrix.is_conclusive


def test_every_variant_is_there_once_for_every_mode_and_setting(matrix):
    variants = [v.id for slug in SLUGS for v in refrace.gallery[slug].variants]
    places = [(one.variant, one.mode, one.gil) for one in matrix.cells]

    assert len(set(places)) == len(places) == matrix.cells_planned
    assert len(places) == len(variants) * len(refrace.modes()) * 2


def test_the_text_fits_80_columns_and_has_a_row_for_each_variant(matrix):
    lines = str(matrix).splitlines()

    assert lines[0].startswith("gallery: every expectation holds")
    assert max(map(len, lines)) <= 80
    n_tables = 2 * ceil(len(refrace.modes()) / MODES_IN_A_TABLE)
    assert sum(line.startswith("  P25a  plain-counter") for line in lines) == n_tables


def test_the_text_fits_80_columns_with_more_modes_than_fit_side_by_side():
    many = of(*(cell(mode=f"mode_{n}") for n in range(30)))

    assert max(map(len, str(many).splitlines())) <= 80
    assert all(f"mode_{n} " in str(many) for n in range(30))


def test_the_matrix_goes_through_json_and_is_html(matrix):
    assert refrace.GalleryMatrix.from_json(matrix.to_json()) == matrix
    assert matrix._repr_html_().count("<tr>") > 2 * len(SLUGS)


def test_a_fixed_program_that_goes_wrong_in_a_correct_mode_is_a_finding():
    wrong = of(cell(fixed=frozenset({FindingKind.UNDERFLOW})))

    (finding,) = wrong.findings
    assert finding.kind == "underflow"
    assert "P01a (own) in atomic, GIL released" in finding.message
    assert wrong.answer == "gallery: 1 expectation does not hold."
    assert finding.message in " ".join(str(wrong).split())
    with pytest.raises(refrace.CorruptionFound):
        wrong.raise_for_findings()


@pytest.mark.parametrize(
    ("changes", "kinds"),
    [
        ({"buggy": frozenset()}, ["leak"]),
        ({"buggy": frozenset({FindingKind.UNDERFLOW})}, ["leak", "underflow"]),
        # Another mode may show the same bug in another way, but must show it.
        ({"mode": "other", "buggy": frozenset({FindingKind.UNDERFLOW})}, []),
        ({"mode": "other", "buggy": frozenset()}, ["leak"]),
        ({"mode": "other", "buggy": frozenset(), "may_survive": True}, []),
        # Nothing is expected, so nothing may be found.
        ({"mode": "other", "expected": frozenset()}, ["leak"]),
        ({"expected": frozenset(), "buggy": frozenset()}, []),
        # Under a weaker model a bug must show, but a race may end the run before it.
        ({"is_weaker": True, "buggy": frozenset({FindingKind.DATA_RACE})}, []),
        ({"is_weaker": True, "buggy": frozenset()}, ["leak"]),
        ({"is_weaker": True, "expected": frozenset()}, ["leak"]),
        ({"is_weaker": True, "fixed": frozenset({FindingKind.LEAK})}, ["leak"]),
        # A fix that is said to need sequential consistency has to.
        ({"is_weaker": True, "fix_needs_sc": True}, ["leak"]),
        ({"fix_needs_sc": True, "fixed": frozenset({FindingKind.DATA_RACE})}, []),
        ({"fix_needs_sc": True, "mode": "other"}, []),
        # The mode claims nothing, so no claim is broken.
        ({"claims_correct": False, "buggy": frozenset()}, []),
        ({"claims_correct": False, "fixed": frozenset({FindingKind.LEAK})}, []),
        # An unfinished search may still have found it.
        ({"is_settled": False, "buggy": frozenset()}, []),
    ],
)
def test_what_is_expected_of_the_buggy_program_depends_on_the_mode(changes, kinds):
    assert sorted(one.kind for one in of(cell(**changes)).findings) == kinds


def test_a_mode_that_calls_nothing_unique_that_is_shared_survives_trusting_it():
    matrix = refrace.check_gallery(
        ["atomic", "sign_split"], "released", patterns=["unique-but-for-weak"]
    )

    assert [one.outcome for one in matrix.cells] == ["bug", "safe"]
    assert matrix.findings == ()


def test_a_pattern_about_memory_orders_is_explored_under_its_memory_model():
    matrix = refrace.check_gallery(
        ["atomic"], "released", patterns=["no-acquire-before-free"]
    )

    assert [(one.memory, one.outcome) for one in matrix.cells] == [("c11", "bug")]
    assert "With the memory model of C11: P54a." in str(matrix)
    assert refrace.GalleryMatrix.from_json(matrix.to_json()) == matrix


def test_a_fix_that_needs_sequential_consistency_goes_wrong_under_c11_and_says_so():
    slugs = ["collector-acts-on-old-count", "borrow-then-incref"]
    matrix = refrace.check_gallery(
        ["atomic", "object_lock"], "released", memory="c11", patterns=slugs
    )

    shown = {(one.variant, one.mode): one.outcome for one in matrix.cells}
    assert shown["P45a", "atomic"] == "needs sc"
    assert shown["P45a", "object_lock"] == shown["P01a", "atomic"] == "bug"
    assert {(one.memory, one.is_weaker) for one in matrix.cells} == {("c11", True)}
    assert matrix.findings == ()
    assert not matrix.proved
    assert "except where its fix needs sequential consistency" in matrix.answer
    assert "~: the fixed program has a finding under C11" in str(matrix)
    assert refrace.GalleryMatrix.from_json(matrix.to_json()) == matrix


def test_a_read_modify_write_cures_the_fix_that_needs_sequential_consistency():
    """The cure that the gallery names."""
    (variant,) = refrace.gallery["collector-acts-on-old-count"].variants
    cured = variant.fixed_text.replace("n = rc x", "n = casrc x 1 1")

    assert "casrc x 1 1" in variant.fix_needs_sc
    assert cured != variant.fixed_text
    assert refrace.explore(cured, memory="c11").proved


def test_what_c11_does_not_model_is_listed_and_not_explored():
    matrix = refrace.check_gallery(
        ["atomic"], memory="c11", patterns=["suspended-section", "plain-counter"]
    )

    left_out = [one for one in matrix.cells if not one.is_modelled]
    assert {one.variant for one in left_out} == {"P60a", "P60b"}
    assert all(one.outcome == "unsaid" and one.states == 0 for one in left_out)
    assert "Not modelled under C11, and not explored: P60a, P60b." in str(matrix)
    assert matrix.findings == ()


def test_a_pattern_of_ones_own_that_is_too_large_for_c11_is_listed_as_not_modelled():
    owners = range(1, 10)  # one thread more than C11 has room for
    text = "\n".join(
        [f"hold T{i}.x = A" for i in owners] + [f"T{i}: decref x" for i in owners]
    )
    known = refrace.gallery["borrow-then-incref"]
    large = replace(known.variants[0], buggy_text=text, fixed_text=text)
    pattern = replace(known, variants=(large,))

    matrix = refrace.check_gallery(
        ["atomic"], "released", memory="c11", patterns=[pattern]
    )

    (one,) = matrix.cells
    assert (one.is_modelled, one.outcome, one.states) == (False, "unsaid", 0)
    assert f"Not modelled under C11, and not explored: {large.id}." in str(matrix)
    with pytest.raises(refrace.ProgramTooLarge):
        refrace.explain_pattern(pattern, memory="c11")


def test_under_sequential_consistency_a_bug_of_memory_orders_must_not_show():
    matrix = refrace.check_gallery(
        ["atomic"], "released", memory="sc", patterns=["no-acquire-before-free"]
    )

    assert [(one.memory, one.outcome) for one in matrix.cells] == [("sc", "safe")]
    assert matrix.findings == ()


def test_a_limit_that_was_hit_is_neither_safe_nor_conclusive():
    cut = refrace.check_gallery(
        ["atomic"], "released", patterns=["unique-check-then-reuse"], max_states=1
    )

    assert [one.outcome for one in cut.cells] == ["unfinished"]
    assert not cut.is_conclusive
    assert "a limit was reached" in cut.answer
    assert "proved" not in cut.answer


@pytest.mark.parametrize(
    ("program", "slug"),
    [("buggy", "payload-lost-update"), ("fixed", "orphaned-deferred-release")],
)
def test_either_program_cut_short_leaves_the_pair_unfinished(program, slug):
    """A limit between the two numbers of states cuts the larger program only."""
    (variant, *_) = refrace.gallery[slug].variants
    states = {
        name: refrace.explore(getattr(variant, name)).states
        for name in ("buggy", "fixed")
    }
    assert max(states, key=states.get) == program

    cut = refrace.check_gallery(
        ["atomic"], "released", patterns=[slug], max_states=min(states.values()) + 1
    )
    assert not any(one.is_settled for one in cut.cells if one.variant == variant.id)


def test_what_is_stopped_early_says_so():
    assert of(cell(), planned=4).answer == (
        "gallery: nothing unexpected so far, stopped after 1 of 4."
    )
    assert not of(cell(), planned=4).is_conclusive
    assert "stopped before" in str(of(planned=4))


def test_an_interrupt_hands_over_the_cells_so_far():
    def stop(done, total):
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(refrace.Interrupted) as caught:
        refrace.check_gallery(patterns=SLUGS, progress=stop)

    assert len(caught.value.report.cells) == 3
    assert caught.value.report.cells_planned > 3


def test_only_broken_modes_leave_nothing_to_expect():
    matrix = refrace.check_gallery(["unlocked"], "released", patterns=SLUGS[:1])

    assert matrix.answer.startswith("gallery: nothing is expected")


def test_a_correct_mode_that_survives_a_bug_is_named_with_its_class():
    cured = of(cell(mode="other", buggy=frozenset()), cell(class_name="leak-class"))

    assert "classes: overflow." in " ".join(str(cured).split())


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"modes": "atomic"}, refrace.InvalidArgumentType),
        ({"modes": ["nolock"]}, refrace.UnknownMode),
        ({"modes": []}, refrace.InvalidArgument),
        ({"gil": "half"}, refrace.InvalidArgument),
        ({"memory": "tso"}, refrace.InvalidArgument),
        ({"memory": 11}, refrace.InvalidArgumentType),
        ({"patterns": "plain-counter"}, refrace.InvalidArgumentType),
        ({"patterns": ["plain-count"]}, refrace.UnknownPattern),
        ({"patterns": []}, refrace.InvalidArgument),
        ({"max_states": 0}, refrace.InvalidArgument),
        ({"max_seconds": -1}, refrace.InvalidArgument),
        ({"progress": 3}, refrace.InvalidArgumentType),
    ],
    ids=str,
)
def test_wrong_arguments_are_refused_before_anything_is_explored(arguments, error):
    with pytest.raises(error):
        refrace.check_gallery(**arguments)


@pytest.mark.measures
def test_the_whole_gallery_in_atomic_takes_less_than_two_seconds():
    began = time.process_time()
    matrix = refrace.check_gallery(["atomic"])

    assert time.process_time() - began < 2
    assert matrix.findings == ()
    assert matrix.is_conclusive


@pytest.mark.measures
def test_the_whole_gallery_in_atomic_under_c11_takes_less_than_four_seconds():
    began = time.process_time()
    matrix = refrace.check_gallery(["atomic"], memory="c11")

    assert time.process_time() - began < 4
    assert matrix.findings == ()
    assert matrix.is_conclusive


@pytest.mark.soak
def test_every_expectation_holds_under_c11_in_every_mode():
    matrix = refrace.check_gallery(memory="c11")

    assert matrix.findings == ()
    assert matrix.is_conclusive


@pytest.mark.soak  # each pattern and mode has tests of its own in each run
def test_the_full_matrix_takes_less_than_a_minute_on_one_core():
    """A quarter of that, so that it can run beside other tests."""
    began = time.process_time()
    matrix = refrace.check_gallery()

    assert time.process_time() - began < 60
    assert matrix.findings == ()
    assert matrix.is_conclusive

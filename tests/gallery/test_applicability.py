"""A pattern of a mode of its own is treated like all others, and refused elsewhere."""

import json
from dataclasses import replace

import pytest

import refrace
from refrace.cli import main
from refrace.cli.exit_codes import ExitCode
from refrace.gallery.applicability import lacking, not_applicable

VARIANTS = [v for pattern in refrace.gallery.values() for v in pattern.variants]
ENABLED = "tried-before-enabled"
MERGED = "merged-while-owner-counts"


def test_every_variant_is_applicable_to_the_mode_that_it_is_about():
    reasons = [not_applicable(one, refrace.mode(one.mode)) for one in VARIANTS]

    assert not any(reasons)


def test_a_variant_names_another_mode_only_if_atomic_lacks_an_operation():
    atomic = refrace.mode("atomic")

    assert {one.mode for one in VARIANTS} == {"atomic", "biased"}
    assert all((one.mode == "atomic") == (not lacking(one, atomic)) for one in VARIANTS)


def test_what_a_mode_lacks_is_named():
    (tried,) = refrace.gallery[ENABLED].variants
    reads_count = refrace.gallery["dying-object-lookup"].variants[1]

    assert lacking(tried, refrace.mode("atomic")) == "`enable_try`"
    assert lacking(reads_count, refrace.mode("biased")) == "a count in one word"
    assert not_applicable(tried, refrace.mode("biased_suspend")) == ""


def test_the_matrix_finds_the_bug_in_its_mode_and_says_where_it_is_not_applicable():
    matrix = refrace.check_gallery(["atomic", "biased"], patterns=[ENABLED, MERGED])

    shown = {(one.variant, one.mode, one.gil): one.outcome for one in matrix.cells}
    for variant in ("P71a", "P72a", "P72b"):
        assert shown[variant, "biased", "released"] == "bug"
        assert shown[variant, "biased", "held"] == "safe"
        assert shown[variant, "atomic", "released"] == "unsaid"
    assert (matrix.findings, matrix.proved) == ((), True)
    assert "Not applicable to a mode without `enable_try`: P71a." in str(matrix)
    assert "Not applicable to a mode without `merge`: P72a, P72b." in str(matrix)
    assert refrace.GalleryMatrix.from_json(matrix.to_json()) == matrix


def test_exactly_the_expected_kinds_are_expected_in_the_mode_of_the_variant():
    matrix = refrace.check_gallery(["biased"], "released", patterns=[ENABLED])
    (cell,) = matrix.cells

    assert cell.unmet == ()
    missed = replace(cell, buggy=frozenset())
    assert [one.kind for one in missed.unmet] == ["wrong-value"]
    assert replace(missed, mode="biased_suspend").unmet == ()


def test_a_pattern_is_explained_in_the_mode_that_it_is_about():
    explained = refrace.explain_pattern(MERGED)

    assert (explained.mode, explained.not_applicable) == ("biased", ())
    assert explained.proved
    assert {one.buggy.verdict for one in explained.variants} == {"corrupt"}


def test_a_mode_that_no_variant_is_applicable_to_is_refused_with_the_reason():
    with pytest.raises(refrace.InvalidArgument) as caught:
        refrace.explain_pattern(MERGED, "atomic")

    said = str(caught.value)
    assert (
        "P72b is not applicable to 'atomic', because its programs use `merge`" in said
    )
    assert "it is about 'biased'" in said


def test_variants_that_are_not_applicable_are_left_out_with_a_sentence():
    explained = refrace.explain_pattern("dying-object-lookup", "biased")

    assert [one.id for one in explained.variants] == ["P05a"]
    (sentence,) = explained.not_applicable
    assert sentence.startswith("P05b is not applicable to 'biased'")
    assert sentence in " ".join(str(explained).split())
    assert explained.proved
    assert refrace.PatternExplanation.from_json(explained.to_json()) == explained


def test_the_command_explains_it_in_its_mode_and_refuses_others(capsys):
    assert main(["gallery", ENABLED]) == ExitCode.CLEAN
    assert "biased: corrupt: wrong-value" in capsys.readouterr().out

    assert main(["gallery", ENABLED, "--mode", "atomic"]) == ExitCode.USAGE
    assert "P71a is not applicable to 'atomic'" in capsys.readouterr().err

    assert main(["gallery", "--json"]) == ExitCode.CLEAN
    listed = json.loads(capsys.readouterr().out)["patterns"]
    assert {one["slug"] for one in listed if one["mode"] == "biased"} == {
        ENABLED,
        MERGED,
    }


@pytest.mark.parametrize(
    "use",
    [
        lambda pattern: refrace.explain_pattern(pattern, "biased"),
        lambda pattern: refrace.check_gallery(["biased"], patterns=[pattern]),
    ],
    ids=["explain_pattern", "check_gallery"],
)
def test_a_pattern_about_a_mode_without_its_operations_is_refused_with_the_cure(use):
    known = refrace.gallery[ENABLED]
    (variant,) = known.variants
    wrong = replace(known, variants=(replace(variant, mode="atomic"),))

    with pytest.raises(refrace.InvalidData) as caught:
        use(wrong)

    assert str(caught.value) == (
        "P71a is about mode 'atomic', which does not have `enable_try`, and its "
        "programs use that; write one of biased, biased_suspend"
    )

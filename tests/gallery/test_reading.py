"""Invalid pattern files are refused with the file, the place and the fix."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refrace import InvalidArgument, InvalidData, UnknownPattern
from refrace.gallery import Gallery

RIGHT = """
slug = "own"
number = 1
rule = "A rule."
story = "A story."

[idiom]
text = "Do it right."
buggy = "int f(void);"
better = "int g(void);"

[[variants]]
id = "P01a"
class = "overflow"
what = "It happens."
fix = "Fix it."
buggy = "hold T1.x = A; T1: use x"
fixed = "hold T1.x = A; T1: decref x"
runs = { buggy = 1, fixed = 1 }
expected.released = { leak = 0 }
expected.held = { leak = 0 }

[[bugs]]
id = "one"
variant = "P01a"
project = "Project"
year = 2024
link = "https://example.org/1"
what = "It broke."
"""


def written(folder, text, name="own"):
    (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return Gallery(folder)


def test_a_folder_of_ones_own_is_read_like_the_package_s(tmp_path):
    own = written(tmp_path, RIGHT)

    assert list(own) == ["own"]
    assert own["own"].bugs[0].gil == "n/a"
    assert own["own"].variants[0].class_name == "overflow"
    assert own.classes["overflow"].patterns == (own["own"],)


def test_a_folder_may_have_classes_of_its_own(tmp_path):
    (tmp_path / "classes.toml").write_text('mine = "My own."')
    own = written(tmp_path, RIGHT.replace('"overflow"', '"mine"'))

    assert list(own.classes) == ["mine"]
    assert list(own) == ["own"]


WRONG = {
    "no TOML": ("number = 1", "number = = 1", "own.toml: not TOML in UTF-8", "line 3"),
    "a field missing": ('rule = "A rule."', "", "own.toml: a field is missing", "rule"),
    "a field too many": (
        "number = 1",
        "number = 1\nnumberx = 2",
        "`numberx`",
        "remove it",
    ),
    "a number for text": (
        'rule = "A rule."',
        "rule = 7",
        "7 is not of type str",
        "at rule",
    ),
    "text for a number": (
        "number = 1",
        'number = "1"',
        "'1' is not of type int",
        "at number",
    ),
    "a truth value for a number": (
        "number = 1",
        "number = true",
        "True is not of type int",
        "",
    ),
    "deep inside": (
        'fix = "Fix it."',
        "fix = 1",
        "1 is not of type str",
        "at variants[0].fix",
    ),
    "an unknown finding": (
        "{ leak = 0 }",
        "{ leek = 0 }",
        "leek",
        "variants[0].expected",
    ),
    "an unknown GIL setting": ("expected.held", "expected.helt", "helt", "variants[0]"),
    "half of the runs": (
        "buggy = 1, fixed",
        "fixed",
        "runs.buggy at variants[0]",
        "write",
    ),
    "no finding": (
        "released = { leak = 0 }",
        "released = {}",
        "released at variants[0]",
        "",
    ),
    "a finding of the GIL": (
        "held = { leak",
        "held = { deadlock",
        "held at variants[0]",
        "",
    ),
    "a negative number": (
        "released = { leak = 0",
        "released = { leak = -1",
        "too small",
        "",
    ),
    "no run": ("buggy = 1, ", "buggy = 0, ", "too small", "variants[0]"),
    "another slug": (
        'slug = "own"',
        'slug = "other"',
        "'other' is not the file's name",
        "",
    ),
    "number zero": (
        "number = 1",
        "number = 0",
        "number 0 is not positive",
        "start at 1",
    ),
    "an unknown class": (
        '"overflow"',
        '"overflowx"',
        "'overflowx' at variants[0]",
        "classes.toml",
    ),
    "an empty story": ('"A story."', '" "', "story is empty", "write it"),
    "no variant": ("[[variants]]", "[[others]]", "`others`", "remove it"),
    "a variant of another": (
        'variant = "P01a"',
        'variant = "P1a"',
        "bugs[0] (one)",
        "P01a",
    ),
    "no link": (
        "https://example.org/1",
        "example.org",
        "'example.org' at bugs[0]",
        "https://",
    ),
    "a link with a gap": ("org/1", "org/1 2", "at bugs[0]", "write https://host/path"),
    "a year of two digits": (
        "year = 2024",
        "year = 24",
        "year 24 at bugs[0]",
        "four digits",
    ),
    "an unknown word for the GIL": (
        "year = 2024",
        'year = 2024\ngil = "perhaps"',
        "perhaps",
        "",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_file_is_refused_with_place_and_cure(name, tmp_path):
    right, wrong, *messages = WRONG[name]
    assert right in RIGHT
    own = written(tmp_path, RIGHT.replace(right, wrong, 1))

    with pytest.raises(InvalidData) as caught:
        own["own"]

    assert str(caught.value).startswith("own.toml: ")
    for message in messages:
        assert message in str(caught.value)


def test_all_that_is_wrong_is_reported_at_once(tmp_path):
    own = written(tmp_path, RIGHT.replace("number = 1", "").replace('"A rule."', "7"))

    with pytest.raises(InvalidData) as caught:
        own["own"]

    assert len(str(caught.value).splitlines()) == 2


@pytest.mark.parametrize("what", ["id", "link"])
def test_two_bugs_of_one_pattern_have_nothing_in_common(what, tmp_path):
    second = RIGHT[RIGHT.index("[[bugs]]") :]
    if what == "id":
        second = second.replace("example.org/1", "example.org/2")
    else:
        second = second.replace('"one"', '"two"')
    own = written(tmp_path, RIGHT + second)

    with pytest.raises(
        InvalidData, match=rf"own\.toml: {what} .* appears 2 times; keep one"
    ):
        own["own"]


def test_two_patterns_have_not_one_number(tmp_path):
    written(tmp_path, RIGHT)
    own = written(tmp_path, RIGHT.replace('"own"', '"other"'), "other")

    with pytest.raises(InvalidData, match="number 1 is in the gallery twice"):
        list(own)


def test_a_wrong_program_is_refused_with_its_variant(tmp_path):
    variant = written(tmp_path, RIGHT.replace("use x", "us x"))["own"].variants[0]

    assert variant.fixed
    with pytest.raises(InvalidData, match="P01a, buggy: line 1") as caught:
        _ = variant.buggy
    assert "use" in str(caught.value)


@pytest.mark.parametrize("text", [b"\xff", b"\x00"])
def test_a_file_that_is_not_text_is_refused(text, tmp_path):
    (tmp_path / "own.toml").write_bytes(text)

    with pytest.raises(InvalidData, match=r"own\.toml: not TOML in UTF-8"):
        list(Gallery(tmp_path))


def test_wrong_classes_are_refused(tmp_path):
    (tmp_path / "classes.toml").write_text("mine = 3")
    own = written(tmp_path, RIGHT)

    with pytest.raises(InvalidData, match=r"classes\.toml: 3 is not of type str"):
        own["own"]


def test_an_empty_folder_is_an_empty_gallery(tmp_path):
    assert list(Gallery(tmp_path)) == []
    with pytest.raises(UnknownPattern):
        Gallery(tmp_path)["own"]


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InvalidArgument, match=r"nowhere.*is not a folder; pass one"):
        Gallery(tmp_path / "nowhere")


LINES = RIGHT.splitlines()
VALUES = [number for number, line in enumerate(LINES) if " = " in line]
ANY = ["7", "-1", "1.5", "nan", "true", '""', '"x"', "[]", "[1]", "{}", "{ a = 1 }"]
ANY += ["1979-05-27", "07:32:00", "[[], {}]", "9" * 30, '"own"', "{ leak = 0 }"]


def is_read_or_refused(text):
    """Read everything in it; no exception except InvalidData may occur."""
    with tempfile.TemporaryDirectory() as folder, contextlib.suppress(InvalidData):
        for pattern in written(Path(folder), text).values():
            assert pattern.slug == "own"
            assert [variant.buggy for variant in pattern.variants]
            assert pattern.preemptions >= 0


@given(st.sampled_from(VALUES), st.sampled_from(ANY))
def test_any_value_in_any_place_is_read_or_refused(number, value):
    key = LINES[number].split(" = ")[0]
    lines = [*LINES[:number], f"{key} = {value}", *LINES[number + 1 :]]
    is_read_or_refused("\n".join(lines))


@given(st.integers(0, len(RIGHT)), st.integers(0, 12), st.text(max_size=8))
def test_any_slip_of_the_hand_is_read_or_refused(at, gone, put):
    is_read_or_refused(RIGHT[:at] + put + RIGHT[at + gone :])


NATIVE = RIGHT.replace('T1: use x"', 'native_lock M; T1: lock M; unlock M; use x"')


def test_what_waits_with_the_gil_may_go_wrong_with_the_gil_only(tmp_path):
    text = NATIVE.replace("released = { leak = 0 }", "released = {}")
    (variant,) = written(tmp_path, text)["own"].variants

    assert (variant.gil, variant.preemptions, variant.with_gil) == ("held", 0, True)
    assert variant.memory == "sc"


def test_it_has_to_go_wrong_with_the_gil(tmp_path):
    own = written(tmp_path, NATIVE.replace("held = { leak = 0 }", "held = {}"))

    with pytest.raises(InvalidData, match=r"expected\.held at variants\[0\] is empty"):
        own["own"]


def test_a_memory_model_that_is_not_known_is_refused(tmp_path):
    text = RIGHT.replace('class = "overflow"', 'class = "overflow"\nmemory = "tso"')
    own = written(tmp_path, text)

    with pytest.raises(InvalidData, match=r"own\.toml: .*tso.*at variants\[0\]"):
        own["own"]


def test_a_fix_that_needs_sequential_consistency_cannot_be_about_c11(tmp_path):
    both = 'class = "overflow"\nmemory = "c11"\nfix_needs_sc = "It does."'
    own = written(tmp_path, RIGHT.replace('class = "overflow"', both))

    with pytest.raises(InvalidData, match=r"fix_needs_sc at variants\[0\] contradicts"):
        own["own"]


def test_a_variant_is_about_atomic_unless_it_names_another_mode(tmp_path):
    named = 'class = "overflow"\nmode = "biased"'
    own = written(tmp_path, RIGHT.replace('class = "overflow"', named))
    (tmp_path / "plain").mkdir()

    assert (own["own"].mode, own["own"].variants[0].mode) == ("biased", "biased")
    assert written(tmp_path / "plain", RIGHT)["own"].mode == "atomic"


def test_a_mode_that_is_not_known_is_refused(tmp_path):
    named = 'class = "overflow"\nmode = "biassed"'
    own = written(tmp_path, RIGHT.replace('class = "overflow"', named))

    with pytest.raises(
        InvalidData, match=r"own\.toml: mode 'biassed' at variants\[0\]"
    ):
        own["own"]


def test_all_variants_of_a_pattern_are_about_one_mode(tmp_path):
    variant = RIGHT[RIGHT.index("[[variants]]") : RIGHT.index("[[bugs]]")]
    other = variant.replace("P01a", "P01b").replace(
        'class = "overflow"', 'class = "overflow"\nmode = "biased"'
    )
    own = written(tmp_path, RIGHT.replace("[[bugs]]", f"{other}\n[[bugs]]"))

    with pytest.raises(InvalidData, match="make a pattern for each mode"):
        own["own"]

"""Every picture is well-formed, describes itself, and is saved as its suffix says."""

import re
from itertools import pairwise

import pytest
from display.pictures.results import MAKERS, result
from display.pictures.svg_facts import SVG, description, texts, tree
from hypothesis import given
from hypothesis import strategies as st

import refrace
from refrace.display.pictures import files, shapes
from refrace.display.pictures.bars import Bar, Part, bars_picture

every = pytest.mark.parametrize("name", MAKERS)


@every
def test_a_picture_is_well_formed_and_says_what_it_is(name):
    svg = result(name).svg()
    root = tree(svg)

    assert root.tag == f"{SVG}svg"
    assert root.get("role") == "img"
    assert root.get("aria-label") == root.find(f"{SVG}title").text
    assert len(description(svg)) > 20


@every
def test_a_picture_needs_no_network_no_script_and_no_id(name):
    """Ids would clash on a page with several pictures."""
    svg = result(name).svg()

    assert svg.count("http") == 1
    assert "http://www.w3.org/2000/svg" in svg
    assert not re.search(r"<script|javascript:|url\(|\bid=|href", svg)


@every
def test_the_text_of_a_picture_stays_within_it(name):
    root = tree(result(name).svg())
    width, height = float(root.get("width")), float(root.get("height"))
    moved = {
        child
        for group in root.iter(f"{SVG}g")
        if group.get("transform")
        for child in group.iter(f"{SVG}text")
    }
    for node in root.iter(f"{SVG}text"):
        if node in moved:
            continue
        size = float(node.get("font-size"))
        share = shapes.CODE_SHARE if "monospace" in node.get("font-family") else 0.5
        long = len("".join(node.itertext())) * size * share
        shift = {"end": 1.0, "middle": 0.5}.get(node.get("text-anchor"), 0.0)
        left = float(node.get("x")) - shift * long
        assert left >= -1
        assert left + long <= width + 1
        assert 0 < float(node.get("y")) <= height


def placed(node, moved=""):
    """Yield every text that is not turned, and what moves it."""
    transform = node.get("transform") or ""
    if "rotate" in transform:
        return
    if node.tag == f"{SVG}text":
        yield node, moved
    for child in node:
        yield from placed(child, f"{moved} {transform}")


def meeting(svg):
    """Return pairs of texts on one line that would be drawn over each other."""
    lines = {}
    for node, moved in placed(tree(svg)):
        said = "".join(node.itertext())
        is_code = "monospace" in node.get("font-family")
        share = shapes.CODE_SHARE if is_code else 0.5
        long = len(said) * float(node.get("font-size")) * share
        shift = {"end": 1.0, "middle": 0.5}.get(node.get("text-anchor"), 0.0)
        left = float(node.get("x")) - shift * long
        lines.setdefault((moved, node.get("y")), []).append((left, left + long, said))
    ordered = [sorted(line) for line in lines.values()]
    return [
        (one, other)
        for line in ordered
        for (_, end, one), (begin, _, other) in pairwise(line)
        if begin < end - 1
    ]


@every
def test_no_text_of_a_picture_meets_another(name):
    assert meeting(result(name).svg()) == []


def test_a_note_that_has_no_room_beside_its_name_is_below_it():
    parts = [Part("intact", "1", 1.0, "good")]
    name = "9 operations: 9,481,000,132 interleavings, 2,342 states"
    note = "natural: 153/200 rounds; widened: 63/200 rounds"

    def picture(*bars):
        return bars_picture("Growth", bars, "Grows.", unit="runs").svg()

    assert meeting(picture(Bar(name, note, parts))) == []

    def lines(svg, said):
        nodes = tree(svg).iter(f"{SVG}text")
        return {node.get("y") for node in nodes if "".join(node.itertext()) in said}

    short = Bar("short", note, parts)
    assert lines(picture(short), ("short",)) == lines(picture(short), (note,))
    # All notes of a picture are at the same place.
    both = picture(short, Bar(name, note, parts))
    assert not lines(both, ("short", name)) & lines(both, (note,))


def test_a_picture_has_no_marks_of_code():
    verdict = "T1's `incref x` touches freed memory."
    svg = bars_picture("A", [Bar("b", "", [])], verdict, unit="runs").svg()
    assert "T1's incref x touches freed memory." in texts(svg)


def test_a_picture_in_a_page_does_not_shrink_until_it_cannot_be_read():
    picture = result("lost").plot()
    least = float(re.search(r"min-width:([\d.]+)px", picture.inline())[1])

    assert 0.65 * picture.width < least < picture.width
    # It scrolls by itself, so that the page does not.
    assert picture._repr_html_().startswith('<div style="overflow-x:auto">')
    assert "min-width" not in picture.svg()


@every
def test_the_same_result_gives_the_same_picture(name):
    assert result(name).svg() == result(name).svg()


@every
def test_plot_displays_the_picture_in_a_notebook(name):
    if name in ("comparison", "growth"):
        pytest.skip("its plot is a chart of Altair")
    picture = result(name).plot()

    html = picture._repr_html_()
    assert html.count("<svg") == 1
    assert "<style>" in html
    assert str(picture).startswith(picture.title)
    assert picture.description in str(picture)


@pytest.mark.parametrize("suffix", [".svg", ".html", ".json", ".txt", ".png", ".SVG"])
def test_a_result_is_saved_in_the_format_of_its_suffix(tmp_path, suffix):
    if suffix == ".png":
        pytest.importorskip("vl_convert")
    path = tmp_path / f"result{suffix}"
    found = result("exploration")

    found.save(path)

    written = path.read_bytes()
    expected = {
        ".svg": found.svg().encode(),
        ".html": found.html().encode(),
        ".json": f"{found.to_json()}\n".encode(),
        ".txt": f"{found}\n".encode(),
        ".png": b"\x89PNG",
    }[suffix.lower()]
    assert written.startswith(expected)


@pytest.mark.parametrize("suffix", [".svg", ".html", ".png"])
def test_a_picture_is_saved_alone(tmp_path, suffix):
    if suffix == ".png":
        pytest.importorskip("vl_convert")
    path = tmp_path / f"picture{suffix}"
    result("lost").plot().save(str(path))
    start = {".svg": b"<svg", ".html": b"<!doctype html>", ".png": b"\x89PNG"}[suffix]
    assert path.read_bytes().startswith(start)


@pytest.mark.parametrize(
    ("path", "kind", "message"),
    [
        (
            "result.gif",
            refrace.InvalidArgument,
            r"'result.gif' has the suffix '.gif'; use",
        ),
        ("result", refrace.InvalidArgument, r"has no suffix; use one of \.html, \.svg"),
        ("nowhere/x.svg", refrace.InvalidArgument, "no folder 'nowhere'; create it"),
        (3, refrace.InvalidArgumentType, "path=3 is an int; pass the name of a file"),
    ],
)
def test_a_wrong_path_is_an_error_with_a_cure(
    path, kind, message, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(kind, match=message):
        result("lost").save(path)
    assert not [*tmp_path.iterdir()]


def test_a_png_without_the_package_for_it_is_an_error_with_a_cure(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(files, "find_spec", lambda name: None)
    with pytest.raises(refrace.MissingPackage, match=r"pip install 'refrace\[plot\]'"):
        result("lost").save(tmp_path / "x.png")


@given(st.text(), st.text(max_size=30), st.integers(0, 1000))
def test_any_text_is_legal_in_a_picture(verdict, name, count):
    bar = Bar(name, verdict, [Part(name, str(count), count / 1000, "bad")])
    svg = bars_picture(name, [bar], verdict, unit="objects").svg()
    assert tree(svg).tag == f"{SVG}svg"


@given(st.text(), st.integers(40, 900))
def test_wrapped_lines_lose_no_letter_and_fit(content, width):
    lines = shapes.wrapped(content, width)
    # Backticks around code are no letters.
    kept, given = (re.sub(r"[\s`]", "", form) for form in ("".join(lines), content))
    assert kept == given
    most = max(8, int(width / (shapes.SIZE * shapes.PROSE_SHARE)))
    assert max(map(len, lines)) <= most


def test_a_result_without_findings_is_drawn_as_such():
    svg = result("safe").svg()
    assert "intact" in texts(svg)
    assert "bad-pale" not in svg.partition("</style>")[2]


def test_an_inconclusive_result_says_so_in_words():
    assert "Inconclusive" in texts(result("unfinished").svg())

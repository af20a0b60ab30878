"""The pages of the gallery match its data."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

from refrace import gallery

DOCS = Path(__file__).parents[2] / "docs"
SCRIPT = DOCS / "make_gallery.py"


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("make_gallery", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def written(script):
    return script.pages()


def test_the_pages_are_those_that_the_data_give(written):
    stored = {path.name: path.read_text() for path in (DOCS / "gallery").glob("*.md")}

    cure = "run `make gallery`"
    assert stored.keys() == written.keys(), cure
    assert [name for name in written if stored[name] != written[name]] == [], cure


def test_every_pattern_has_a_page_and_every_link_to_a_page_leads_to_one(written):
    assert written.keys() == {"README.md", *(f"{slug}.md" for slug in gallery)}
    for slug in gallery:
        assert f"]({slug}.md)" in written["README.md"]


@pytest.mark.parametrize("slug", ["borrow-then-incref", "hazard-not-validated"])
def test_a_page_has_story_programs_code_and_links(slug, written):
    pattern = gallery[slug]
    text = written[f"{slug}.md"]

    for variant in pattern.variants:
        assert variant.buggy_text.strip() in text
        assert variant.fixed_text.strip() in text
    for piece in (pattern.story, pattern.idiom.buggy, pattern.idiom.better):
        assert piece.strip() in text
    assert all(f"]({bug.link})" in text for bug in pattern.bugs)


def test_no_content_breaks_a_table(written):
    assert "|" not in "".join(p.rule for p in gallery.values())


def test_the_teaching_path_is_the_page_that_the_data_give(script):
    stored = (DOCS / "learn.md").read_text()

    assert stored == script.learn(), "run `make gallery`"
    assert [plan.title in stored for plan in gallery.lessons] == [True] * 8
    assert not re.search(r"(\.[ch]|\s):\d", stored), "such numbers change"
    for target in re.findall(r"\]\(([^)#:]+)\)", stored):
        assert (DOCS / target).exists(), target

"""The site: nothing is left out of its reference or of the language by example."""

import re
from pathlib import Path

import pytest

import refrace
from refrace import FindingKind
from refrace.programs.steps import CONTROL_FORMS, OPERATIONS
from refrace.programs.vocabulary import DECLARATION_WORDS

DOCS = Path(__file__).parents[2] / "docs"
PAGES = [page for page in DOCS.rglob("*.md") if "gallery" not in page.parts]
RUN = re.compile(r"^```\{run-program\}\n((?::[^\n]*\n)*)\n(.*?)^```$", re.M | re.S)
EXAMPLES = (DOCS / "language-by-example.md").read_text()

# What has other words in a program than its name in the table.
WRITTEN = {
    "load": r"x = S",
    "store": r"S = x",
    "assign": r"m = n \+ 1",
    "await_not": r"await not ",
    "await_equal": r"await \w+ == ",
    "spin_not": r"spin not ",
    "at_set": r"at \w+ \w+ = ",
}


def run_programs(text):
    return RUN.findall(text)


def test_every_public_name_is_in_the_reference_once():
    directives = [
        package
        for page in (DOCS / "reference").glob("*.md")
        for line in re.findall(r"^```\{public-names\} (.*)$", page.read_text(), re.M)
        for package in line.split()
    ]
    homes = {home.partition(".")[0] for home in refrace._HOMES}

    assert sorted(directives) == sorted(homes)


@pytest.mark.parametrize(
    "word", [*OPERATIONS, *CONTROL_FORMS, *sorted(DECLARATION_WORDS)]
)
def test_a_word_of_the_language_has_an_example(word):
    programs = "\n".join(program for _, program in run_programs(EXAMPLES))

    assert re.search(WRITTEN.get(word, rf"\b{word}\b"), programs)


@pytest.mark.parametrize("kind", FindingKind)
def test_a_kind_of_finding_has_an_example(kind):
    expected = ", ".join(re.findall(r"^:expect: (.*)$", EXAMPLES, re.M))

    assert kind in expected.split(", ")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_program_of_a_page_says_what_is_expected_of_it(page):
    text = page.read_text()

    assert all(":expect: " in options for options, _ in run_programs(text))
    assert len(run_programs(text)) == text.count("```{run-program}")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_link_between_pages_leads_to_a_file(page):
    for target in re.findall(r"\]\(([^)#:\s]+)\)", page.read_text()):
        assert (page.parent / target).exists(), target

"""docs/language.md: its programs parse, and nothing of the language is left out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from refrace import FindingKind, Program
from refrace.programs.checks.calls import MAX_CALL_DEPTH
from refrace.programs.steps import CONTROL_FORMS, OPERATIONS
from refrace.programs.syntax import MAX_INTEGER, MAX_NESTING
from refrace.programs.vocabulary import DECLARATION_WORDS

REFERENCE = Path(__file__).parents[2] / "docs" / "language.md"
TEXT = REFERENCE.read_text("utf-8")
PROSE = " ".join(TEXT.split())
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


def blocks(language):
    return [body for found, body in BLOCKS if found == language]


def test_every_code_block_has_a_language_that_is_tested():
    assert {language for language, _ in BLOCKS} == {"race", "python", "json"}


@pytest.mark.parametrize("source", blocks("race"))
def test_a_program_of_the_reference_parses_and_round_trips(source):
    assert Program.parse(str(Program.parse(source))) == Program.parse(source)


@pytest.mark.parametrize("source", blocks("python"))
def test_the_python_of_the_reference_runs(source):
    exec(source, {})


@pytest.mark.parametrize("source", blocks("json"))
def test_the_json_of_the_reference_is_a_program(source):
    program = Program.from_json(source)

    assert Program.from_json(program.to_json()) == program


@pytest.mark.parametrize("row", OPERATIONS.values(), ids=OPERATIONS)
def test_a_step_is_described_as_in_the_table(row):
    assert TEXT.count(f"\n| `{row.form}` | {row.doc} |\n") == 1


@pytest.mark.parametrize("form", CONTROL_FORMS)
def test_a_control_form_is_described_as_in_the_table(form):
    written, meaning = CONTROL_FORMS[form]
    assert TEXT.count(f"\n| `{written}` | {meaning} |\n") == 1


def test_statements_that_are_not_steps_are_listed():
    local_only = {row.name for row in OPERATIONS.values() if not row.is_step}

    assert local_only == {"assign", "call", "break", "return"}
    assert "`call`, `break` and `return` are not steps" in PROSE
    assert "### Locals (no step)" in TEXT


def test_results_that_may_be_dropped_are_named():
    sentence = re.search(r"The result of (.*?) may be dropped", PROSE)[1]

    assert set(re.findall(r"`(\w+)`", sentence)) == {
        row.name
        for row in OPERATIONS.values()
        if row.result not in ("none", "returned") and not row.result_required
    }


@pytest.mark.parametrize("word", sorted(DECLARATION_WORDS))
def test_a_declaration_is_described(word):
    assert re.search(rf"^\| .*`{word} ", TEXT, re.MULTILINE)


@pytest.mark.parametrize("kind", FindingKind)
def test_a_kind_of_finding_is_described(kind):
    assert f"\n| `{kind}` | " in TEXT


def test_limits_are_stated_as_they_are():
    assert f"Blocks nest at most {MAX_NESTING} deep" in PROSE
    assert f"call each other at most {MAX_CALL_DEPTH} deep" in PROSE
    assert f"from -{MAX_INTEGER} to {MAX_INTEGER}" in PROSE

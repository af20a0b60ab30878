"""docs/modes.md says of every mode what is proved of it, and so does its card."""

import importlib.util
from pathlib import Path

import pytest

import refrace
from refrace.catalogue import recorded_proofs as recorded

DOCS = Path(__file__).parents[3] / "docs"
PAGE = DOCS / "modes.md"

# A new mode has neither a record nor a section before `make modes`.
RECORDED = [mode for mode in refrace.modes() if mode.proof is not None]
UNRECORDED = [mode for mode in refrace.modes() if mode.proof is None]


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("make_modes", DOCS / "make_modes.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def section(mode):
    text = PAGE.read_text()
    return text.split(f"\n## {mode.name}\n")[1].split("\n## ")[0]


@pytest.mark.parametrize("mode", UNRECORDED, ids=lambda mode: mode.name)
def test_a_mode_without_a_record_says_so_on_its_card(mode):
    assert f"not recorded: refrace prove {mode.name}" in " ".join(str(mode).split())


@pytest.mark.parametrize("mode", RECORDED, ids=lambda mode: mode.name)
def test_a_card_tells_what_is_proved_of_the_mode(mode, proof_of):
    proof = proof_of(mode.name)

    said = " ".join(str(mode).split())
    if proof.proved:
        numbers = f"{proof.programs:,} small programs, {proof.states:,} states"
        assert f"proof proved: {numbers} (recorded;" in said
    else:
        (finding,) = proof.findings
        threads = len(proof.witness.program.threads)
        assert f"proof witness: {finding.kind}, {threads} threads," in said
    assert f"refrace prove {mode.name}" in said


def test_every_mode_has_its_row_and_its_section_in_the_order_of_the_list():
    text = PAGE.read_text()
    titles = [line[3:] for line in text.splitlines() if line.startswith("## ")]
    assert titles.pop(0) == "What a mode costs"
    rows = [line.split("`")[1] for line in text.splitlines() if line[:3] == "| ["]

    assert titles == rows == [mode.name for mode in RECORDED]


@pytest.mark.parametrize("mode", RECORDED, ids=lambda mode: mode.name)
def test_a_section_has_all_that_the_card_has(mode):
    text = section(mode)

    for told in (mode.title, mode.claim, mode.summary, mode.limits):
        assert told in text
    for word in mode.words:
        for field in word.fields:
            assert f"* `{word.label}`, {field.name}" in text
            assert f": {field.meaning}.\n" in text
    assert mode.source in text
    assert f"{mode.memory.parts}." in text
    for name, steps in mode.steps.items():
        assert f"`{name}` {steps}" in text
    assert (DOCS / f"../cext/modes/{mode.name}.c").exists()


@pytest.mark.parametrize(
    "mode",
    [mode for mode in RECORDED if mode.claim == "broken"],
    ids=lambda mode: mode.name,
)
def test_the_witness_as_printed_goes_wrong_in_its_mode_and_is_right_otherwise(mode):
    program = section(mode).split("```race\n")[1].split("```")[0]

    assert refrace.explore(program, mode).findings
    # A read is protected in `epoch`, which is atomic's counterpart there.
    yardstick = "epoch" if mode.protects_reads else "atomic"
    assert refrace.explore(program, yardstick).is_proof


# The last tests about proofs: other workers have made most of them by now.


def test_the_page_is_what_the_proofs_of_its_modes_give(script, proof_of):
    page = script.page(lambda mode: proof_of(mode.name), RECORDED)

    assert PAGE.read_text() == page, "run `make modes`"


def test_the_record_is_what_the_proofs_of_its_modes_give(script, proof_of):
    records = script.records(lambda mode: proof_of(mode.name), RECORDED)

    assert recorded.PROOFS_FILE.read_text() == records, "run `make modes`"


def test_a_proof_that_was_not_finished_is_not_told_as_one(script):
    proof = refrace.prove("atomic", max_seconds=0)

    assert script.verdict(proof) == "unfinished: seconds"
    assert "this proves nothing" in script.status(proof)[0]


def test_no_table_is_torn_by_what_stands_in_it():
    assert "|" not in "".join(mode.title for mode in refrace.modes())

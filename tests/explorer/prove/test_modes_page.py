"""docs/modes.md says of every mode what is proved of it, and so does its card."""

import importlib.util
import json
from pathlib import Path

import pytest
from explorer.prove.long_proofs import LONG, each

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


# One correct mode is enough in each run.
@pytest.mark.parametrize("mode", each(RECORDED, long=LONG | {"biased"}))
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


@pytest.mark.parametrize("mode", refrace.modes(), ids=lambda mode: mode.name)
def test_a_card_and_the_page_say_what_is_proved_under_c11(mode):
    proof = mode.c11_proof
    said = " ".join(str(mode).split())

    if proof is None:
        command = f"refrace prove {mode.name} --memory c11"
        assert f"under C11 not recorded: {command} source" in said
        if mode in RECORDED:
            assert "Under C11: not recorded.\n" in section(mode)
        return
    assert f"under C11 {proof} source" in said
    looked_at = f"{proof.programs:,} program"
    if proof.proved:
        told = f"Under C11: proved ({looked_at}s, {proof.states:,} states)."
    else:
        told = f"Under C11: broken: {', '.join(proof.kinds)}, in a program"
    assert told in section(mode)
    assert looked_at in section(mode)
    (row,) = (
        line for line in PAGE.read_text().splitlines() if f"[`{mode.name}`]" in line
    )
    column = row.split("|")[-2]
    assert ("proved" in column) == proof.proved
    assert all(kind in column for kind in proof.kinds)


def test_every_mode_has_its_row_and_its_section_in_the_order_of_the_list():
    text = PAGE.read_text()
    titles = [line[3:] for line in text.splitlines() if line.startswith("## ")]
    assert titles.pop(0) == "What a mode costs"
    rows = [line.split("`")[1] for line in text.splitlines() if line[:3] == "| ["]

    assert titles == rows == [mode.name for mode in RECORDED]


@pytest.mark.parametrize("mode", RECORDED, ids=lambda mode: mode.name)
def test_a_section_has_all_that_the_card_has(mode):
    text = section(mode)

    for part in (mode.title, mode.claim, mode.summary, mode.limits):
        assert part in text
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


# These need the proofs of all modes.


@pytest.mark.soak
def test_the_page_is_what_the_proofs_of_its_modes_give(script, proof_of):
    page = script.page(lambda mode, memory: proof_of(mode.name, memory), RECORDED)

    assert PAGE.read_text() == page, "run `make modes`"


@pytest.mark.soak
def test_the_record_is_what_the_proofs_of_its_modes_give(script, proof_of):
    records = script.records(lambda mode, memory: proof_of(mode.name, memory), RECORDED)

    assert recorded.PROOFS_FILE.read_text() == records, "run `make modes`"


def test_a_proof_that_was_not_finished_is_not_reported_as_one(script):
    proof = refrace.prove("atomic", max_seconds=0)

    assert script.verdict(proof) == "unfinished: seconds"
    assert "this proves nothing" in script.status(proof)[0]


def test_an_unfinished_proof_under_c11_is_not_recorded(script):
    def prove(mode, memory):
        seconds = 0 if memory == "c11" else 600
        return refrace.prove(mode, memory=memory, max_seconds=seconds)

    unlocked = [refrace.mode("unlocked")]
    page = script.page(prove, unlocked)
    records = json.loads(script.records(prove, unlocked))["proofs"]

    assert "Under C11: not recorded." in page
    assert " | not recorded |\n" in page
    assert [record["memory"] for record in records] == ["sc"]


def test_no_content_breaks_a_table():
    assert "|" not in "".join(mode.title for mode in refrace.modes())

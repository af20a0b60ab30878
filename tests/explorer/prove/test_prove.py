"""Every mode against its claim, over all small programs."""

import json
import re

import pytest
from explorer.prove.long_proofs import FEWER, LONG, each, prove_with_fewer_programs

import refrace
from refrace.cli import main
from refrace.explorer import proving
from refrace.explorer.corpus import EFFORTS, corpus
from refrace.explorer.proof_report import Proof
from refrace.explorer.scenarios import SCENARIOS
from refrace.findings import FindingKind

MODES = refrace.modes()
CORRECT = [mode.name for mode in MODES if mode.claim == "correct"]
BROKEN = [mode.name for mode in MODES if mode.claim == "broken"]

# Mode: threads and counting steps of its smallest witness, and what it shows.
SMALLEST = {
    "unlocked": (2, 2, "leak"),
    "add_then_undo": (2, 3, "revival"),
    "free_by_second_load": (2, 2, "use-after-free"),
    "temporary_count": (2, 2, "use-after-free"),
    "free_inside_lock": (2, 2, "use-after-free"),
    "mixed_width": (2, 2, "leak"),
    "biased_as_printed": (2, 2, "use-after-free"),
    "biased_publish_first": (2, 3, "use-after-free"),
    "biased_undrained": (2, 2, "leak"),
    "decrements_first": (2, 2, "dangling-free"),
}

# Mode: the scenario that shows what no program of the corpus does, and what it shows.
BY_SCENARIO = {
    "biased_weak_queue": (
        "drop-upgrade-handoff",
        "use-after-free",
    ),
    "epoch_too_soon": (
        "reader-ahead",
        "use-after-free",
    ),
    "biased_unsuspended": (
        "owner-detaches",
        "dangling-free",
    ),
}

PLAIN = [one for one in SCENARIOS if not one.reads and not one.detaches]
READS = [one for one in SCENARIOS if one.reads]
DETACHES = [one for one in SCENARIOS if one.detaches]


@pytest.fixture
def tiny(monkeypatch):
    """A corpus that is explored at once."""
    monkeypatch.setitem(EFFORTS, "small", ((2, 3), (3, 3)))


def check_that_it_is_a_proof(proof, sizes):
    assert proof.proved
    assert (proof.witness, proof.findings, proof.limit) == (None, (), None)
    assert [(part.threads, part.steps) for part in proof.parts] == [*sizes]
    for part in proof.parts:
        n = sum(1 for s in range(1, part.steps + 1) for _ in corpus(part.threads, s))
        assert part.programs == part.explored == n
    assert len(proof.scenarios) == proof.scenarios_planned
    assert proof.skipped == 0


def check_that_it_names_all_scenarios(proof):
    explored = {one.name for one in proof.scenarios}
    left_out = {one.name for one in proof.left_out}
    assert not explored & left_out
    assert explored | left_out == {one.name for one in PLAIN + READS + DETACHES}
    assert all(one.name in str(proof) for one in proof.left_out)


@pytest.mark.parametrize("mode", each(CORRECT))
def test_a_mode_that_claims_to_be_correct_is_proved(mode, proof_of):
    check_that_it_is_a_proof(proof_of(mode), [(2, 5), (3, 4)])


@pytest.mark.parametrize("mode", [mode for mode in CORRECT if mode in LONG])
def test_in_each_run_fewer_programs_prove_it_with_all_scenarios(mode):
    proof = prove_with_fewer_programs(mode)

    check_that_it_is_a_proof(proof, FEWER)
    check_that_it_names_all_scenarios(proof)


@pytest.mark.parametrize("mode", SMALLEST)
def test_a_mode_that_claims_to_be_broken_has_its_smallest_witness(mode, proof_of):
    threads, steps, kind = SMALLEST[mode]

    proof = proof_of(mode)

    assert not proof.proved
    assert proof.is_conclusive
    assert proof.witness.mode == mode
    assert [str(finding.kind) for finding in proof.findings] == [kind]
    assert str(proof.witness.program) in {
        str(refrace.Program.parse(text)) for text in corpus(threads, steps)
    }
    assert refrace.explore(proof.witness.program).is_proof


def test_of_a_broken_mode_nothing_smaller_goes_wrong():
    for mode, (threads, steps, _) in SMALLEST.items():
        for fewer in range(threads, steps):
            for text in corpus(threads, fewer):
                assert refrace.explore(text, mode).is_proof, (mode, text)


def test_the_witnesses_of_all_broken_modes_are_stated():
    assert {*SMALLEST, *BY_SCENARIO} == set(BROKEN)


def check_that_a_scenario_shows_it(mode, proof):
    name, kind = BY_SCENARIO[mode]

    assert not proof.proved
    assert all(part.explored == part.programs for part in proof.parts)
    assert proof.scenarios[-1].name == name
    assert [str(finding.kind) for finding in proof.findings] == [kind]
    (program,) = (one.program for one in SCENARIOS if one.name == name)
    assert proof.witness.program == program


@pytest.mark.parametrize("mode", each(list(BY_SCENARIO)))
def test_what_the_corpus_does_not_show_a_scenario_does(mode, proof_of):
    check_that_a_scenario_shows_it(mode, proof_of(mode))


@pytest.mark.parametrize("mode", BY_SCENARIO)
def test_in_each_run_a_scenario_shows_what_fewer_programs_do_not(mode):
    check_that_a_scenario_shows_it(mode, prove_with_fewer_programs(mode))


@pytest.mark.parametrize("scenario", READS, ids=lambda one: one.name)
@pytest.mark.parametrize("mode", CORRECT)
def test_what_is_read_can_be_counted_in_modes_that_claim_it_and_in_no_other(
    mode, scenario
):
    """The one axis that counting alone never fixes."""
    found = refrace.explore(scenario.program, mode)

    assert found.is_proof == refrace.mode(mode).protects_reads


@pytest.mark.parametrize("scenario", DETACHES, ids=lambda one: one.name)
@pytest.mark.parametrize("mode", CORRECT)
def test_objects_wait_for_a_detached_thread_only_in_modes_that_say_so(mode, scenario):
    found = refrace.explore(scenario.program, mode)

    kinds = {kind for outcome in found.outcomes for kind in outcome}
    waits = refrace.mode(mode).needs_attached_owner
    assert kinds == ({FindingKind.DEADLOCK} if waits else set())
    assert found.limit is None


@pytest.mark.parametrize("scenario", PLAIN + DETACHES, ids=lambda one: one.name)
def test_a_scenario_is_right_where_an_operation_is_one_step(scenario):
    assert refrace.explore(scenario.program).is_proof


def test_a_scenario_with_an_operation_that_the_mode_lacks_is_left_out(proof_of):
    left_out = [one.name for one in PLAIN if one.program.facts.uses_count_word]

    assert left_out
    proof = proof_of("biased")
    assert proof.scenarios_planned == len(PLAIN) - len(left_out)
    assert proof_of("atomic").scenarios_planned == len(PLAIN + DETACHES)
    assert {one.name for one in proof.left_out if "single word" in one.why} == set(
        left_out
    )


@pytest.mark.parametrize("mode", each(CORRECT))
def test_every_scenario_is_explored_or_named_with_the_reason_why_not(proof_of, mode):
    check_that_it_names_all_scenarios(proof_of(mode))


@pytest.mark.soak
def test_a_mode_that_claims_to_protect_reads_is_checked_for_that(proof_of):
    counting = {one.name for one in proof_of("deferred").scenarios}
    reading = {one.name for one in proof_of("epoch").scenarios}

    assert reading - counting == {one.name for one in READS}


def test_a_witness_counts_only_if_atomic_has_no_part_in_it(tiny, monkeypatch):
    """With the yardstick itself broken, everything is the program's own mistake."""
    monkeypatch.setattr(proving, "YARDSTICK", "unlocked")

    proof = refrace.prove("free_by_second_load")

    assert proof.skipped > 0
    if proof.witness is not None:
        assert refrace.explore(proof.witness.program, "unlocked").is_proof


def test_a_limit_that_was_reached_is_not_reported_as_a_proof(tiny):
    proof = refrace.prove("atomic", max_seconds=0)

    assert (proof.limit, proof.proved, proof.is_conclusive) == ("seconds", False, False)
    assert proof.programs == 0
    assert "unfinished" in proof.answer
    assert "proves nothing" in proof.answer


def test_an_interrupt_keeps_what_was_explored(tiny):
    def interrupt(done, planned):
        assert done < planned
        raise KeyboardInterrupt

    with pytest.raises(refrace.Interrupted) as caught:
        refrace.prove("atomic", progress=interrupt)

    proof = caught.value.report
    assert (proof.limit, proof.programs) == ("interrupt", 1)
    assert not proof.is_conclusive


@pytest.mark.parametrize("mode", ["atomic", "add_then_undo"])
def test_a_proof_goes_through_json_and_prints_within_80_columns(mode, tiny):
    proof = refrace.prove(mode)

    assert Proof.from_json(proof.to_json()) == proof
    assert max(map(len, str(proof).splitlines())) <= 80
    assert str(proof).startswith(f"{mode}: ")
    assert proof._repr_html_()


@pytest.mark.parametrize(
    ("arguments", "error", "says"),
    [
        ({"mode": "atomik"}, refrace.UnknownMode, "atomik"),
        ({"mode": 3}, refrace.InvalidArgumentType, "mode=3"),
        ({"mode": "atomic", "effort": "huge"}, refrace.InvalidArgument, "effort"),
        ({"mode": "atomic", "max_seconds": -1}, refrace.InvalidArgument, "max_seconds"),
        ({"mode": "atomic", "progress": 1}, refrace.InvalidArgumentType, "progress"),
    ],
)
def test_a_wrong_argument_is_refused(arguments, error, says):
    with pytest.raises(error, match=says):
        refrace.prove(**arguments)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["atomic"], 0),
        (["add_then_undo"], 1),
        (["nothing"], 2),
        (["atomic", "--max-seconds", "0"], 3),
    ],
)
def test_the_command_exits_with_what_was_found(tiny, capsys, arguments, code):
    assert main(["prove", *arguments]) == code


def test_the_command_prints_json(tiny, capsys):
    main(["prove", "atomic", "--json"])

    assert json.loads(capsys.readouterr().out)["format"] == "refrace/proof"


def test_a_scenario_has_a_short_id_and_a_sentence_that_the_report_shows(tiny):
    names = [one.name for one in SCENARIOS]
    assert len(set(names)) == len(names)
    said = " ".join(str(refrace.prove("atomic")).split())
    for one in SCENARIOS:
        assert re.fullmatch(r"[a-z]+(-[a-z]+)+", one.name)
        assert len(one.name) <= 25
        assert one.meaning[0].isupper()
        assert one.meaning.endswith(".")
        assert one.name in said


def test_the_reasons_for_what_is_not_checked_have_room_in_80_columns(tiny):
    lines = str(refrace.prove("atomic")).splitlines()

    at = next(i for i, line in enumerate(lines) if "not checked" in line)
    table = lines[at : lines.index("", at)]
    assert max(map(len, table)) <= 80
    assert len(table) <= 2 + 2 * len(READS)


def test_a_proof_that_was_stored_with_the_old_names_of_scenarios_is_read(tiny):
    proof = refrace.prove("biased_unsuspended")
    stored = json.loads(proof.to_json())
    old = {
        "owner-detaches": "the owner sleeps, and wakes up while another drops",
        "handoff-then-exit": "the owner hands over and ends",
        "two-readers": "two read what the third drops, and all come by",
    }
    for one in (*stored["scenarios"], *stored["left_out"]):
        one["name"] = old.pop(one["name"], one["name"])

    assert not old
    assert Proof.from_dict(stored) == proof
    assert Proof.from_dict(stored).scenario == "owner-detaches"


def test_what_breaks_a_claim_on_reads_is_reported_as_such(tiny):
    answer = refrace.prove("epoch_too_soon").answer

    assert "counts what it read, which the mode claims to protect" in answer
    assert "atomic" not in answer

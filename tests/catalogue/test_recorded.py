"""What the package keeps of proofs and measurements, and how a card tells it."""

import json
import subprocess
import sys

import pytest

import refrace
from refrace.catalogue import recorded_proofs as recorded


def proof_of(**changed):
    parts = {
        "mode": "atomic",
        "refrace": "0.1.0",
        "effort": "small",
        "proved": True,
        "limit": None,
        "programs": 3526,
        "states": 462000,
        "kinds": (),
        "threads": None,
        "steps": None,
        "scenario": None,
    }
    return refrace.RecordedProof(**{**parts, **changed})


WITNESS = {"proved": False, "kinds": ("leak",), "threads": 2}


@pytest.mark.parametrize(
    ("proof", "verdict"),
    [
        (proof_of(), "proved: 3,526 small programs, 462,000 states"),
        (
            proof_of(**WITNESS, steps=2),
            "witness: leak, 2 threads, 2 counting steps",
        ),
        (
            proof_of(**WITNESS, scenario="read late"),
            "witness: leak, 2 threads, in a scenario: read late",
        ),
        (
            proof_of(proved=False, limit="seconds"),
            "unfinished (seconds): 3,526 small programs, 462,000 states, which proves "
            "nothing",
        ),
    ],
)
def test_a_recorded_proof_tells_its_numbers_and_how_to_compute_it_again(proof, verdict):
    assert proof.verdict == verdict
    assert str(proof) == (
        f"{verdict} (recorded; refrace prove atomic computes it again)"
    )


def test_a_recorded_proof_under_c11_is_computed_again_under_c11():
    assert str(proof_of(memory="c11")).endswith(
        "(recorded; refrace prove atomic --memory c11 computes it again)"
    )


@pytest.fixture
def proofs_file(tmp_path, monkeypatch):
    """A file of proofs in place of the package's."""
    file = tmp_path / "proofs.json"
    monkeypatch.setattr(recorded, "PROOFS_FILE", file)
    return file


def test_what_is_written_is_read(proofs_file):
    proofs = [proof_of(), proof_of(**WITNESS, mode="unlocked", steps=2)]
    proofs_file.write_text(recorded.proofs_text(proofs))

    assert [refrace.mode(proof.mode).proof for proof in proofs] == proofs
    assert refrace.mode("atomic").to_dict()["proof"]["programs"] == 3526


def test_a_mode_has_a_proof_in_each_memory_model(proofs_file):
    sc, c11 = proof_of(), proof_of(memory="c11", states=3)
    proofs_file.write_text(recorded.proofs_text([sc, c11]))

    atomic = refrace.mode("atomic")

    assert (atomic.proof, atomic.c11_proof) == (sc, c11)
    said = " ".join(str(atomic).split())
    assert f" proof {sc} under C11 {c11} " in said
    assert str(c11) in atomic._repr_html_()
    assert atomic.to_dict()["c11_proof"]["memory"] == "c11"


def test_a_record_without_memory_models_is_still_read(proofs_file):
    data = json.loads(recorded.proofs_text([proof_of()]))
    del data["proofs"][0]["memory"]
    proofs_file.write_text(json.dumps(data))

    atomic = refrace.mode("atomic")

    assert atomic.proof == proof_of()
    assert atomic.c11_proof is None
    assert "not recorded: refrace prove atomic --memory c11" in " ".join(
        str(atomic).split()
    )
    assert atomic.to_dict()["c11_proof"] is None


def test_a_mode_without_a_record_says_how_to_prove_it(proofs_file):
    proofs_file.write_text(recorded.proofs_text([proof_of(mode="unlocked")]))

    mode = refrace.mode("sticky")

    assert mode.proof is None
    assert "  proof        not recorded: refrace prove sticky\n" in str(mode)
    assert mode.to_dict()["proof"] is None


def test_a_package_without_records_still_shows_its_cards(proofs_file):
    assert not proofs_file.exists()

    assert "not recorded: refrace prove atomic" in str(refrace.mode("atomic"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "not JSON"),
        ("[]", "this refrace reads"),
        ('{"format": "refrace/recorded-proofs", "version": 2}', "'version': 2"),
        ('{"format": "refrace/recorded-proofs", "version": 1}', "expected a list"),
        (
            '{"format": "refrace/recorded-proofs", "version": 1, "proofs": [{}]}',
            "expected the fields",
        ),
    ],
)
def test_a_damaged_record_is_reported_and_not_guessed(proofs_file, text, said):
    proofs_file.write_text(text)

    with pytest.raises(refrace.InvalidData, match=said) as caught:
        _ = refrace.mode("atomic").proof

    assert "proofs" in str(caught.value)


def test_the_records_are_read_when_a_card_is_shown_and_not_before():
    code = (
        "import refrace, sys, builtins, io\n"
        "from refrace.catalogue import recorded_proofs as recorded\n"
        "opened = []\n"
        "sys.addaudithook(lambda name, args: "
        "opened.append(str(args[0])) if name == 'open' else None)\n"
        "mode = refrace.mode('atomic')\n"
        "print(sum(path.endswith('.json') for path in opened))\n"
        "str(mode)\n"
        "print(sum(path.endswith('.json') for path in opened) > 0)\n"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)

    assert done.stdout.split() == ["0", "True"], done.stderr


def recorded_modes():
    """Return the modes with a record; a new mode has none before `make modes`."""
    modes = [mode for mode in refrace.modes() if mode.proof is not None]
    assert len(modes) >= 20
    return modes


def test_every_record_agrees_with_the_claim_of_its_mode():
    for mode in recorded_modes():
        assert mode.proof.proved == (mode.claim == "correct")
        assert bool(mode.proof.kinds) == (mode.claim == "broken")


def test_every_record_under_c11_agrees_with_the_claim_of_its_mode():
    proofs = {mode: mode.c11_proof for mode in refrace.modes() if mode.c11_proof}

    assert len(proofs) >= 20
    for mode, proof in proofs.items():
        assert proof.memory == "c11"
        assert proof.proved == (mode.claim == "correct")
        assert bool(proof.kinds) == (mode.claim == "broken")


def test_the_record_is_shipped_as_it_is_written():
    data = json.loads(recorded.PROOFS_FILE.read_text())

    assert [(proof["mode"], proof["memory"]) for proof in data["proofs"]] == [
        (mode.name, memory)
        for memory, modes in (("sc", recorded_modes()), ("c11", refrace.modes()))
        for mode in modes
        if memory == "sc" or mode.c11_proof is not None
    ]

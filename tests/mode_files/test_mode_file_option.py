"""``--mode-file`` and ``refrace new-mode``."""

import pytest

from refrace.cli import main
from refrace.mode_files.new_mode import new_mode

PROGRAM = "hold T1.x = A\nhold T2.x = A\nT1: decref x\nT2: decref x\n"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["prove"], 1),
        (["explore", "PROGRAM"], 1),
        (["sample", "PROGRAM", "--runs", "50"], 1),
        (["race", "--objects", "20"], None),
        (["modes"], 0),
    ],
)
def test_every_verb_takes_the_file_of_a_mode(words, code, plain, tmp_path, capsys):
    program = tmp_path / "two.race"
    program.write_text(PROGRAM)
    words = [str(program) if word == "PROGRAM" else word for word in words]

    ended = main([*words, "--mode-file", plain.file])

    assert plain.name in capsys.readouterr().out
    assert code is None or ended == code


def test_a_stored_run_replays_with_the_file_of_its_mode(plain, tmp_path, capsys):
    program = tmp_path / "two.race"
    program.write_text(PROGRAM)
    main(["explore", str(program), "--mode-file", plain.file, "--json"])
    stored = tmp_path / "stored.json"
    stored.write_text(capsys.readouterr().out)

    assert main(["replay", str(stored), "--mode-file", plain.file]) == 1
    assert plain.name in capsys.readouterr().out


def test_a_mode_is_needed_by_name_or_by_file(capsys):
    assert main(["prove"]) == 2
    assert "add --mode-file FILE" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        ["prove", "atomic"],
        ["race", "atomic"],
        ["explore", "PROGRAM", "--mode", "atomic"],
    ],
    ids=lambda words: words[0],
)
def test_two_modes_for_a_command_that_takes_one_are_refused(
    words, plain, tmp_path, capsys
):
    program = tmp_path / "two.race"
    program.write_text(PROGRAM)
    words = [str(program) if word == "PROGRAM" else word for word in words]

    assert main([*words, "--mode-file", plain.file]) == 2
    error = " ".join(capsys.readouterr().err.split())
    assert "'atomic' and --mode-file both name a mode" in error
    assert "leave one of them out" in error


def test_a_mode_may_be_named_that_its_file_defines(plain, capsys):
    assert main(["modes", plain.name, "--mode-file", plain.file]) == 0
    assert plain.name in capsys.readouterr().out


def test_a_file_that_is_no_mode_is_a_message_and_exits_with_2(tmp_path, capsys):
    path = tmp_path / "mine.c"
    path.write_text("int x;\n")

    assert main(["prove", "--mode-file", str(path)]) == 2
    assert f"{path}: the file has no RR_MODE_CARD" in capsys.readouterr().err


def test_a_new_mode_is_written_once(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)

    assert main(["new-mode", "mine"]) == 0
    text = (tmp_path / "mine.c").read_text()
    assert "RR_MODE_TABLE(mine," in text
    assert main(["new-mode", "mine"]) == 2
    assert "add --force" in capsys.readouterr().err
    assert main(["new-mode", "mine", "--like", "biased", "--force"]) == 0
    assert "biased_family.h" in (tmp_path / "mine.c").read_text()


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["new-mode", "atomic"], "is a mode of refrace; choose another name"),
        (["new-mode", "My-Mode"], "has to be a C identifier"),
        (["new-mode", "mine", "--like", "biasd"], "did you mean 'biased'"),
    ],
)
def test_a_name_that_cannot_be_one_is_explained(words, why, capsys):
    assert main(words) == 2
    assert why in capsys.readouterr().err


def test_prove_watches_the_file_and_runs_again_at_each_save(
    can_compile, tmp_path, monkeypatch, capsys
):
    path = tmp_path / "mine.c"
    main(["new-mode", "mine", "-o", str(path)])
    broken = path.read_text()

    def saves(watched):
        assert watched == path
        path.write_text("int x;\n")
        yield
        path.write_text(new_mode("mine", "free_by_second_load"))
        yield
        path.write_text(broken)
        yield

    monkeypatch.setattr("refrace.cli.mode_files.changes_of", saves)

    assert main(["prove", "--mode-file", str(path), "--watch"]) == 1
    said = capsys.readouterr()
    assert said.out.count(": broken: leak, in a 2-thread program") == 2
    assert said.out.count(": broken: use-after-free, in a 2-thread") == 1
    assert "no RR_MODE_CARD" in said.err


def test_watching_needs_a_file(capsys):
    assert main(["prove", "atomic", "--watch"]) == 2
    assert "add --mode-file FILE" in capsys.readouterr().err

"""The journal: a killed hunt resumes with exactly the batches that were done."""

import os
import sqlite3

import pytest

from refrace.hunting.search.batch import BatchOutcome
from refrace.hunting.search.tally import Tally
from refrace.hunting.storing import journal as module
from refrace.hunting.storing.journal import Journal


@pytest.fixture
def other_process(monkeypatch):
    """From now on, this process is another one, and that of before has ended."""

    def become():
        names = iter(f"{number} 1 boot" for number in range(10**7, 10**7 + 99))
        name = next(names)
        monkeypatch.setattr(module, "_this_process", lambda: name)

    return become


def outcome(number, programs=1):
    return BatchOutcome(number, Tally(batches=1, programs=programs))


def killed(folder, seed=7, batches=3, key="k"):
    """Leave the journal of a hunt whose process is gone."""
    journal = Journal(folder)
    hunt = journal.begin(key, seed, any_seed=False)
    for number in range(batches):
        journal.add(hunt, outcome(number), 0.5)
    journal.close()
    with sqlite3.connect(journal.path) as connection:
        connection.execute("UPDATE hunts SET owner = '1 0 another-boot'")
    connection.close()


def test_a_killed_hunt_resumes_with_its_seed_its_batches_and_its_time(tmp_path):
    killed(tmp_path)

    hunt = Journal(tmp_path).begin("k", 99, any_seed=True)

    assert hunt.seed == 7
    assert hunt.outcomes == tuple(outcome(number) for number in range(3))
    assert hunt.seconds == 1.5


def test_a_hunt_with_another_seed_or_other_settings_does_not_resume(tmp_path):
    killed(tmp_path)

    assert Journal(tmp_path).begin("k", 8, any_seed=False).outcomes == ()
    assert Journal(tmp_path).begin("other", 7, any_seed=False).outcomes == ()
    assert len(Journal(tmp_path).begin("k", 7, any_seed=False).outcomes) == 3


def test_a_hunt_that_still_runs_is_not_taken_over(tmp_path):
    first = Journal(tmp_path)
    hunt = first.begin("k", 7, any_seed=False)
    first.add(hunt, outcome(0), 1.0)

    assert Journal(tmp_path).begin("k", 7, any_seed=True).outcomes == ()


def test_a_hunt_that_is_over_does_not_resume(tmp_path):
    journal = Journal(tmp_path)
    hunt = journal.begin("k", 7, any_seed=False)
    journal.add(hunt, outcome(0), 1.0)
    journal.end(hunt)
    journal.close()

    assert Journal(tmp_path).begin("k", 7, any_seed=False).outcomes == ()


def test_a_batch_that_is_added_twice_counts_once(tmp_path):
    killed(tmp_path, batches=1)
    journal = Journal(tmp_path)
    hunt = journal.begin("k", 7, any_seed=False)
    journal.add(hunt, outcome(0, programs=9), 0.5)
    journal.close()
    with sqlite3.connect(journal.path) as connection:
        connection.execute("UPDATE hunts SET owner = '1 0 another-boot'")
    connection.close()

    again = Journal(tmp_path).begin("k", 7, any_seed=False)

    assert [one.tally.programs for one in again.outcomes] == [9]


@pytest.mark.parametrize("where", [0, 20, 100, 4096])
def test_a_corrupt_file_is_set_aside_and_a_new_one_begun(tmp_path, where):
    killed(tmp_path)
    path = tmp_path / "hunts.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    with path.open("r+b") as file:
        file.seek(where)
        file.write(b"\xa5" * 5000)

    journal = Journal(tmp_path)
    hunt = journal.begin("k", 7, any_seed=False)
    journal.add(hunt, outcome(0), 1.0)

    assert journal.notes
    # A damaged page may only show when it is read; then the journal is off.
    assert hunt.outcomes == ()


def test_a_journal_of_another_version_is_set_aside(tmp_path):
    killed(tmp_path)
    with sqlite3.connect(tmp_path / "hunts.sqlite") as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()

    journal = Journal(tmp_path)

    assert "version 99" in journal.notes[0]
    assert journal.begin("k", 7, any_seed=False).number == 1


def test_a_batch_that_cannot_be_read_is_left_out_and_noted(tmp_path):
    killed(tmp_path)
    with sqlite3.connect(tmp_path / "hunts.sqlite") as connection:
        connection.execute("UPDATE batches SET outcome = '{}' WHERE number = 1")
    connection.close()
    journal = Journal(tmp_path)

    hunt = journal.begin("k", 7, any_seed=False)

    assert [one.number for one in hunt.outcomes] == [0, 2]
    assert "cannot be read" in journal.notes[0]


def test_without_a_folder_the_journal_is_off_and_says_so(tmp_path):
    journal = Journal(tmp_path / "missing")
    hunt = journal.begin("k", 7, any_seed=True)
    journal.add(hunt, outcome(0), 1.0)
    journal.end(hunt)

    assert hunt.seed == 7
    assert "cannot be used" in journal.notes[0]


def test_a_write_that_fails_turns_the_journal_off(tmp_path, monkeypatch):
    """Simulated: the disk is full."""
    journal = Journal(tmp_path)
    hunt = journal.begin("k", 7, any_seed=True)
    journal._connection.execute("PRAGMA max_page_count = 1")
    journal.add(hunt, outcome(0, programs=1), 1.0)
    big = BatchOutcome(1, Tally(notes=("x" * 100_000,)))
    journal.add(hunt, big, 1.0)
    journal.add(hunt, outcome(2), 1.0)
    journal.end(hunt)

    assert len(journal.notes) == 1
    assert "full" in journal.notes[0]


def test_old_hunts_are_forgotten(tmp_path):
    journal = Journal(tmp_path)
    for number in range(module._KEPT + 5):
        journal.end(journal.begin("k", number, any_seed=False))
    count = journal._connection.execute("SELECT count(*) FROM hunts").fetchone()[0]

    assert count <= module._KEPT + 1


def test_this_process_is_alive_and_its_name_differs_from_that_of_others():
    assert module._is_alive(module._this_process())
    assert not module._is_alive(f"{os.getpid()} 1 another-boot")
    assert not module._is_alive("nonsense")

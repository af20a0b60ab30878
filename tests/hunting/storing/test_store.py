"""The store: whole files or none, and never a reason for a hunt to fail."""

import errno
import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refrace.errors import InvalidArgumentType
from refrace.hunting.storing import store as module
from refrace.hunting.storing.store import Store, check_store, write_whole

FINDING = {
    "kind": "leak",
    "operations": ["put"],
    "message": "m",
    "source": "put()",
    "program": {"calls": 1},
}


def test_a_finding_comes_back(tmp_path):
    path = Store(tmp_path).write_finding("lib:Cache", FINDING)

    (found,) = Store(tmp_path).findings_of("lib:Cache")

    assert found["program"] == {"calls": 1}
    assert found["subject"] == "lib:Cache"
    assert path.name.startswith("lib-Cache-")
    assert (tmp_path / ".gitignore").read_text().endswith("*\n")


def test_a_finding_replaces_an_older_one_of_the_same_kind_and_operations(tmp_path):
    store = Store(tmp_path)
    store.write_finding("lib:Cache", FINDING)
    store.write_finding("lib:Cache", {**FINDING, "program": {"calls": 2}})
    store.write_finding("lib:Cache", {**FINDING, "kind": "crash"})

    found = store.findings_of("lib:Cache")

    assert sorted(one["program"]["calls"] for one in found) == [1, 2]


@given(st.text(), st.text())
def test_subjects_with_similar_names_do_not_share_findings(
    tmp_path_factory, one, other
):
    folder = tmp_path_factory.mktemp("store")
    store = Store(folder)
    store.write_finding(one, FINDING)

    assert len(store.findings_of(other)) == (one == other)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b'{"format": "refrace/stored-finding"}',
        b'{"format": "refrace/stored-finding", "version": 99}',
        b"[" * 100_000,
    ],
)
def test_a_broken_file_is_set_aside_and_noted(tmp_path, content):
    store = Store(tmp_path)
    path = store.write_finding("lib:Cache", FINDING)
    path.write_bytes(content)

    assert store.findings_of("lib:Cache") == []

    assert "cannot be read" in store.notes[0]
    assert not path.exists()
    assert path.with_suffix(".broken").exists()
    assert store.findings_of("lib:Cache") == []


def test_a_full_disk_is_noted_and_leaves_the_old_file_whole(tmp_path, monkeypatch):
    """Simulated: the flush to the disk fails, as on a full one."""
    store = Store(tmp_path)
    path = store.write_finding("lib:Cache", FINDING)
    before = path.read_text()

    def full(descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(module.os, "fsync", full)
    written = store.write_finding("lib:Cache", {**FINDING, "program": {"calls": 2}})

    assert written is None
    assert path.read_text() == before
    assert len(list(path.parent.iterdir())) == 1
    assert "No space left on device" in store.notes[0]


def test_a_store_that_cannot_be_made_is_noted(tmp_path):
    file = tmp_path / "file"
    file.write_text("")

    store = Store(file / "store")

    assert "cannot be written" in store.notes[0]
    assert store.findings_of("lib:Cache") == []
    assert store.write_finding("lib:Cache", FINDING) is None


def test_a_device_that_is_full_fails_to_be_written_whole(tmp_path):
    link = tmp_path / f".target.{os.getpid()}"
    link.symlink_to("/dev/full")

    with pytest.raises(OSError, match="No space left"):
        write_whole(tmp_path / "target", "text")

    assert list(tmp_path.iterdir()) == []


def test_the_folder_is_the_argument_or_the_variable_or_the_current_one(
    tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(module.HOME, raising=False)
    assert check_store(None) == tmp_path / ".refrace"
    monkeypatch.setenv(module.HOME, str(tmp_path / "home"))
    assert check_store(None) == tmp_path / "home"
    assert check_store("here") == tmp_path / "here"
    assert check_store(tmp_path) == tmp_path
    assert check_store(False) is None


@pytest.mark.parametrize("value", [True, 3, object()])
def test_a_store_that_is_not_a_folder_is_refused(value):
    with pytest.raises(InvalidArgumentType, match="pass the path of one"):
        check_store(value)


def test_a_stored_finding_is_json_that_people_can_read(tmp_path):
    path = Store(tmp_path).write_finding("lib:Cache", FINDING)

    assert json.loads(path.read_text())["source"] == "put()"
    assert path.read_text().count("\n") > 5


def test_a_finding_that_no_longer_shows_is_set_aside_after_some_misses(tmp_path):
    store = Store(tmp_path)
    path = store.write_finding("lib:Cache", FINDING)

    for miss in range(1, module.MOST_MISSES):
        store.note_missed(store.findings_of("lib:Cache")[0])
        assert f"did not show again ({miss} of" in store.notes[-1]
    store.note_missed(store.findings_of("lib:Cache")[0])

    assert store.findings_of("lib:Cache") == []
    assert not path.exists()
    assert json.loads(path.with_suffix(".gone").read_text())["source"] == "put()"
    assert "is not run any more" in store.notes[-1]


def test_a_finding_that_shows_again_has_no_misses(tmp_path):
    store = Store(tmp_path)
    store.write_finding("lib:Cache", FINDING)
    store.note_missed(store.findings_of("lib:Cache")[0])
    store.write_finding("lib:Cache", FINDING)

    assert "misses" not in store.findings_of("lib:Cache")[0]

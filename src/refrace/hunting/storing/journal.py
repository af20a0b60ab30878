"""The journal of hunts, in SQLite: each batch once, so that a killed hunt resumes."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from refrace._base.codec import decode, encode
from refrace.errors import InvalidData
from refrace.hunting.search.batch import BatchOutcome

__all__ = ["Journal", "JournalledHunt"]

_VERSION = 1
_BUSY_S = 2.0
_SCHEMA = """
CREATE TABLE IF NOT EXISTS hunts (
    hunt INTEGER PRIMARY KEY,
    key TEXT NOT NULL,
    seed TEXT NOT NULL,
    owner TEXT NOT NULL,
    began REAL NOT NULL,
    is_over INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS hunts_by_key ON hunts (key, is_over);
CREATE TABLE IF NOT EXISTS batches (
    hunt INTEGER NOT NULL REFERENCES hunts (hunt) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    seconds REAL NOT NULL,
    outcome TEXT NOT NULL,
    PRIMARY KEY (hunt, number)
);
"""
_KEPT = 100
"""Hunts that are over and are kept."""


@dataclass(frozen=True)
class JournalledHunt:
    """A hunt that this process continues.

    Attributes
    ----------
    number : int
        Its number in the journal.
    seed : int
        Its seed.
    outcomes : tuple of BatchOutcome
        The batches that were done before it was killed.
    seconds : float
        The time in seconds that they took.
    """

    number: int
    seed: int
    outcomes: tuple[BatchOutcome, ...] = ()
    seconds: float = 0.0


class Journal:
    """The journal in a folder.  After an error it is off; `notes` says why.

    A batch is one transaction: after a kill at any moment, it is there or not.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / "hunts.sqlite"
        self.notes: list[str] = []
        self._connection: sqlite3.Connection | None = None
        for is_last in (False, True):
            try:
                self._connection = self._open()
                return
            except sqlite3.DatabaseError as error:
                if is_last or not _is_broken(error):
                    self._give_up(error)
                    return
                self._set_aside(error)
            except OSError as error:
                self._give_up(error)
                return

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=_BUSY_S, isolation_level=None)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA foreign_keys = ON")
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if version not in (0, _VERSION):
                raise sqlite3.DatabaseError(f"it has version {version}")
            connection.executescript(_SCHEMA)
            connection.execute(f"PRAGMA user_version = {_VERSION}")
            connection.execute("SELECT count(*) FROM hunts, batches").fetchone()
        except BaseException:
            connection.close()
            raise
        return connection

    def _set_aside(self, error: Exception) -> None:
        aside = self.path.with_suffix(f".broken-{time.time_ns()}")
        for suffix in ("", "-wal", "-shm"):
            broken = self.path.with_name(self.path.name + suffix)
            if broken.exists():
                broken.replace(aside.with_name(aside.name + suffix))
        self.notes.append(
            f"the journal {str(self.path)!r} cannot be read ({error}); it is now "
            f"{aside.name}, and a new one was begun"
        )

    def _give_up(self, error: Exception) -> None:
        self.notes.append(
            f"the journal {str(self.path)!r} cannot be used ({error}); a hunt that is "
            "killed now does not resume"
        )
        self.close()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection | None]:
        """Yield the connection in a transaction; None if the journal is off."""
        if self._connection is None:
            yield None
            return
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
        except sqlite3.Error as error:
            self._give_up(error)

    def begin(self, key: str, seed: int, *, any_seed: bool) -> JournalledHunt:
        """Begin a hunt, or continue one with the same key whose process was killed.

        Parameters
        ----------
        key : str
            Equal for hunts that can continue each other.
        seed : int
            The seed of a new hunt, and of the one to continue.
        any_seed : bool
            Whether a hunt with any other seed will do, too.
        """
        with self._transaction() as connection:
            if connection is not None:
                for number, its_seed, owner in connection.execute(
                    "SELECT hunt, seed, owner FROM hunts WHERE key = ? AND NOT is_over "
                    "ORDER BY hunt DESC",
                    (key,),
                ).fetchall():
                    fits = any_seed or int(its_seed) == seed
                    if fits and not _is_alive(owner):
                        return self._continued(connection, number, int(its_seed))
                self._forget(connection)
                row = connection.execute(
                    "INSERT INTO hunts (key, seed, owner, began) VALUES (?, ?, ?, ?)",
                    (key, str(seed), _this_process(), time.time()),
                )
                return JournalledHunt(row.lastrowid or 0, seed)
        return JournalledHunt(0, seed)

    def _continued(
        self, connection: sqlite3.Connection, number: int, seed: int
    ) -> JournalledHunt:
        connection.execute(
            "UPDATE hunts SET owner = ? WHERE hunt = ?", (_this_process(), number)
        )
        outcomes, seconds = [], 0.0
        for text, its_seconds in connection.execute(
            "SELECT outcome, seconds FROM batches WHERE hunt = ? ORDER BY number",
            (number,),
        ).fetchall():
            try:
                outcomes.append(decode(BatchOutcome, json.loads(text), "batch"))
                seconds += its_seconds
            except (InvalidData, ValueError) as error:
                self.notes.append(f"a batch in the journal cannot be read: {error}")
        return JournalledHunt(number, seed, tuple(outcomes), seconds)

    @staticmethod
    def _forget(connection: sqlite3.Connection) -> None:
        """Remove old hunts: the journal is for resuming, not for history."""
        connection.execute(
            "DELETE FROM hunts WHERE hunt <= (SELECT max(hunt) FROM hunts) - ?",
            (_KEPT,),
        )

    def add(self, hunt: JournalledHunt, outcome: BatchOutcome, seconds: float) -> None:
        """Keep a batch of a hunt; `seconds` is its share of the time of the hunt."""
        with self._transaction() as connection:
            if connection is not None:
                connection.execute(
                    "INSERT OR REPLACE INTO batches VALUES (?, ?, ?, ?)",
                    (
                        hunt.number,
                        outcome.number,
                        seconds,
                        json.dumps(encode(outcome)),
                    ),
                )

    def end(self, hunt: JournalledHunt) -> None:
        """Note that a hunt is over: it does not resume, and its batches can go."""
        with self._transaction() as connection:
            if connection is not None:
                number = (hunt.number,)
                connection.execute(
                    "UPDATE hunts SET is_over = 1 WHERE hunt = ?", number
                )
                connection.execute("DELETE FROM batches WHERE hunt = ?", number)

    def close(self) -> None:
        """Close the file; the journal is off from then on."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def _is_broken(error: sqlite3.DatabaseError) -> bool:
    """Return whether the file is the problem, rather than the disk or a lock."""
    return not isinstance(error, sqlite3.OperationalError) or "version" in str(error)


def _this_process() -> str:
    """Return a name of this process that no later process has."""
    return _named(os.getpid())


def _named(process: int) -> str:
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return f"{process} gone"
    return f"{process} {fields[19]} {boot}"  # the time of its start


def _is_alive(owner: str) -> bool:
    process: Any = owner.partition(" ")[0]
    return process.isdigit() and _named(int(process)) == owner

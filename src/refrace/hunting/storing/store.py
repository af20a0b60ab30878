"""The store of hunts: findings, one file each, and a journal of what was done.

The folder is ``.refrace`` in the current one, or what ``REFRACE_HOME`` names.  A hunt
never fails because of its store: what cannot be written is noted, and the hunt goes on.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from refrace._base.json_text import load_json
from refrace._base.safe_repr import shown
from refrace.errors import InvalidArgumentType

__all__ = ["HOME", "Store", "StoredFinding", "check_store"]

HOME = "REFRACE_HOME"
"""The environment variable that names the folder."""

_FORMAT = "refrace/stored-finding"
_VERSION = 1
_MOST_BYTES = 2**24
_MOST_FINDINGS = 100
MOST_MISSES = 5
"""Runs in a row without a stored finding after which it is set aside."""

StoredFinding = dict[str, Any]
"""A stored finding: the subject's name, kind, operations, program, and for people its
message and text."""


def check_store(value: Any) -> Path | None:
    """Return the folder of the `store` argument; None for ``False``: no store."""
    if value is False:
        return None
    if value is None:
        return Path(os.environ.get(HOME) or ".refrace").absolute()
    if not isinstance(value, str | os.PathLike):
        raise InvalidArgumentType(
            f"store={shown(value)} is no folder; pass the path of one, None for "
            f".refrace or {HOME}, or False to keep nothing"
        )
    return Path(os.fsdecode(value)).absolute()


class Store:
    """The folder of a store, and what went wrong with it.

    Attributes
    ----------
    folder : Path
        Where it is.
    notes : list of str
        What could not be read or written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.notes: list[str] = []
        with self.noting("cannot be written"):
            (folder / "findings").mkdir(parents=True, exist_ok=True)
            ignore = folder / ".gitignore"
            if not ignore.exists():
                ignore.write_text("# Written by refrace.\n*\n")

    @contextlib.contextmanager
    def noting(self, what: str) -> Iterator[None]:
        """Note an error of the block, once, instead of raising it."""
        try:
            yield
        except OSError as error:
            why = error.strerror or str(error)
            note = f"the store {str(self.folder)!r} {what}: {why}"
            if note not in self.notes:
                self.notes.append(note)

    def findings_of(self, subject: str) -> list[StoredFinding]:
        """Return the stored findings of a subject; broken files are set aside."""
        found = []
        with self.noting("cannot be read"):
            folder = self.folder / "findings"
            paths = sorted(folder.glob(f"{_prefix(subject)}*.json"))
            for path in paths[:_MOST_FINDINGS]:
                stored = self._read(path)
                if stored is not None and stored["subject"] == subject:
                    found.append(stored)
        return found

    def note_missed(self, stored: StoredFinding) -> None:
        """Note that a stored finding did not show when its program ran.

        After some misses in a row, it becomes a file ``.gone``, which nobody runs.
        """
        misses = int(stored.get("misses", 0)) + 1
        text = f"a stored {stored['kind']} in {', '.join(stored['operations'])}"
        path = self._path(stored["subject"], stored)
        with self.noting("cannot be written"):
            write_whole(path, _json({**stored, "misses": misses}))
            if misses < MOST_MISSES:
                self.notes.append(
                    f"{text} did not show again ({misses} of {MOST_MISSES} times)"
                )
                return
            gone = path.with_suffix(".gone")
            path.replace(gone)
            self.notes.append(
                f"{text} did not show again {misses} times in a row; it is now "
                f"{gone.name} and is not run any more"
            )

    def _path(self, subject: str, finding: StoredFinding) -> Path:
        named = f"{finding['kind']} {sorted(finding['operations'])}"
        digest = hashlib.sha256(named.encode()).hexdigest()[:12]
        return self.folder / "findings" / f"{_prefix(subject)}{digest}.json"

    def _read(self, path: Path) -> StoredFinding | None:
        with self.noting("cannot be read"):
            try:
                if path.stat().st_size > _MOST_BYTES:
                    raise ValueError("it is too large")
                stored = load_json(path.read_text(encoding="utf-8"))
                if not _is_finding(stored):
                    raise ValueError("it is not a stored finding")
            except (ValueError, RecursionError) as error:
                aside = path.with_suffix(".broken")
                path.replace(aside)
                self.notes.append(
                    f"the stored finding {path.name} cannot be read ({error}); it is "
                    f"now {aside.name}"
                )
                return None
            return stored  # type: ignore[no-any-return]
        return None

    def write_finding(self, subject: str, finding: StoredFinding) -> Path | None:
        """Write a finding in one step; return its file, None if that failed."""
        stored = {
            "format": _FORMAT,
            "version": _VERSION,
            "subject": subject,
            **finding,
        }
        path = self._path(subject, finding)
        with self.noting("cannot be written"):
            write_whole(path, _json(stored))
            return path
        return None


def _json(stored: StoredFinding) -> str:
    return json.dumps(stored, indent=2, sort_keys=True) + "\n"


def write_whole(path: Path, text: str) -> None:
    """Write a file such that at any moment it has its old or its new content."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with partial.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            partial.unlink()
        raise


def _prefix(subject: str) -> str:
    """Return the beginning of the names of a subject's files: readable and unique."""
    readable = re.sub(r"[^A-Za-z0-9]+", "-", subject).strip("-")[-40:]
    return f"{readable}-{hashlib.sha256(subject.encode()).hexdigest()[:8]}-"


def _is_finding(stored: Any) -> bool:
    return (
        isinstance(stored, dict)
        and stored.get("format") == _FORMAT
        and stored.get("version") == _VERSION
        and all(isinstance(stored.get(name), str) for name in ("subject", "kind"))
        and isinstance(stored.get("program"), dict)
        and isinstance(stored.get("operations"), list)
        and all(isinstance(name, str) for name in stored["operations"])
        and type(stored.get("misses", 0)) is int
    )

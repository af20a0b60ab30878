"""Data files of the package: JSON with a header."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from refrace.errors import InvalidData

__all__ = ["read_recorded", "recorded_text"]


def recorded_text(data: dict[str, Any]) -> str:
    """Return the text of a data file."""
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"


def read_recorded(
    file: Path, head: dict[str, Any], *older: dict[str, Any]
) -> dict[str, Any] | None:
    """Return the data in a file; None if the file does not exist.

    Parameters
    ----------
    file : Path
        The file.
    head : dict
        Format and version that this version of refrace writes.
    *older : dict
        Headers that it also reads.

    Raises
    ------
    InvalidData
        If the file is not JSON, or has none of these headers.
    """
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise InvalidData(f"{file}: not JSON: {error}; reinstall refrace") from None
    found = {key: data.get(key) for key in head} if isinstance(data, dict) else data
    if found not in (head, *older):
        raise InvalidData(
            f"{file} is {found!r:.60}; this refrace reads {head}; reinstall refrace"
        )
    assert isinstance(data, dict)
    return data

"""Files of the package in which something is recorded: JSON with a head."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from refrace.errors import InvalidData

__all__ = ["read_recorded", "recorded_text"]


def recorded_text(data: dict[str, Any]) -> str:
    """Return data as the text of a file."""
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"


def read_recorded(
    file: Path, head: dict[str, Any], *older: dict[str, Any]
) -> dict[str, Any] | None:
    """Return what stands in a file; None if there is no such file.

    Parameters
    ----------
    file : Path
        The file.
    head : dict
        Format and version that this refrace writes.
    *older : dict
        Those that it also reads.

    Raises
    ------
    InvalidData
        If it is no JSON, or begins with none of these heads.
    """
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise InvalidData(f"{file}: not JSON: {error}; install refrace again") from None
    found = {key: data.get(key) for key in head} if isinstance(data, dict) else data
    if found not in (head, *older):
        raise InvalidData(
            f"{file} is {found!r:.60}; this refrace reads {head}; install refrace again"
        )
    assert isinstance(data, dict)
    return data

"""Parse JSON and reject duplicate keys."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from refrace._base.safe_repr import shown
from refrace.errors import InvalidData

__all__ = ["load_json"]


def load_json(text: str | bytes) -> Any:
    """Return the data of a JSON text.

    Raises
    ------
    InvalidData
        If an object has a duplicate key: parsers disagree on which value counts.
    TypeError, ValueError, RecursionError
        If the text is not JSON, or is nested too deeply.
    """
    return json.loads(text, object_pairs_hook=_without_duplicates)


def _without_duplicates(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise InvalidData(f"the key {shown(key, 60)} occurs twice in one object")
        found[key] = value
    return found

"""The folder where a search goes on when its memory is used up."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from refrace._base.arguments import a_kind
from refrace._base.safe_repr import shown
from refrace.errors import InvalidArgument, InvalidArgumentType

__all__ = ["check_spill"]


def check_spill(value: Any) -> str | None:
    """Return the absolute path of the `spill` argument; None if there is none.

    Raises
    ------
    InvalidArgumentType, InvalidArgument
        If it is no path, or if no file can be made there.
    """
    if value is None:
        return None
    if not isinstance(value, str | os.PathLike):
        raise InvalidArgumentType(
            f"spill={shown(value)} is {a_kind(value)}; pass the path of a folder, or "
            "None to stay in memory"
        )
    name = os.fsdecode(value)
    try:
        if not name:  # `Path` takes it for the current folder
            raise ValueError("the path is empty")
        folder = str(Path(name).absolute())
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise InvalidArgument(
            f"spill={shown(name)}: no file can be made there ({why}); pass a folder "
            "that is there and that you may write to"
        ) from None

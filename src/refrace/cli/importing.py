"""``MODULE:NAME`` and ``FILE.py:NAME`` arguments: import what they name."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from typing import Any

import click

from refrace._base.arguments import nearest

__all__ = ["import_object"]


def import_object(path: str, what: str) -> Any:
    """Import ``MODULE:NAME``, where NAME may have dots; `what` is for messages.

    The current folder is searched first, as with ``python -m``; for ``FILE.py:NAME``,
    the folder of the file.

    Raises
    ------
    click.UsageError
        If `path` has another form, or names nothing that can be imported.
    """
    module_name, colon, name = path.partition(":")
    if not colon or not module_name or not name:
        raise click.UsageError(
            f"{path!r} does not name a {what}; pass MODULE:NAME, for example "
            "mypackage.module:function, or FILE.py:NAME"
        )
    here = os.getcwd()
    if module_name.endswith(".py"):
        file = Path(module_name).resolve()
        if not file.is_file():
            raise click.UsageError(
                f"there is no file {module_name!r}; pass FILE.py:NAME or MODULE:NAME"
            )
        here, module_name = str(file.parent), file.stem
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        found: Any = importlib.import_module(module_name)
    except (Exception, SystemExit) as error:
        raise click.UsageError(
            f"importing {module_name!r} raised {type(error).__name__}: {error}; pass a "
            "module that this Python can import from the current folder"
        ) from error
    for part in name.split("."):
        try:
            found = getattr(found, part)
        except AttributeError:
            raise click.UsageError(
                f"{module_name!r} has no {name!r}{nearest(part, dir(found))}; pass the "
                f"name of a {what} in it"
            ) from None
    return found

"""The text of a new mode's C file."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import Any

from refrace._base.arguments import nearest
from refrace._base.safe_repr import shown
from refrace.catalogue.mode import modes
from refrace.errors import InvalidArgument, UnknownMode
from refrace.mode_files.headers import include_dir

__all__ = ["new_mode"]

_ID = re.compile(r"[a-z][a-z0-9_]{0,39}")


def new_mode(name: Any, like: Any = None) -> str:
    """Return the text of a C file for a new mode.

    Parameters
    ----------
    name : str
        The id of the mode: a C identifier in lower case.
    like : str, optional
        A mode of refrace whose algorithm it starts from.  Default: a plain counter,
        with comments.

    Raises
    ------
    InvalidArgument
        If `name` cannot be an id, or is the name of a mode of refrace.
    UnknownMode
        If `like` is not a mode of refrace.
    """
    ours = [one.name for one in modes()]
    if not isinstance(name, str) or not _ID.fullmatch(name):
        raise InvalidArgument(
            f"NAME={shown(name, 60)} cannot name a mode; it has to be a C identifier "
            "of at most 40 lower-case letters, digits and underscores, such as my_mode"
        )
    if name in ours:
        raise InvalidArgument(
            f"NAME={name!r} is a mode of refrace; choose another name, for example "
            f"'my_{name}', and start from it by --like {name}"
        )
    if like is None:
        template = files("refrace.mode_files").joinpath("template.txt").read_text()
        return template.replace("NAME", name)
    if like not in ours:
        raise UnknownMode(
            f"--like {like!r:.60} is not a mode of refrace{nearest(str(like), ours)}; "
            "`refrace modes` lists them"
        )
    text = (include_dir() / "modes" / f"{like}.c").read_text()
    text = re.sub(r", \.place = \d+", "", text)
    text = text.replace(f"/* {like}.c --", f"/* {name}.c -- like {like}.c:", 1)
    return re.sub(
        rf"\brr_{like}_|(?<=RR_MODE_CARD\(){like}\b|(?<=RR_MODE_TABLE\(){like}\b",
        lambda match: match[0].replace(like, name),
        text,
    )

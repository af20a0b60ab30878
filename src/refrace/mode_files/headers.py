"""Where the headers are that the C file of a mode includes."""

from __future__ import annotations

import re
from functools import cache
from hashlib import sha256
from pathlib import Path

from refrace.errors import EnvironmentUnfit

__all__ = ["HALVES", "core_functions", "digest_of_headers", "include_dir"]

HALVES = ("library/connect_native.c", "library/connect_model.c")
"""The C files that become a library together with the file of a mode."""


def include_dir() -> Path:
    """Return the folder of the C headers that the file of a mode includes.

    Returns
    -------
    pathlib.Path
        Pass it to a compiler or an editor as ``-I``, to have
        ``#include "modes/mode.h"`` found.

    Raises
    ------
    EnvironmentUnfit
        If this installation has no headers.

    Examples
    --------
    >>> import refrace
    >>> (refrace.include_dir() / "mem" / "rc_mem.h").is_file()
    True
    """
    package = Path(__file__).parents[1]
    # An installed package has a copy; in a checkout they are among the core's files.
    for folder in (package / "include", package.parents[1] / "cext"):
        if (folder / "mem" / "rc_mem.h").is_file():
            return folder
    raise EnvironmentUnfit(
        f"the headers of refrace are not in {package / 'include'}; install refrace "
        "again, from a wheel or its sdist"
    )


@cache
def core_functions() -> frozenset[str]:
    """Return the functions that a mode compiled for the explorer may call."""
    listed = (include_dir() / "library" / "core_model.def").read_text()
    return frozenset(
        re.findall(r"^RR_CORE(?:_DOES)?\((?:[^()]*, )?(rr_\w+),", listed, re.M)
    )


@cache
def digest_of_headers() -> str:
    """Return a checksum of everything that is compiled into every mode."""
    folder = include_dir()
    digest = sha256()
    for name in ("base", "mem", "modes", "library"):
        for path in sorted((folder / name).glob("*.*")):
            if path.suffix in (".h", ".def") or name == "library":
                digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()

"""A compiler that instruments what it compiles: ``refrace cc gcc -c x.c``.

It adds -fsanitize=thread to compile steps only.  A link step with that flag would link
the sanitizer's runtime, but the extension shall call refrace's own.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

__all__ = ["ADDED", "KEEP", "command_of", "main"]

KEEP = "REFRACE_KEEP_SOURCES"
"""The environment variable that names the folder for copies of compiled files."""

SOURCES = {".c", ".cc", ".cpp", ".cxx"}

ADDED = (
    *("-fsanitize=thread", "-g", "-fno-omit-frame-pointer"),
    # A builtin would be inlined, and its accesses would have no hook.
    *("-fno-builtin-memcpy", "-fno-builtin-memmove", "-fno-builtin-memset"),
)
"""Flags of every compile step."""

# The hooks are found at run time, in refrace's own module.
_STRICT_LINKS = ("-Wl,-z,defs", "-Wl,-zdefs", "-Wl,--no-undefined")
# Code that is only generated when it is linked would have no hooks.
_DROPPED = ("-fsanitize", "-fno-sanitize", "-flto", "-ffat-lto-objects")


def command_of(arguments: Sequence[str], keep: str | None = None) -> list[str]:
    """Return the command that replaces a compiler's command.

    Parameters
    ----------
    arguments : sequence of str
        The compiler and its arguments; flags of sanitizers and of optimisation at link
        time are dropped.
    keep : str, optional
        The folder that the debug information names instead of the current one.
    """
    kept = [one for one in arguments if not one.startswith(_DROPPED)]
    if "-c" not in kept:
        return [one for one in kept if one not in _STRICT_LINKS]
    mapped = [f"-fdebug-prefix-map={os.getcwd()}={keep}"] if keep else []
    return [*kept, *ADDED, *mapped]


def _is_compiler(argument: str) -> bool:
    is_file = Path(argument).suffix in SOURCES
    return not argument.startswith("-") and not is_file and bool(shutil.which(argument))


def _keep_sources(arguments: Sequence[str], keep: str) -> None:
    """Copy the compiled files, since the folder of a build does not last."""
    here = Path.cwd()
    for argument in arguments:
        source = Path(argument)
        if source.suffix not in SOURCES or not source.is_file():
            continue
        whole = source.resolve()
        if whole.is_relative_to(here):
            target = Path(keep) / whole.relative_to(here)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(whole, target)


def main(arguments: Sequence[str] | None = None, default: str | None = None) -> int:
    """Run the compiler that the arguments name; return its exit code, or 2.

    Parameters
    ----------
    arguments : sequence of str, optional
        The compiler and its arguments.  Default: those of the process.
    default : str, optional
        The compiler if the first argument is none.  Default: then it is an error.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    if default is not None and given and not _is_compiler(given[0]):
        given.insert(0, default)
    if not given or given[0].startswith("-"):
        print(
            "refrace cc: no compiler named; write: refrace cc gcc -c source.c",
            file=sys.stderr,
        )
        return 2
    keep = os.environ.get(KEEP)
    command = command_of(given, keep)
    try:
        if keep and "-c" in given:
            _keep_sources(given, keep)
        os.execvp(command[0], command)
    except OSError as error:
        print(f"refrace cc: {command[0]}: {error.strerror}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    raise SystemExit(main())

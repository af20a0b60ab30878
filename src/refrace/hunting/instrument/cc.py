"""A compiler that instruments what it compiles: ``refrace cc gcc -c x.c``.

It adds -fsanitize=thread to compile steps only.  A link step with that flag would link
the sanitizer's runtime, but the extension shall call refrace's own.  Only programs are
linked to it: a build system links some to try the compiler, and may run them.
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
_LINKED = (".o", ".obj", ".a")

ADDED = (
    *("-fsanitize=thread", "-g", "-fno-omit-frame-pointer"),
    # A builtin would be inlined, and its accesses would have no hook.
    *("-fno-builtin-memcpy", "-fno-builtin-memmove", "-fno-builtin-memset"),
)
"""Flags of every compile step."""

# The hooks are found at run time, in refrace's own module.
_STRICT_LINKS = ("-Wl,-z,defs", "-Wl,-zdefs", "-Wl,--no-undefined")
_LEAST_PARTS = 2  # "/tmp" is the folder of everybody, and none of a build
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
        The folder that the debug information names instead of that of the sources.
    """
    kept = [one for one in arguments if not one.startswith(_DROPPED)]
    if "-c" not in kept:
        links = [one for one in kept if one not in _STRICT_LINKS]
        return [*links, "-fsanitize=thread"] if _is_program(kept) else links
    mapped = [f"-fdebug-prefix-map={_root_of(kept)}={keep}"] if keep else []
    return [*kept, *ADDED, *mapped]


def _is_program(link: Sequence[str]) -> bool:
    """Return whether a link step makes a program of compiled files."""
    makes_others = {"-shared", "-r", "-dynamiclib", "-bundle"} & set(link)
    return not makes_others and any(one.endswith(_LINKED) for one in link)


def _sources_in(arguments: Sequence[str]) -> list[Path]:
    return [
        Path(one).resolve()
        for one in arguments
        if Path(one).suffix in SOURCES and Path(one).is_file()
    ]


def _root_of(arguments: Sequence[str]) -> Path:
    """Return the folder that has the sources and, if need be, the current folder.

    meson and CMake compile in a folder next to the sources or in one of them.
    """
    here = Path.cwd()
    outside = [one for one in _sources_in(arguments) if not one.is_relative_to(here)]
    root = Path(os.path.commonpath([here, *outside]))
    return root if len(root.parts) > _LEAST_PARTS else here


def _is_compiler(argument: str) -> bool:
    is_file = Path(argument).suffix in SOURCES
    return not argument.startswith("-") and not is_file and bool(shutil.which(argument))


def _keep_sources(arguments: Sequence[str], keep: str) -> None:
    """Copy the compiled files, since the folder of a build does not last."""
    root = _root_of(arguments)
    for source in _sources_in(arguments):
        if source.is_relative_to(root):
            target = Path(keep) / source.relative_to(root)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)


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

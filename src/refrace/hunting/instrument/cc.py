"""A compiler that instruments what it compiles: ``refrace cc gcc -c x.c``.

It adds -fsanitize=thread to compile steps only.  A link step with that flag would link
the sanitizer's runtime, but the extension must call refrace's own.  Only programs are
linked to the former: a build system links some to test the compiler, and may run them.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

__all__ = ["ADDED", "ADDED_FOR_CLANG", "KEEP", "command_of", "main"]

KEEP = "REFRACE_KEEP_SOURCES"
"""The environment variable that names the folder for copies of compiled files.

Only files in the folder for temporary files are copied: the others stay.
"""

SOURCES = {".c", ".cc", ".cpp", ".cxx"}
_LINKED = (".o", ".obj", ".a")
_DEEPEST = 50  # response files that name others; the compiler tells of a circle
_OF_A_PROJECT = ("pyproject.toml", "setup.py")

ADDED = (
    *("-fsanitize=thread", "-g", "-fno-omit-frame-pointer"),
    # A builtin would be inlined, and its accesses would have no hook.
    *("-fno-builtin-memcpy", "-fno-builtin-memmove", "-fno-builtin-memset"),
)
"""Flags of every compile step."""

ADDED_FOR_CLANG = ("-mllvm", "-tsan-instrument-read-before-write")
"""Flags of every compile step of clang, from version 11 on.

Without them a read has no hook if the same block of code writes there later, and no
other thread can come between the two.
"""

# The hooks are found at run time, in refrace's own module.
_STRICT_LINKS = ("-Wl,-z,defs", "-Wl,-zdefs", "-Wl,--no-undefined")
_STATIC = ("-static", "-static-pie")  # the runtime of the sanitizer is a shared one
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
    words = _expanded(arguments)
    is_program = _is_program(words)
    dropped: tuple[str, ...] = ()
    if "-c" not in words:
        dropped = (*_STRICT_LINKS, *(_STATIC if is_program else ()))
    kept = list(_without(arguments, dropped))
    if "-c" not in words:
        return [*kept, "-fsanitize=thread"] if is_program else kept
    added = [*ADDED]
    if ADDED_FOR_CLANG[-1] not in words and _is_clang(arguments):
        added += ADDED_FOR_CLANG
    # The last one that fits counts.
    maps = reversed(_kept_in(words, keep).items()) if keep else ()
    return [*kept, *added, *(f"-fdebug-prefix-map={a}={b}" for a, b in maps)]


def _without(arguments: Sequence[str], dropped: Sequence[str]) -> Iterator[str]:
    """Give the arguments that are kept; a file of some that has others is expanded."""
    for one in arguments:
        if one in dropped or one.startswith(_DROPPED):
            continue
        words = _expanded([one])
        kept = words if words == [one] else list(_without(words, dropped))
        yield from [one] if kept == words else kept


def _expanded(arguments: Sequence[str], depth: int = 0) -> list[str]:
    """Return the arguments with those of response files, ``@file``, in their place."""
    words = []
    for one in arguments:
        is_file = one.startswith("@") and depth < _DEEPEST
        try:
            text = Path(one[1:]).read_text() if is_file else None
        except (OSError, UnicodeDecodeError):
            text = None  # as compilers do: an argument like others
        words += [one] if text is None else _expanded(_words_of(text), depth + 1)
    return words


def _words_of(text: str) -> list[str]:
    """Split the text of a response file as compilers do: a backslash always escapes."""
    words: list[str] = []
    word: str | None = None
    quote = ""
    characters = iter(text)
    for one in characters:
        if one == "\\":
            word = (word or "") + next(characters, "")
        elif quote or one in "\"'":
            is_quote = one == quote or not quote
            quote = ("" if quote else one) if is_quote else quote
            word = (word or "") + ("" if is_quote else one)
        elif not one.isspace():
            word = (word or "") + one
        elif word is not None:
            words.append(word)
            word = None
    return words if word is None else [*words, word]


def _is_program(link: Sequence[str]) -> bool:
    """Return whether a link step makes a program of compiled files."""
    makes_others = {"-shared", "-r", "-dynamiclib", "-bundle"} & set(link)
    return not makes_others and any(one.endswith(_LINKED) for one in link)


def _is_clang(arguments: Sequence[str]) -> bool:
    """Return whether the compiler is clang, or made of it; it is asked if need be."""
    compiler = []  # more than one word: ccache clang
    for one in arguments:
        if one.startswith(("-", "@")) or Path(one).suffix in SOURCES:
            break
        compiler.append(one)
    name = Path(compiler[-1]).name if compiler else ""
    if any(known in name for known in ("clang", "gcc", "g++")):
        return "clang" in name
    asked = [*compiler, "-dM", "-E", "-x", "c", os.devnull]
    try:
        told = subprocess.run(asked, capture_output=True, text=True, check=False).stdout
    except OSError:
        return False
    return "__clang__" in told


def _sources_in(arguments: Sequence[str]) -> list[Path]:
    return [
        Path(one).resolve()
        for one in arguments
        if Path(one).suffix in SOURCES and Path(one).is_file()
    ]


def _kept_in(arguments: Sequence[str], keep: str) -> dict[Path, Path]:
    """Return where the files in two folders are kept, by the folder.

    meson and CMake compile in a folder in the project, or next to it.  The folder of
    the project is the same for all files of a build, so that no copy replaces another.
    """
    all_files = Path(tempfile.gettempdir()).resolve()
    kept = {all_files: Path(keep, "others")}
    for path in [*_sources_in(arguments), Path.cwd() / "any"]:
        if not path.is_relative_to(all_files):
            continue
        for name in reversed(path.relative_to(all_files).parents[:-1]):
            project = all_files / name
            if any((project / file).is_file() for file in _OF_A_PROJECT):
                return {project: Path(keep), **kept}
    return kept


def _is_compiler(argument: str) -> bool:
    is_file = Path(argument).suffix in SOURCES
    return not argument.startswith("-") and not is_file and bool(shutil.which(argument))


def _keep_sources(arguments: Sequence[str], keep: str) -> None:
    """Copy the compiled files, since the folder of a build does not last."""
    kept = _kept_in(arguments, keep)
    for source in _sources_in(arguments):
        for folder, copies in kept.items():
            if source.is_relative_to(folder):
                target = copies / source.relative_to(folder)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, target)
                break


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
        words = _expanded(given)
        if keep and "-c" in words:
            _keep_sources(words, keep)
        os.execvp(command[0], command)
    except OSError as error:
        print(f"refrace cc: {command[0]}: {error.strerror}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    raise SystemExit(main())

"""Read a program or a run from a file or from standard input."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from refrace._base.files import read_file, read_stream
from refrace.catalogue.mode import modes
from refrace.cli.completing import a_file
from refrace.errors import InvalidArgument
from refrace.programs import Program

__all__ = ["program_argument", "read_program", "read_source", "try_to_write"]

program_argument = click.argument("file", metavar="FILE|-", shell_complete=a_file)


def read_source(name: str) -> bytes:
    """Return the bytes of a file, or of standard input for ``-``.

    Raises
    ------
    click.FileError
        If it cannot be read; the message says why.
    InvalidArgument
        If it is larger than any program or result can be.
    """
    if name == "-":
        if sys.stdin is None or sys.stdin.closed:
            raise click.FileError(
                "-", hint="standard input is closed; name a file or pipe the text in"
            )
        return read_stream(sys.stdin.buffer, "standard input")
    try:
        return read_file(Path(name))
    except OSError as error:
        hint = error.strerror or str(error)
        raise click.FileError(name, hint=hint + _mode_hint(name)) from None
    except InvalidArgument:
        raise
    except ValueError as error:  # a null byte in the name
        raise click.FileError(repr(name), hint=str(error)) from None


def _mode_hint(name: str) -> str:
    """Return a suggestion for a mode that was given in place of a file."""
    if name not in [mode.name for mode in modes()]:
        return ""
    return f"; {name} is a mode: use FILE --mode {name}"


def read_program(name: str) -> Program:
    """Return the program in a file or on standard input; errors name the file.

    Raises
    ------
    click.FileError, InvalidProgram
        If it cannot be read or is not a valid program.
    """
    content = read_source(name)
    return (
        Program.parse(content) if name == "-" else Program._parse_named(content, name)
    )


def try_to_write(path: Path, option: str) -> Path:
    """Return `path` if a file can be written there; called before measuring.

    An existing file is not changed, and no new file is left behind.

    Raises
    ------
    click.BadParameter
        If it cannot be written; the message says why and what to do.
    """
    is_new = not path.exists()
    try:
        with path.open("ab"):
            pass
        if is_new:
            path.unlink()
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise click.BadParameter(
            f"cannot write {str(path)!r}: {why}; name another file",
            param_hint=option,
        ) from None
    return path

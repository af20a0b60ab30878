"""The command line: one subcommand for each verb, with the same names as in Python.

Results go to standard output, progress and error messages to standard error.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, ClassVar

import click

import refrace
from refrace._base.arguments import nearest
from refrace._base.interrupts import redelivered
from refrace._native.interpreters import load
from refrace.cli.exit_codes import ExitCode
from refrace.cli.streams import closed_output, usable_complaints
from refrace.errors import EnvironmentUnfit, LimitReached, RefraceError

__all__ = ["command_line", "main"]

TRACEBACK = "REFRACE_TRACEBACK"
"""The environment variable that turns on the traceback of an unexpected error."""
MOST_CHARACTERS = 200
"""Maximum length of the text of an unexpected error."""


class _ReaderGone(Exception):
    """A broken pipe; click would exit with 1, which is the code for findings."""


@contextmanager
def _broken_pipes_are_ours() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError as error:
        raise _ReaderGone from error


class _Commands(click.Group):
    """Commands that are imported on first use, so that --help is quick."""

    homes: ClassVar = {
        "append": "lessons",
        "c++": "cc",
        "cc": "cc",
        "compare": "compare",
        "deadlock": "lessons",
        "demo": "demo",
        "explain-refcount": "explain",
        "explore": "explore",
        "gallery": "gallery",
        "growth": "growth",
        "hunt": "hunt",
        "learn": "learn",
        "modes": "modes",
        "new-mode": "mode_files",
        "parallelism": "parallelism",
        "prove": "prove",
        "race": "race",
        "refleaks": "refleaks",
        "replay": "replay",
        "report": "report",
        "sample": "sample",
        "step": "step",
        "timeline": "timeline",
        "weaken": "weaken",
    }

    def make_context(self, *arguments: Any, **named: Any) -> click.Context:
        with _broken_pipes_are_ours():  # --help and --version print here
            return super().make_context(*arguments, **named)

    def invoke(self, ctx: click.Context) -> Any:
        with _broken_pipes_are_ours():
            return super().invoke(ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(self.homes)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in self.homes:
            return None
        module = load(f"refrace.cli.{self.homes[name]}")
        command: click.Command = getattr(
            module, name.replace("-", "_").replace("+", "x")
        )
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in self.homes and not name.startswith("-"):
            ctx.fail(f"no such command: {name!r}{_meant(name, self.homes)}")
        return super().resolve_command(ctx, args)


def _meant(name: str, commands: Collection[str]) -> str:
    """Return a suggestion for a word that is not a command."""
    from refrace.catalogue.mode import modes

    if name in [mode.name for mode in modes()]:
        return (
            f"; it is a mode: use `refrace race {name}` or `refrace explore FILE "
            f"--mode {name}`"
        )
    if Path(name).is_file():
        return f"; it is a file: use `refrace explore {name}`"
    return nearest(name, commands) or "; `refrace --help` lists all commands"


@click.command(
    cls=_Commands,
    epilog=ExitCode.table(),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
)
@click.version_option(
    message=f"refrace {refrace.__version__} on {refrace.Environment.current()}",
)
def command_line() -> None:
    """Demonstrate, prove and find reference-count races."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    Parameters
    ----------
    arguments : sequence of str, optional
        The arguments after the program's name.  Default: ``sys.argv[1:]``.

    Returns
    -------
    int
        One of :class:`refrace.cli.exit_codes.ExitCode`.
    """
    try:
        usable_complaints()
        if closed_output():
            return _complain(
                "cannot write the output: standard output is closed; redirect it to "
                "a file or to /dev/null",
                ExitCode.OUTPUT,
            )
        with redelivered():
            return _run(arguments)
    except KeyboardInterrupt:  # a second one, while the first is being handled
        return _complain("interrupted", ExitCode.INCONCLUSIVE)
    except Exception as error:
        return _complain_of_a_bug(error)


def _run(arguments: Sequence[str] | None) -> int:
    """Run the command line; return the exit code of every expected outcome."""
    try:
        result = command_line.main(
            arguments,
            "refrace",
            standalone_mode=False,
            # click knows only whether there is a terminal.
            color=False if os.environ.get("NO_COLOR") else None,
        )
        sys.stdout.flush()
        return int(result or ExitCode.CLEAN)
    except click.Abort:  # click raises it on Ctrl-C
        return _complain("interrupted", ExitCode.INCONCLUSIVE)
    except click.ClickException as error:
        with suppress(OSError):
            error.show()
        return ExitCode.USAGE
    except EnvironmentUnfit as error:
        return _complain(str(error), ExitCode.UNFIT)
    except LimitReached as error:
        return _complain(str(error), ExitCode.INCONCLUSIVE)
    except MemoryError:
        return _complain(
            "out of memory before there was any result; close other programs, lower "
            "the limits, or use a smaller input",
            ExitCode.INCONCLUSIVE,
        )
    except RefraceError as error:
        notes = getattr(error, "__notes__", [])  # the line of a program, underlined
        return _complain("\n".join([str(error), *notes]), ExitCode.USAGE)
    except (BrokenPipeError, _ReaderGone):
        return _give_up_output(ExitCode.BROKEN_PIPE)
    except OSError as error:
        _give_up_output(ExitCode.OUTPUT)
        why = error.strerror or str(error)
        return _complain(f"cannot write the output: {why}", ExitCode.OUTPUT)


def _complain(message: str, code: int) -> int:
    with suppress(OSError):  # standard error cannot be written either
        click.echo(f"refrace: {message}", err=True)
    return code


def _complain_of_a_bug(error: Exception) -> int:
    """Print one line: the error, where it was raised, and how to report it."""
    if os.environ.get(TRACEBACK):
        traceback.print_exception(error)
    frames = traceback.extract_tb(error.__traceback__)
    where = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
    try:
        what = " ".join(str(error).split())[:MOST_CHARACTERS]
    except Exception:  # an object's own __str__ may raise anything
        what = "(no text)"
    return _complain(
        f"unexpected {type(error).__name__}: {what}{where}; this is a bug in refrace: "
        f"please report the command, its input, and its output with {TRACEBACK}=1",
        ExitCode.INTERNAL,
    )


def _give_up_output(code: int) -> int:
    """Discard further output, so that the interpreter does not fail at exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    with suppress(OSError, ValueError):  # the stream may not be a file
        os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
    return code

"""The command line: one subcommand a verb, the same words as in Python.

Data goes to standard output, progress and complaints to standard error.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import ClassVar

import click

import refrace
from refrace.cli.exit_codes import ExitCode
from refrace.errors import EnvironmentUnfit, LimitReached, RefraceError

__all__ = ["command_line", "main"]


class _Commands(click.Group):
    """Commands that are imported when they are asked for, so that --help is quick."""

    homes: ClassVar = {
        "append": "lessons",
        "compare": "compare",
        "deadlock": "lessons",
        "demo": "demo",
        "explain-refcount": "explain",
        "explore": "explore",
        "gallery": "gallery",
        "learn": "learn",
        "modes": "modes",
        "parallelism": "parallelism",
        "prove": "prove",
        "race": "race",
        "replay": "replay",
        "sample": "sample",
    }

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(self.homes)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in self.homes:
            return None
        from importlib import import_module

        module = import_module(f"refrace.cli.{self.homes[name]}")
        command: click.Command = getattr(module, name.replace("-", "_"))
        return command


@click.command(
    cls=_Commands,
    epilog=ExitCode.table(),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
)
@click.version_option(
    message=f"refrace {refrace.__version__} on {refrace.Environment.current()}",
)
def command_line() -> None:
    """Show, prove and hunt reference-count races."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    Parameters
    ----------
    arguments : sequence of str, optional
        What follows the program's name.  Default: ``sys.argv[1:]``.

    Returns
    -------
    int
        One of :class:`refrace.cli.exit_codes.ExitCode`.
    """
    try:
        result = command_line.main(arguments, "refrace", standalone_mode=False)
        return int(result or ExitCode.CLEAN)
    except click.Abort:  # what click makes of Ctrl-C
        return _complain("interrupted", ExitCode.INCONCLUSIVE)
    except click.ClickException as error:
        error.show()
        return ExitCode.USAGE
    except EnvironmentUnfit as error:
        return _complain(str(error), ExitCode.UNFIT)
    except (LimitReached, MemoryError) as error:
        return _complain(str(error), ExitCode.INCONCLUSIVE)
    except RefraceError as error:
        return _complain(str(error), ExitCode.USAGE)
    except BrokenPipeError:
        # The reader of our output went away; nothing more can be told to it, and the
        # interpreter must not try when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.CLEAN


def _complain(message: str, code: int) -> int:
    click.echo(f"refrace: {message}", err=True)
    return code

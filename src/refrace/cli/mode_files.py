"""``--mode-file``, on every command that takes a mode; and ``refrace new-mode``."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from refrace.cli.exit_codes import ExitCode
from refrace.cli.watching import changes_of, run_at_each_change
from refrace.mode_files.load_mode import load_mode
from refrace.mode_files.new_mode import new_mode as text_of

__all__ = ["mode_file_option", "new_mode"]


def mode_file_option(
    parameter: str | None, *, is_needed: bool = False, can_watch: bool = False
) -> Callable[[Any], Any]:
    """Return a decorator that adds ``--mode-file FILE`` to a command.

    Parameters
    ----------
    parameter : str or None
        The parameter of the command that becomes the name of the mode in FILE; one
        that is a tuple gets the name in addition to those given, and any other must not
        name another mode.  None: FILE is only loaded.
    is_needed : bool
        Whether the command needs a mode, by name or by file.
    can_watch : bool
        Whether to add ``--watch``, which runs the command again whenever FILE is saved.
    """

    def decorate(command: Any) -> Any:
        @click.option(
            "--mode-file",
            "mode_files",
            metavar="FILE",
            multiple=True,
            help="A mode of your own: its C file, which is compiled and loaded.",
        )
        @wraps(command)
        def loading(
            *positional: Any,
            mode_files: tuple[str, ...],
            watch_mode: bool = False,
            **named: Any,
        ) -> Any:
            def once() -> Any:
                names = [load_mode(file).name for file in mode_files]
                chosen = dict(named)
                if parameter is not None:
                    _choose(parameter, names, chosen, is_needed)
                return command(*positional, **chosen)

            if not watch_mode:
                return once()
            if not mode_files:
                raise click.UsageError("--watch needs a file; add --mode-file FILE")
            path = Path(mode_files[-1])
            return run_at_each_change(path, once, changes_of(path))

        if can_watch:
            return click.option(
                "--watch",
                "watch_mode",
                is_flag=True,
                help="Run again whenever the FILE of the mode is saved; Ctrl-C ends.",
            )(loading)
        return loading

    return decorate


def _choose(
    parameter: str, names: list[str], named: dict[str, Any], is_needed: bool
) -> None:
    """Put the names of loaded modes into the parameter of a command."""
    given = named[parameter]
    if isinstance(given, tuple):
        named[parameter] = (*given, *names)
        return
    context = click.get_current_context()
    is_default = context.get_parameter_source(parameter) is ParameterSource.DEFAULT
    if names and (given is None or is_default):
        named[parameter] = names[-1]
    elif names and given not in names:
        context.fail(
            f"{given!r} and --mode-file both name a mode, and this command takes one; "
            "leave one of them out"
        )
    elif given is None and is_needed:
        context.fail(
            "no mode: name one (`refrace modes` lists them), or add --mode-file FILE "
            "for a mode of your own"
        )


@click.command("new-mode", short_help="Write the C file of a mode of your own.")
@click.argument("name")
@click.option("--like", metavar="MODE", help="Start from the algorithm of this mode.")
@click.option(
    "--output",
    "-o",
    metavar="FILE",
    help="Where to write it.  [default: NAME.c]",
)
@click.option("--force", is_flag=True, help="Overwrite a file that exists.")
def new_mode(name: str, like: str | None, output: str | None, force: bool) -> ExitCode:
    """Write NAME.c: a refcount mode that compiles, to be changed.

    Without --like, it is a plain counter with comments, which `refrace prove
    --mode-file NAME.c` refutes at once.
    """
    text = text_of(name, like)
    path = Path(output or f"{name}.c")
    try:
        with path.open("w" if force else "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise click.UsageError(
            f"{path} exists; add --force to overwrite it, or -o FILE for another name"
        ) from None
    except OSError as error:
        raise click.FileError(str(path), hint=error.strerror) from None
    click.echo(f"{path}: next, refrace prove --mode-file {path} --watch")
    return ExitCode.CLEAN

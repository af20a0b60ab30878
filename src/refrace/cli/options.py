"""Options that mirror a verb's parameters, and options that commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import click

from refrace.catalogue.mode import modes
from refrace.cli.completing import a_mode
from refrace.cli.files import program_argument, try_to_write
from refrace.cli.output import default_of
from refrace.environment import GIL_SETTINGS
from refrace.explorer.memory import HISTORY, MODELS

__all__ = [
    "ProgramCommand",
    "check_history",
    "history_option",
    "max_seconds_option",
    "memory_option",
    "plot_option",
    "program_in_a_mode",
    "verb_option",
]

Decorator: TypeAlias = Callable[[Any], Any]


def verb_option(
    verb: Callable[..., Any],
    parameter: str,
    help: str,
    type: Any = int,
    *,
    multiple: bool = False,
    completion: Any = None,
) -> Decorator:
    """Return the option for a parameter of a verb, with the same name and default."""
    return click.option(
        "--" + parameter.replace("_", "-"),
        type=type,
        multiple=multiple,
        default=default_of(verb, parameter),
        show_default=True,
        help=help,
        shell_complete=completion,
    )


def max_seconds_option(verb: Callable[..., Any]) -> Decorator:
    """Return ``--max-seconds``."""
    return verb_option(verb, "max_seconds", "Time limit in seconds.", float)


def memory_option(verb: Callable[..., Any]) -> Decorator:
    """Return ``--memory``."""
    return verb_option(
        verb,
        "memory",
        "Memory model: sequentially consistent, or that of C11.",
        click.Choice(MODELS),
    )


def check_history(memory: str, history: int) -> None:
    """Check, in the words of the command line, that ``--history`` has a meaning."""
    if memory == "sc" and history != HISTORY:
        raise click.UsageError(
            f"--history {history} has no meaning with --memory sc, where each read "
            "gives the last value; pass --memory c11, or leave --history out"
        )


def check_schedules(
    schedules: str | None,
    preemptions: int | None,
    no_reduction: bool,
    build: str | None,
) -> None:
    """Check, in the words of the command line, that these options have a meaning.

    `preemptions` is None if it is the default.
    """
    asked = [
        f"--preemptions {preemptions}" if preemptions is not None else "",
        "--no-reduction" if no_reduction else "",
        f"--build {build}" if build is not None else "",
    ]
    if schedules is None and any(asked):
        option = next(filter(None, asked))
        raise click.UsageError(
            f"{option} is only for chosen schedules, and real threads have none; add "
            f"--schedules bounded, or leave {option.split()[0]} out"
        )
    if schedules == "random" and preemptions is not None:
        raise click.UsageError(
            f"--schedules random ignores {asked[0]}: it preempts at each point with a "
            "fixed probability; pass --schedules bounded, or leave --preemptions out"
        )
    if schedules in ("random", "pct") and no_reduction:
        raise click.UsageError(
            f"--no-reduction has no meaning with --schedules {schedules}, which leaves "
            "no schedule out; pass --schedules bounded, or leave --no-reduction out"
        )


def history_option(verb: Callable[..., Any]) -> Decorator:
    """Return ``--history``."""
    return verb_option(
        verb, "history", "Under C11: writes of a cell that threads can still read."
    )


def _checked(
    context: click.Context, parameter: click.Parameter, name: str | None
) -> Path | None:
    # Check first, so that a bad suffix is not reported after minutes of measuring.
    from refrace.display.charts.files import check_chart_file

    return None if name is None else try_to_write(check_chart_file(name), "--plot")


plot_option = click.option(
    "--plot",
    metavar="FILE",
    callback=_checked,
    help="Also write a chart to FILE (.html, .svg, .png or .json).",
)


class ProgramCommand(click.Command):
    """A command on one FILE that explains the mistake of a mode without ``--mode``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse as click does, but suggest ``--mode`` for a mode given without it."""
        names = [mode.name for mode in modes()]
        given = list(args)
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            is_named = any(word.startswith("--mode") for word in given)
            name = next((word for word in given if word in names), None)
            if name is None or is_named or "extra argument" not in error.message:
                raise
            ctx.fail(f"{name!r} is a mode: use FILE --mode {name}")


def program_in_a_mode(verb: Callable[..., Any]) -> Decorator:
    """Return a decorator that adds FILE, ``--mode`` and ``--gil`` to a command."""
    mode = verb_option(
        verb, "mode", "Refcount mode of the objects.", str, completion=a_mode
    )
    gil = verb_option(
        verb,
        "gil",
        "Switch threads anywhere, or only where the GIL can be released.",
        click.Choice(GIL_SETTINGS),
    )

    def decorate(command: Any) -> Any:
        return program_argument(mode(gil(command)))

    return decorate

"""How commands print a result, show progress, and get their defaults."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

from refrace.cli.exit_codes import ExitCode
from refrace.display.report import Report
from refrace.errors import Interrupted

__all__ = ["as_json_option", "default_of", "run_and_show", "show_and_judge"]

Progress = Callable[[int, int], None]

Function = TypeVar("Function", bound=Callable[..., Any])

as_json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print the result as versioned JSON."
)


def default_of(verb: Callable[..., Any], parameter: str) -> Any:
    """Return the default of a verb's parameter, which the command shares."""
    return inspect.signature(verb).parameters[parameter].default


def show_and_judge(report: Report, as_json: bool) -> ExitCode:
    """Print a result to standard output and return its exit code."""
    click.echo(report.to_json() if as_json else str(report))
    return ExitCode.of(report.judgement)


def run_and_show(
    call: Callable[[Progress], Report],
    title: str,
    as_json: bool,
    plot: Path | None = None,
) -> ExitCode:
    """Run a verb with a progress bar, print its result, return the exit code.

    On Ctrl-C, print the result so far, if there is one.  With `plot`, also write the
    chart to that file.
    """
    try:
        with _progress_bar(title) as progress:
            report = call(progress)
    except Interrupted as interrupt:
        click.echo("refrace: interrupted", err=True)
        if interrupt.report is None:
            return ExitCode.INCONCLUSIVE
        report = interrupt.report
    code = show_and_judge(report, as_json)
    if plot is not None:
        _draw(report, plot)
    return code


def _draw(report: Any, path: Path) -> None:
    from refrace.display.charts.files import save_chart

    try:
        save_chart(report.plot(), path)
    except OSError as error:
        raise click.FileError(str(path), hint=error.strerror or str(error)) from None


@contextmanager
def _progress_bar(title: str) -> Iterator[Progress]:
    """Yield a callback ``(done, total)`` that draws a bar on standard error.

    It draws nothing if standard error is not a terminal.
    """
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    console = Console(stderr=True)
    bar = Bar(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,}/{task.total:,}"),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        # No drawing thread: an interrupt can break its shutdown.
        auto_refresh=False,
        disable=not console.is_terminal,
    )
    with bar:
        task = bar.add_task(title, total=1)

        def show(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total, refresh=True)

        yield show

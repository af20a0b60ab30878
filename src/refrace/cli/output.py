"""How commands print a result, show progress, and get their defaults."""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from refrace.cli.exit_codes import ExitCode
from refrace.cli.files import try_to_write
from refrace.cli.progress import Pace, progress_bar
from refrace.display.pictures.files import check_file
from refrace.display.report import Report
from refrace.display.saving import SUFFIXES
from refrace.errors import Interrupted

__all__ = [
    "as_json_option",
    "default_of",
    "html_option",
    "no_result_to_write",
    "result_options",
    "run_and_show",
    "show_and_judge",
    "write_files",
    "write_page",
    "write_result",
]

Progress = Callable[[int, int], None]

Function = TypeVar("Function", bound=Callable[..., Any])

as_json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print the result as versioned JSON."
)


FILES = "refrace.files"
"""Where the context of a command keeps the files that it shall write."""


def _kept(suffixes: tuple[str, ...]) -> Callable[..., None]:
    """Return a callback that checks the files of an option and keeps them."""

    def keep(
        context: click.Context, parameter: click.Parameter, names: tuple[str, ...]
    ) -> None:
        option = parameter.opts[0]
        for name in names:
            # Checked first, so that no result is lost to a wrong name.
            path = try_to_write(check_file(name, suffixes), option)
            context.meta.setdefault(FILES, []).append(path)

    return keep


html_option = click.option(
    "--html",
    metavar="FILE",
    multiple=True,
    expose_value=False,
    callback=_kept((".html",)),
    help="Also write the result to FILE as a page that needs no network.",
)


def result_options(command: Any) -> Any:
    """Add ``--json``, ``--html`` and ``--save`` to a command that has a result."""
    save = click.option(
        "--save",
        metavar="FILE",
        multiple=True,
        expose_value=False,
        callback=_kept(SUFFIXES),
        help=f"Also write the result to FILE ({', '.join(SUFFIXES)}); repeatable.",
    )
    return as_json_option(html_option(save(command)))


def write_files(report: Report) -> None:
    """Write a result to the files that ``--html`` and ``--save`` name."""
    for path in _files():
        write_result(report, path)


def _files() -> list[Path]:
    """Return the files that the options of the command name."""
    context = click.get_current_context(silent=True)
    files: list[Path] = [] if context is None else context.meta.get(FILES, [])
    return files


def no_result_to_write(why: str) -> None:
    """Reject ``--html`` and ``--save`` where a command has no result to write."""
    if _files():
        raise click.UsageError(f"--html and --save write {why}")


def write_result(report: Report, path: Path) -> None:
    """Write a result to a file; the suffix selects the format."""
    try:
        report.save(path)
    except OSError as error:
        raise _unwritten(path, error) from None


def _unwritten(path: Path, error: OSError) -> click.FileError:
    return click.FileError(str(path), hint=error.strerror or str(error))


def write_page(text: str) -> None:
    """Write a complete page to the files that ``--html`` names."""
    for path in _files():
        try:
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise _unwritten(path, error) from None


def default_of(verb: Callable[..., Any], parameter: str) -> Any:
    """Return the default of a verb's parameter, which the command shares."""
    return inspect.signature(verb).parameters[parameter].default


def show_and_judge(report: Report, as_json: bool) -> ExitCode:
    """Print a result to standard output and return its exit code."""
    if as_json:
        click.echo(report.to_json())
    else:
        _print(report)
    write_files(report)
    return ExitCode.of(report.judgement)


def _print(report: Report) -> None:
    # Only a terminal needs the packages for colours.
    if sys.stdout.isatty() or os.environ.get("FORCE_COLOR"):
        from refrace.cli.colours import print_coloured

        print_coloured(report)
    else:
        click.echo(str(report))


def run_and_show(
    call: Callable[[Progress], Report],
    title: str,
    as_json: bool,
    pace: Pace = Pace(),  # noqa: B008 -- frozen
    plot: Path | None = None,
) -> ExitCode:
    """Run a verb with a progress bar, print its result, return the exit code.

    On Ctrl-C, print the result so far, if there is one.  With `plot`, also write the
    chart to that file.
    """
    try:
        with progress_bar(title, pace) as progress:
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

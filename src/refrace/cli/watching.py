"""``--watch``: run again whenever a file is saved."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import click

from refrace.cli.exit_codes import ExitCode
from refrace.errors import MissingPackage, RefraceError

__all__ = ["changes_of", "run_at_each_change"]

LOOK_MS = 500
"""How long a change can go unnoticed if the system does not report it."""


def changes_of(path: Path) -> Iterable[object]:
    """Return an iterable that yields when a file may have changed, without an end.

    Raises
    ------
    MissingPackage
        If watchfiles is not installed.
    """
    try:
        import watchfiles
    except ImportError as error:
        raise MissingPackage(
            f"--watch needs the package watchfiles ({error}); install it: "
            "pip install 'refrace[watch]'"
        ) from None
    # The folder: editors replace a file instead of writing into it.
    changes: Iterable[object] = watchfiles.watch(
        path.absolute().parent,
        recursive=False,
        rust_timeout=LOOK_MS,
        yield_on_timeout=True,
        raise_interrupt=True,
    )
    return changes


def run_at_each_change(
    path: Path, run: Callable[[], ExitCode], changes: Iterable[object]
) -> ExitCode:
    """Call `run` now, and again whenever the content of the file has changed.

    Ends when `changes` does, or by Ctrl-C while it waits.  Returns the code of the last
    run.  An error in the file is printed, and the next change may cure it.
    """
    shown = _content(path)
    code = _attempt(run)
    try:
        for _ in changes:
            now = _content(path)
            # While an editor replaces it, there is no file for a moment.
            if now is None or now == shown:
                continue
            shown = now
            _begin_again(path)
            code = _attempt(run)
    except KeyboardInterrupt:
        click.echo("refrace: stopped watching", err=True)
    return code


def _attempt(run: Callable[[], ExitCode]) -> ExitCode:
    try:
        return run()
    except RefraceError as error:
        notes = getattr(error, "__notes__", [])
        click.echo("\n".join([f"refrace: {error}", *notes]), err=True)
        return ExitCode.USAGE


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _begin_again(path: Path) -> None:
    if sys.stdout.isatty():
        click.clear()
    else:
        click.echo(f"\n--- {path} has changed ---\n")

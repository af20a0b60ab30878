"""``refrace demo``: the story of the GIL, with live measurements."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import click

from refrace.cli.exit_codes import ExitCode
from refrace.cli.files import try_to_write
from refrace.cli.output import result_options, write_files
from refrace.cli.progress import Pace, progress_bar
from refrace.display.text import WIDTH, render_text
from refrace.errors import Interrupted
from refrace.story.story_report import Chapter, Story


def _checked(
    context: click.Context, parameter: click.Parameter, name: str | None
) -> Path | None:
    if name is None:
        return None
    path = Path(name)
    if path.suffix.lower() != ".svg":
        raise click.BadParameter(
            f"{name!r} does not end in .svg; use a file name that ends in .svg",
            param_hint="--picture",
        )
    return try_to_write(path, "--picture")


@click.command(short_help="Tell the story of the GIL, with live measurements.")
@result_options
@click.option(
    "--picture",
    metavar="FILE",
    callback=_checked,
    help="Save the final table as a picture to FILE (.svg).",
)
def demo(as_json: bool, picture: Path | None) -> ExitCode:
    """Show why CPython has a GIL, what it prevents, what it costs, and its limits.

    Every claim comes with a figure measured on this machine during the run.  A claim
    that could not be shown, for example because the machine is busy, is marked and is
    not a failure; the JSON records which claims were shown.
    """
    from refrace.story.tell import tell_story

    interrupted = False
    try:
        story = _told(tell_story, as_json)
    except Interrupted as interrupt:
        click.echo("refrace: interrupted", err=True)
        interrupted = True
        story = interrupt.report
    if as_json:
        click.echo(story.to_json())
    else:
        _print_table(story, picture)
    write_files(story)
    return ExitCode.INCONCLUSIVE if interrupted else ExitCode.CLEAN


def _told(tell_story: Callable[..., Story], as_json: bool) -> Story:
    """Tell the story, with a bar on standard error while a chapter is measured."""
    with ExitStack() as measuring:

        def begin(done: int, total: int) -> None:
            pace = Pace("chapters", is_even=False)
            show = measuring.enter_context(
                progress_bar("measuring", pace, at_once=True)
            )
            show(done, total)

        def end(number: int, chapter: Chapter) -> None:
            # The bar must be gone: standard output may be the same terminal.
            measuring.close()
            if not as_json:
                _print_chapter(number, chapter)

        return tell_story(end, begin)


def _print_chapter(number: int, chapter: Chapter) -> None:
    click.secho(f"{number}. {chapter.title}.", bold=True)
    click.echo(render_text(chapter.blocks()))
    click.echo()


def _print_table(story: Story, picture: Path | None) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    console = Console(width=WIDTH, record=picture is not None)
    table = Table(
        title=story.answer,
        caption=story.closing_words,
        box=box.SIMPLE_HEAD,
        title_justify="left",
        caption_justify="left",
        pad_edge=False,
    )
    table.add_column("claim", ratio=4)
    table.add_column("measured here", ratio=6)
    for one in story.measured:
        style = None if one.is_shown else "dim"
        table.add_row(one.claim, one.shown, style=style)
    console.print(table)
    if picture is not None:
        drawn = console.export_svg(title="refrace demo")
        # Rich refers to a font on the network; any monospaced font will do.
        drawn = re.sub(r"@font-face \{.*?\}\s*", "", drawn, flags=re.DOTALL)
        picture.write_text(drawn, encoding="utf-8")

"""``refrace timeline``: when each thread of a race was inside."""

from __future__ import annotations

import click

from refrace.cli.completing import a_mode
from refrace.cli.exit_codes import ExitCode
from refrace.cli.mode_files import mode_file_option
from refrace.cli.options import verb_option
from refrace.cli.output import result_options, run_and_show
from refrace.environment import GIL_SETTINGS
from refrace.races import timeline as verb


@click.command(short_help="Show when each thread of a race was inside.")
@click.argument("mode", required=False, shell_complete=a_mode)
@verb_option(verb.timeline, "threads", "Number of racing threads.")
@verb_option(verb.timeline, "objects", "Number of objects, one after the other.")
@click.option(
    "--hold",
    type=int,
    help="References that each thread takes to each object.  [default: 1,000,000; with "
    "the GIL held, 256]",
)
@verb_option(
    verb.timeline,
    "gil",
    "Run the C code without the GIL, or in turns while holding it.",
    click.Choice(GIL_SETTINGS),
)
@verb_option(
    verb.timeline,
    "gaps",
    "Run threads as the machine schedules them, or make them wait between accesses.",
    click.Choice(["natural", "widened"]),
)
@click.option("--seed", type=int, help="Seed of the jitter.  Default: random.")
@result_options
@mode_file_option("mode", is_needed=True)
def timeline(
    mode: str,
    threads: int,
    objects: int,
    hold: int | None,
    gil: str,
    gaps: str,
    seed: int | None,
    as_json: bool,
) -> ExitCode:
    """Race threads in MODE and show when each of them was inside.

    `--save race.perfetto.json` writes it for https://ui.perfetto.dev, and `--save
    race.svg` as a picture.
    """
    return run_and_show(
        lambda _progress: verb.timeline(
            mode,
            threads=threads,
            objects=objects,
            hold=hold,
            gil=gil,  # type: ignore[arg-type]
            gaps=gaps,  # type: ignore[arg-type]
            seed=seed,
        ),
        f"racing {mode}",
        as_json,
    )

"""``refrace prove``: check a mode against every small program."""

from __future__ import annotations

import click

from refrace.cli.completing import a_mode
from refrace.cli.exit_codes import ExitCode
from refrace.cli.jobs import jobs_option, workers
from refrace.cli.mode_files import mode_file_option
from refrace.cli.options import max_seconds_option, memory_option, verb_option
from refrace.cli.output import result_options, run_and_show
from refrace.cli.progress import Pace
from refrace.explorer import prove as verb
from refrace.explorer.corpus import EFFORTS


@click.command(short_help="Check a mode against every small program.")
@click.argument("mode", required=False, shell_complete=a_mode)
@verb_option(
    verb.prove, "effort", "Size of the largest programs.", click.Choice(list(EFFORTS))
)
@memory_option(verb.prove)
@max_seconds_option(verb.prove)
@jobs_option
@result_options
@mode_file_option("mode", is_needed=True, can_watch=True)
def prove(
    mode: str,
    effort: str,
    memory: str,
    max_seconds: float,
    jobs: int,
    as_json: bool,
) -> ExitCode:
    """Explore every schedule of every small program in MODE.

    Exits with 0 only if it is proved that no program shows a bug, with 1 and the
    smallest witness if one does, and with 3 if a limit was reached first.
    """
    with workers(jobs) as executor:
        return run_and_show(
            lambda progress: verb.prove(
                mode,
                effort,  # type: ignore[arg-type]
                memory=memory,  # type: ignore[arg-type]
                max_seconds=max_seconds,
                executor=executor,
                progress=progress,
            ),
            f"proving {mode}",
            as_json,
            # The programs grow: the last ones take most of the time.
            Pace("programs", is_even=False, limit_s=max_seconds),
        )

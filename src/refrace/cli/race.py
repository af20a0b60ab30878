"""``refrace race``: race one mode on real threads."""

from __future__ import annotations

import click
from click.core import ParameterSource

from refrace.cli.completing import a_mode
from refrace.cli.exit_codes import ExitCode
from refrace.cli.files import read_program
from refrace.cli.mode_files import mode_file_option
from refrace.cli.output import (
    default_of,
    result_options,
    run_and_show,
)
from refrace.cli.progress import Pace
from refrace.environment import GIL_SETTINGS
from refrace.races import race as verb
from refrace.races.race_part import GAPS
from refrace.races.race_report import OWNERS


@click.command(short_help="Race threads on shared objects in one mode.")
@click.argument("mode", required=False, shell_complete=a_mode)
@click.option(
    "--threads",
    type=int,
    default=default_of(verb.race, "threads"),
    show_default=True,
    help="Number of racing threads.",
)
@click.option(
    "--objects",
    type=int,
    default=default_of(verb.race, "objects"),
    show_default=True,
    help="Number of objects, raced for one after the other.",
)
@click.option(
    "--hold",
    type=int,
    default=default_of(verb.race, "hold"),
    show_default=True,
    help="References that each thread takes to each object.",
)
@click.option(
    "--gil",
    type=click.Choice(GIL_SETTINGS),
    default=default_of(verb.race, "gil"),
    show_default=True,
    help="Run the C code without the GIL, or in turns while holding it.",
)
@click.option("--seed", type=int, help="Seed of the jitter.  Default: random.")
@click.option(
    "--program",
    "file",
    metavar="FILE",
    help="Run this race program instead; `-` reads standard input.",
)
@click.option("--rounds", type=int, help="Rounds of the program.  Default: 1000.")
@click.option("--private", is_flag=True, help="Give each thread its own objects.")
@click.option(
    "--owner",
    type=click.Choice(OWNERS),
    default=default_of(verb.race, "owner"),
    show_default=True,
    help="Which thread made the objects: a racing one, or one that does not race.",
)
@click.option(
    "--gaps",
    type=click.Choice(GAPS),
    default=default_of(verb.race, "gaps"),
    show_default=True,
    help="natural: run threads as the machine schedules them; widened: make them "
    "wait between the accesses of an operation; auto: widened if natural finds "
    "nothing.",
)
@click.option(
    "--seconds",
    type=float,
    default=default_of(verb.race, "seconds"),
    show_default=True,
    help="Time limit in seconds for longer phases and widened gaps.",
)
@click.option(
    "--until-corrupt",
    is_flag=True,
    help="Continue until something is found or --seconds have passed.",
)
@result_options
@click.pass_context
@mode_file_option("mode", is_needed=True)
def race(
    context: click.Context,
    mode: str,
    threads: int,
    objects: int,
    hold: int,
    gil: str,
    seed: int | None,
    file: str | None,
    rounds: int | None,
    private: bool,
    owner: str,
    gaps: str,
    seconds: float,
    until_corrupt: bool,
    as_json: bool,
) -> ExitCode:
    """Let threads take and drop references to shared objects that count in MODE.

    Reports how many objects leaked, were freed early, or stayed intact.  With
    --program, reports how the rounds of the program ended.  `refrace modes` lists the
    modes.

    With --program and --gaps auto or widened, a race without findings is conclusive
    once its rounds are done, so the exit code varies only if a bug shows in some
    rounds only.  With --gaps natural, it is conclusive only if threads happened to
    overlap.
    """
    if file is None and rounds is not None:
        raise click.UsageError(
            "--rounds needs a program: add --program FILE, or use --objects to set "
            "the number of objects"
        )
    if file is not None:
        _check_alone(context)
    program = None if file is None else read_program(file)
    return run_and_show(
        lambda progress: verb.race(  # type: ignore[call-overload]
            mode,
            program=program,
            rounds=rounds,
            threads=threads,
            objects=objects,
            hold=hold,
            gil=gil,
            seed=seed,
            shared=not private,
            owner=owner,
            gaps=gaps,
            seconds=seconds,
            until_corrupt=until_corrupt,
            progress=progress,
        ),
        f"racing {mode}",
        as_json,
        _pace(file, gaps, seconds),
    )


def _pace(file: str | None, gaps: str, seconds: float) -> Pace:
    if file is not None:
        return Pace("rounds")
    if gaps == "natural":
        return Pace("objects")
    if gaps == "widened":
        return Pace("objects", limit_s=seconds)
    then = f"then longer phases and widened gaps for at most {seconds:g} s"
    return Pace("objects", then=then)


def _check_alone(context: click.Context) -> None:
    """Reject options for what a program itself defines."""
    for name in ("threads", "objects", "hold", "private", "owner", "until_corrupt"):
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            raise click.UsageError(
                f"--{name.replace('_', '-')} cannot be used with --program: the "
                "program defines its own threads and objects; leave one of them out"
            )

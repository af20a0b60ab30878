"""``refrace race``: one mode on real threads."""

from __future__ import annotations

import click
from click.core import ParameterSource

from refrace.cli.exit_codes import ExitCode
from refrace.cli.files import read_program
from refrace.cli.output import (
    as_json_option,
    default_of,
    run_and_show,
)
from refrace.environment import GIL_SETTINGS
from refrace.races import race as verb
from refrace.races.race_part import GAPS
from refrace.races.race_report import OWNERS


@click.command(short_help="Race threads for references in one mode.")
@click.argument("mode")
@click.option(
    "--threads",
    type=int,
    default=default_of(verb.race, "threads"),
    show_default=True,
    help="Threads that race.",
)
@click.option(
    "--objects",
    type=int,
    default=default_of(verb.race, "objects"),
    show_default=True,
    help="Objects raced for, one after the other.",
)
@click.option(
    "--hold",
    type=int,
    default=default_of(verb.race, "hold"),
    show_default=True,
    help="References that each thread takes of each object.",
)
@click.option(
    "--gil",
    type=click.Choice(GIL_SETTINGS),
    default=default_of(verb.race, "gil"),
    show_default=True,
    help="Run the C code without the GIL, or in turns with it.",
)
@click.option("--seed", type=int, help="Seed of the jitter.  Default: a random one.")
@click.option(
    "--program",
    "file",
    metavar="FILE",
    help="Run this race program instead, `-` for standard input.",
)
@click.option("--rounds", type=int, help="Rounds of the program.  Default: 1000.")
@click.option("--private", is_flag=True, help="Give each thread objects of its own.")
@click.option(
    "--owner",
    type=click.Choice(OWNERS),
    default=default_of(verb.race, "owner"),
    show_default=True,
    help="Who made the objects: a thread that races, or one who does not.",
)
@click.option(
    "--gaps",
    type=click.Choice(GAPS),
    default=default_of(verb.race, "gaps"),
    show_default=True,
    help="Run as the machine schedules, or wait in gaps between accesses; `auto` "
    "does the second if the first finds nothing.",
)
@click.option(
    "--seconds",
    type=float,
    default=default_of(verb.race, "seconds"),
    show_default=True,
    help="Time for longer phases and widened gaps.",
)
@click.option(
    "--until-corrupt",
    is_flag=True,
    help="Go on until something is found, or the seconds are over.",
)
@as_json_option
@click.pass_context
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

    Reports how many objects leaked, were freed early, or stayed intact; of a program,
    how its rounds ended.  The modes are listed by `refrace modes`.

    A program's exit code does not depend on luck unless rounds go wrong only now and
    then: with --gaps auto or widened, a race without findings is conclusive when its
    rounds are done.  With --gaps natural it is only if threads happened to meet.
    """
    if file is None and rounds is not None:
        raise click.UsageError(
            "--rounds is for a program: add --program FILE, or say with --objects how "
            "many objects to race for"
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
    )


def _check_alone(context: click.Context) -> None:
    """Refuse options that say what a program says itself."""
    for name in ("threads", "objects", "hold", "private", "owner", "until_corrupt"):
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            raise click.UsageError(
                f"--{name.replace('_', '-')} does not go with --program: a program "
                "says itself what its threads and objects are; leave one of the two "
                "out"
            )

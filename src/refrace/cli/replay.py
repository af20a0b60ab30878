"""``refrace replay``: repeat a stored run."""

from __future__ import annotations

import click

from refrace.cli.exit_codes import ExitCode
from refrace.cli.files import read_program, read_source
from refrace.cli.mode_files import mode_file_option
from refrace.cli.output import result_options, show_and_judge
from refrace.errors import InvalidProgram, ReplayMismatch
from refrace.hunting import replaying as verb
from refrace.hunting.schedules.native_token import is_native_token
from refrace.traces.token import is_token


@click.command(short_help="Replay a trace or a token.")
@click.argument("run", nargs=-1, required=True, metavar="TRACE.json|TOKEN|-")
@click.option(
    "--program",
    metavar="FILE",
    help="Race program that the run must belong to.",
)
@click.option("--mode", help="Mode that the run must have.")
@click.option(
    "--subject",
    metavar="MODULE:NAME|FILE.py:NAME",
    help="For native code: what the hunt was in.  Default: the name in the token.",
)
@click.option(
    "--build",
    metavar="DIR",
    help="For native code: folder with the extension.  Default: where it was.",
)
@click.option(
    "--times", type=int, help="For native code: number of runs.  Default: 20."
)
@result_options
@mode_file_option(None)
def replay(
    run: tuple[str, ...],
    program: str | None,
    mode: str | None,
    subject: str | None,
    build: str | None,
    times: int | None,
    as_json: bool,
) -> ExitCode:
    """Replay a trace and check that every step does the same.

    Takes a file with the JSON of a trace (or of an exploration: its smallest
    counterexample is replayed), a token, or `-` to read either from standard input.  A
    token may be split into several arguments.  Exits with 1 if the run shows a
    finding, and with 2 if the replay does not match the run or the run ends in misuse;
    in the latter case the run is shown up to there.

    A token of a schedule of native code (rn1:...) is run several times in child
    processes, with the same build of the extension; the result says how often the
    finding showed.
    """
    if is_token(run[0]) or is_native_token(run[0]):
        stored: str | bytes = "".join(run)
    elif len(run) == 1:
        stored = read_source(run[0])
    else:
        raise click.UsageError(
            f"pass one file at a time, not {len(run)}: {' '.join(run)}"
        )
    try:
        trace = verb.replay(
            stored,
            program=None if program is None else read_program(program),
            mode=mode,
            subject=subject,
            build=build,
            times=times,
        )
    except InvalidProgram as misuse:
        if misuse.trace is not None:
            show_and_judge(misuse.trace, as_json)
        raise
    except ReplayMismatch as mismatch:
        raise click.ClickException(f"the replay does not match: {mismatch}") from None
    return show_and_judge(trace, as_json)

"""``refrace hunt``: hunt for corruption in the user's own code."""

from __future__ import annotations

from typing import Any

import click

from refrace.cli.exit_codes import ExitCode
from refrace.cli.hunt_progress import hunt_progress
from refrace.cli.jobs import jobs_option, workers
from refrace.cli.options import check_schedules, verb_option
from refrace.cli.output import default_of, result_options, show_and_judge
from refrace.errors import Interrupted
from refrace.hunting import hunt as verb
from refrace.hunting.sanitizers.hunt_sanitized import hunt_sanitized
from refrace.hunting.sanitizers.toolchain import SANITIZERS


class _Counts(click.ParamType[tuple[int, ...]]):
    """Numbers of threads, separated by commas."""

    name = "numbers"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, ...]:
        if isinstance(value, tuple):
            return value
        try:
            return tuple(int(part) for part in str(value).split(","))
        except ValueError:
            self.fail(f"{value!r} is not a list of numbers such as 1,2", param, ctx)


@click.command(short_help="Hunt for corruption in your own extension.")
@click.argument("subject", metavar="MODULE:NAME|FILE.py:NAME")
@click.option(
    "--threads",
    type=_Counts(),
    default=",".join(map(str, default_of(verb.hunt, "threads"))),
    show_default=True,
    metavar="N,N",
    help="Numbers of threads of the programs.",
)
@verb_option(verb.hunt, "seconds", "Time limit of the search in seconds.", float)
@click.option("--seed", type=int, help="Seed of the programs.  Default: random.")
@click.option(
    "--repeats",
    type=int,
    help="Rounds of each program.  Default: 17 with one thread, 300 with more.",
)
@click.option(
    "--program", metavar="TOKEN", help="Run only this program, the token of a finding."
)
@click.option(
    "--schedules",
    type=click.Choice(["bounded", "random", "pct"]),
    help="Choose which thread runs at each access of an instrumented extension.",
)
@verb_option(verb.hunt, "preemptions", "Bound of --schedules.", int)
@click.option(
    "--no-reduction",
    is_flag=True,
    help="With --schedules bounded: also try schedules that only differ in the order "
    "of independent steps.",
)
@click.option(
    "--build",
    metavar="DIR",
    help="Folder with the extension that refrace.build_instrumented has built.",
)
@click.option(
    "--store",
    metavar="DIR",
    help="Folder for findings.  Default: $REFRACE_HOME, or .refrace.",
)
@click.option("--no-store", is_flag=True, help="Keep nothing.")
@click.option(
    "--sanitize",
    type=click.Choice(SANITIZERS),
    help="Build the extension with this sanitizer, and hunt in that build.",
)
@click.option(
    "--source",
    metavar="DIR|SDIST|REQUIREMENT",
    help="With --sanitize: where the extension comes from.  Default: the current "
    "folder.",
)
@jobs_option
@result_options
def hunt(
    subject: str,
    threads: tuple[int, ...],
    seconds: float,
    seed: int | None,
    repeats: int | None,
    program: str | None,
    schedules: Any,
    preemptions: int,
    no_reduction: bool,
    build: str | None,
    store: str | None,
    no_store: bool,
    sanitize: str | None,
    source: str | None,
    jobs: int,
    as_json: bool,
) -> ExitCode:
    """Run random programs that call a subject many times, and judge each round.

    The subject is a class with methods decorated by @refrace.operation, or a function,
    in a module or in a file.  It runs in child processes, which may crash.

    Findings are kept, and the next hunt runs them first.  Ctrl-C keeps what was found;
    a hunt that was killed resumes when it is started again.
    """
    is_usual = preemptions == default_of(verb.hunt, "preemptions")
    if no_store and store is not None:
        raise click.UsageError(
            "--store cannot be used with --no-store; leave one of them out"
        )
    if sanitize is None and source is not None:
        raise click.UsageError(
            "--source is only for a build with --sanitize; add it, or leave out "
            "--source"
        )
    if sanitize is not None and (program is not None or jobs > 1):
        raise click.UsageError(
            "--sanitize cannot be used with --program or --jobs; leave them out"
        )
    if sanitize is not None and (
        schedules or build is not None or no_reduction or not is_usual
    ):
        raise click.UsageError(
            "--sanitize cannot be used with --schedules, --preemptions, --build or "
            "--no-reduction: it builds the extension, and runs it on real threads; "
            "leave them out"
        )
    check_schedules(schedules, None if is_usual else preemptions, no_reduction, build)
    try:
        if sanitize is not None:
            with hunt_progress(subject) as progress:
                report = hunt_sanitized(
                    subject,
                    source or ".",
                    sanitize,
                    threads=threads,
                    seconds=seconds,
                    seed=seed,
                    repeats=repeats,
                    store=False if no_store else store,
                    progress=progress,
                )
            return show_and_judge(report, as_json)
        with workers(jobs) as executor, hunt_progress(subject) as progress:
            report = verb.hunt_in(
                subject,
                threads=threads,
                seconds=seconds,
                seed=seed,
                repeats=repeats,
                store=False if no_store else store,
                program=program,
                schedules=schedules,
                preemptions=preemptions,
                build=build,
                reduction=not no_reduction,
                executor=executor,
                progress=progress,
            )
    except Interrupted as interrupt:
        click.echo("refrace: interrupted", err=True)
        if interrupt.report is None:
            return ExitCode.INCONCLUSIVE
        report = interrupt.report
    return show_and_judge(report, as_json)

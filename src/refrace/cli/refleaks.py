"""``refrace refleaks``: find leaks of a callable on one thread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from refrace.cli.exit_codes import ExitCode
from refrace.cli.importing import import_object
from refrace.cli.options import verb_option
from refrace.cli.output import result_options, run_and_show
from refrace.cli.progress import Pace
from refrace.hunting import refleaks as verb

# The first line tells click to leave the others as they are.
EXAMPLES = """\b
refrace refleaks json:dumps --argument "obj=st.lists(st.integers())"
refrace refleaks mymodule:function --seconds 20
"""


@click.command(short_help="Find leaks of a callable on one thread.", epilog=EXAMPLES)
@click.argument("callable", metavar="MODULE:CALLABLE|FILE.py:CALLABLE")
@verb_option(verb.refleaks, "calls", "Largest number of calls in a series.")
@verb_option(verb.refleaks, "seconds", "Time limit in seconds.", float)
@click.option("--seed", type=int, help="Seed of the arguments.  Default: random.")
@click.option(
    "--argument",
    "arguments",
    metavar="NAME=STRATEGY",
    multiple=True,
    help="A Hypothesis strategy for a parameter, as a Python expression in which `st` "
    "has the strategies of Hypothesis.  May be repeated.",
)
@result_options
def refleaks(
    callable: str,
    calls: int,
    seconds: float,
    seed: int | None,
    arguments: Sequence[str],
    as_json: bool,
) -> ExitCode:
    """Call MODULE:CALLABLE many times and report what grows with every call.

    Watches allocated blocks, memory from malloc, objects by type, traced memory, and
    the reference counts of shared objects.  Parameters without a default get values of
    all kinds.  The callable runs in this process.
    """
    target = import_object(callable, "callable")
    strategies = dict(map(_strategy, arguments)) or None
    return run_and_show(
        lambda progress: verb.refleaks(
            target,
            calls=calls,
            seconds=seconds,
            seed=seed,
            arguments=strategies,
            progress=progress,
        ),
        f"calling {callable}",
        as_json,
        Pace("steps", is_even=False, limit_s=seconds),
    )


def _strategy(text: str) -> tuple[str, Any]:
    name, equals, source = text.partition("=")
    if not equals or not name.isidentifier():
        raise click.UsageError(
            f"--argument {text!r} has no name; pass NAME=STRATEGY, for example "
            "x=st.integers()"
        )

    from refrace.strategies.draw_values import strategy_from

    try:
        return name, strategy_from(source)
    except Exception as error:
        raise click.UsageError(
            f"--argument {text!r} raised {type(error).__name__}: {error}; pass Python "
            "code such as st.integers()"
        ) from error

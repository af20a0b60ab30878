"""``refrace explain-refcount``: explain the result of sys.getrefcount."""

from __future__ import annotations

import sys
from types import CodeType
from typing import Any

import click

from refrace.cli.exit_codes import ExitCode
from refrace.cli.output import result_options, run_and_show
from refrace.lessons.explain_refcount import explain_refcount as verb

SETUP = "a = []; b = a"
EXPRESSION = "a"

# The first line tells click to leave the others as they are.
EXAMPLES = """\b
refrace explain-refcount
refrace explain-refcount None
refrace explain-refcount os.path --setup "import os"
"""


@click.command(short_help="Explain the sys.getrefcount of an object.", epilog=EXAMPLES)
@click.argument("expression", default=EXPRESSION)
@click.option(
    "--setup",
    default=SETUP,
    show_default=True,
    help="Python statements to run first, in the main module.",
)
@result_options
def explain_refcount(expression: str, setup: str, as_json: bool) -> ExitCode:
    """Name the references to the value of a Python EXPRESSION (default: a)."""
    _run(setup, "exec")
    # Do not store the value in a variable: that would add a reference.
    return run_and_show(
        lambda progress: verb(_run(expression, "eval")), "searching", as_json
    )


def _run(source: str, how: str) -> Any:
    """Run the user's code in the main module, where its names can be found again."""
    try:
        code: CodeType = compile(source, "<command line>", how)
        return eval(code, sys.modules["__main__"].__dict__)
    except (Exception, SystemExit) as error:
        raise click.UsageError(
            f"{source!r} raised {type(error).__name__}: {error}; pass Python code that "
            "runs on its own"
        ) from error

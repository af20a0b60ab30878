"""``refrace learn``: eight bugs, each with a question and its answer."""

from __future__ import annotations

import json
import sys

import click

from refrace import gallery
from refrace.cli.exit_codes import ExitCode
from refrace.cli.output import no_result_to_write, result_options, write_files
from refrace.display.text import render_text
from refrace.gallery.lesson import lesson
from refrace.gallery.lesson_report import Lesson

STOP = "q"


@click.command(short_help="Learn from eight bugs, each with a question.")
@click.argument("number", required=False, callback=lambda _c, _p, text: _number(text))
@click.option(
    "--all", "at_once", is_flag=True, help="Print the answers without asking."
)
@result_options
def learn(number: int | None, at_once: bool, as_json: bool) -> ExitCode:
    """Go through all lessons, or through lesson NUMBER, counted from 1.

    On a terminal, each lesson waits for the answer to its question: which next step
    makes the bug inevitable?  Otherwise, and with --all, the question and the answer
    are printed.
    """
    if number is None:
        no_result_to_write("the result of one lesson; name its NUMBER")
    numbers = range(1, len(gallery.lessons) + 1) if number is None else [number]
    if as_json:
        lessons = [lesson(n) for n in numbers]
        if number is not None:
            write_files(lessons[0])
        told = [one.to_dict() for one in lessons]
        stored = {"format": "refrace/lessons", "version": 1, "lessons": told}
        click.echo(json.dumps(stored if number is None else told[0], indent=2))
        return ExitCode.CLEAN
    asks = not at_once and _is_terminal()
    for place, n in enumerate(numbers):
        if place and not asks:
            click.echo()
        one = lesson(n)
        if number is not None:
            write_files(one)
        click.secho(one.answer, bold=True)
        click.echo(f"\n{render_text(one.question())}\n")
        if asks and _ask(one) == STOP:
            break
        click.echo(render_text(one.solution()))
        if asks and n != numbers[-1]:
            click.echo()
            reply = _reply("Enter for the next lesson, q to stop", [])
            if reply == STOP:
                break
            click.echo()
    return ExitCode.CLEAN


def _is_terminal() -> bool:
    return sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty()


def _number(text: str | None) -> int | None:
    """Return the lesson number given as an argument."""
    last = len(gallery.lessons)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= last):
        raise click.BadParameter(
            f"{text[:60]!r} is not a lesson; pass a number from 1 to {last}, or omit "
            "it for all lessons"
        )
    return int(text[:9])


def _reply(question: str, numbers: list[str]) -> str:
    """Ask until the answer is one of `numbers`, empty, or a request to stop."""

    def check(reply: str) -> str:
        word = reply.strip().lower()
        if word in ("q", "quit", "exit", "stop"):
            return STOP
        if word and word not in numbers:
            steps = f"type {' or '.join(numbers)}, " if numbers else "type "
            raise click.UsageError(
                f"{reply.strip()[:60]!r} is not one of the answers; {steps}Enter to "
                "continue, or q to stop"
            )
        return word

    reply: str = click.prompt(
        question, value_proc=check, default="", show_default=False
    )
    return reply


def _ask(one: Lesson) -> str:
    """Ask the question of a lesson, print whether the answer is right, return it."""
    numbers = [str(n) for n, _ in enumerate(one.steps, 1)]
    reply = _reply(f"{', '.join(numbers)}, Enter for the answer, q to stop", numbers)
    if reply in numbers:
        is_right = one.steps[int(reply) - 1] == one.right_answer
        click.secho("Right." if is_right else "No: that one is harmless.", bold=True)
    click.echo()
    return reply

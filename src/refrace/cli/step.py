"""``refrace step``: step through a program in the terminal."""

from __future__ import annotations

import base64
import os
import re
import sys
import termios
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from refrace.cli.exit_codes import ExitCode
from refrace.cli.files import read_program, try_to_write
from refrace.cli.mode_files import mode_file_option
from refrace.cli.options import (
    ProgramCommand,
    check_history,
    history_option,
    memory_option,
    program_in_a_mode,
    verb_option,
)
from refrace.display.pictures.files import check_file
from refrace.explorer import stepper as verb
from refrace.explorer.stepper import Stepper
from refrace.explorer.walk import Walk

QUIT = "q"
# A key: an escape sequence, or one character.
_KEY = re.compile(r"\x1b[\[O][0-9;]*[A-Za-z~]|.", re.DOTALL)
# What terminals send for the keys without a character, and what people type in lines.
_SPOKEN = {
    "\x1b[C": "forward",
    "\x1bOC": "forward",
    " ": "forward",
    "\x1b[D": "back",
    "\x1bOD": "back",
    "\x7f": "back",
    "u": "back",
    "b": "back",
    "n": "forward",
    "\x1b[H": "start",
    "\x1bOH": "start",
    "\x1b[1~": "start",
    "s": "start",
    "\x1b[F": "counterexample",
    "\x1bOF": "counterexample",
    "\x1b[4~": "counterexample",
    "c": "counterexample",
    "e": "explore",
    "f": "fail",
    "k": "safe",
    "t": "token",
    "\x03": QUIT,
    "\x04": QUIT,
    "quit": QUIT,
}


def _checked(
    context: click.Context, parameter: click.Parameter, name: str | None
) -> Path | None:
    if name is None:
        return None
    return try_to_write(check_file(name, (".html",)), "--html")


@click.command(cls=ProgramCommand, short_help="Step through a program by hand.")
@program_in_a_mode(verb.step)
@memory_option(verb.step)
@history_option(verb.step)
@verb_option(verb.step, "max_states", "Maximum number of states.")
@click.option(
    "--html",
    "page",
    metavar="FILE",
    callback=_checked,
    help="Write the stepper as a page to FILE instead.",
)
@mode_file_option("mode")
def step(
    file: str,
    mode: str,
    gil: str,
    memory: str,
    history: int,
    max_states: int,
    page: Path | None,
) -> ExitCode:
    """Choose which thread of the race program in FILE takes the next step.

    Under C11 also choose which write a read sees.  For each choice it shows how many
    of the runs from there go wrong, exactly.  In
    "make it fail" and "keep it safe" these numbers are hidden, and the run is judged.
    If standard input or output is not a terminal, keys are read from standard input,
    separated by spaces or line ends, and each state is printed as text.
    """
    if file == "-":
        raise click.UsageError(
            "`step` reads its keys from standard input; write the program to a file "
            "and name it"
        )
    check_history(memory, history)
    stepper = verb.step(
        read_program(file),
        mode,
        gil,  # type: ignore[arg-type]
        max_states=max_states,
        memory=memory,  # type: ignore[arg-type]
        history=history,
    )
    if page is not None:
        page.write_text(stepper.html(), encoding="utf-8")
        return ExitCode.CLEAN
    if sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty():
        _on_a_terminal(stepper)
    else:
        _in_lines(stepper)
    return ExitCode.CLEAN


class _Keys:
    """Does what a key asks for; `said` is the answer to show."""

    def __init__(self, stepper: Stepper, copy: Callable[[str], str]) -> None:
        self.stepper, self.walk, self.copy = stepper, stepper.walk(), copy
        self.said = ""

    def press(self, key: str) -> bool:
        """Do what a key asks for; return whether to go on."""
        walk, self.said = self.walk, ""
        asked = _SPOKEN.get(key, key)
        if asked == QUIT:
            return False
        if asked in ("forward", "back", "start"):
            getattr(walk, asked)()
        elif asked == "counterexample":
            if not walk.counterexample():
                self.said = "No run goes wrong, so there is no counterexample."
        elif asked in ("explore", "fail", "safe"):
            walk.goal = asked
        elif asked == "token":
            self.said = self.copy(self._token())
        else:
            self._choose(key)
        return True

    def _token(self) -> str:
        return self.stepper.trace(self.walk.taken).token

    def _choose(self, key: str) -> None:
        from refrace.cli.step_screen import CHOICE_KEYS

        choices = self.walk.choices
        place = CHOICE_KEYS.find(key) if len(key) == 1 else -1
        if 0 <= place < len(choices):
            self.walk.take(choices[place].code)
        elif not choices and place >= 0:
            self.said = "The run is over: go back, or to the start."
        else:
            keys = " or ".join([*CHOICE_KEYS[: len(choices)], "one of those below"])
            self.said = f"{key!r:.20} is no key here; use {keys}."


def _on_a_terminal(stepper: Stepper) -> None:
    from rich.console import Console
    from rich.segment import Segment, Segments

    from refrace.cli.step_screen import frame

    newline = Segment.line()

    def copy(token: str) -> str:
        # OSC 52: terminals that allow it put the text into the clipboard.
        text = base64.b64encode(token.encode()).decode()
        sys.stdout.write(f"\x1b]52;c;{text}\x07")
        return f"Replay token, also sent to the clipboard: {token}"

    keys = _Keys(stepper, copy)
    console = Console(highlight=False)

    def draw() -> None:
        console.clear()
        shown = frame(keys.walk, keys.said, console.width)
        # What does not fit is below, where the less important things are.
        lines = console.render_lines(shown)[: console.height - 1]
        parts = [part for line in lines for part in (*line, newline)]
        console.print(Segments(parts))

    with console.screen(hide_cursor=True), _pressed() as pressed:
        draw()
        for key in pressed:
            if not keys.press(key):
                break
            draw()
    _print_way(keys.walk, stepper)


@contextmanager
def _pressed() -> Iterator[Iterator[str]]:
    """Yield the keys as they are pressed; meanwhile the terminal does not echo them.

    Ctrl-C and the end of the input are keys that end the command.
    """
    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)

    def keys() -> Iterator[str]:
        while True:
            try:
                data = os.read(terminal, 64)
            except KeyboardInterrupt:
                data = b"\x03"
            yield from _KEY.findall(data.decode(errors="replace") or "\x04")

    tty.setcbreak(terminal, termios.TCSANOW)
    try:
        yield keys()
    finally:
        termios.tcsetattr(terminal, termios.TCSANOW, before)


def _print_way(walk: Walk, stepper: Stepper) -> None:
    """Print how to repeat the run, which the screen no longer shows."""
    if walk.at:
        click.echo(f"refrace replay {stepper.trace(walk.taken).token}")


def _in_lines(stepper: Stepper) -> None:
    from rich.console import Console

    from refrace.cli.step_screen import frame

    keys = _Keys(stepper, lambda token: f"Replay token: {token}")
    console = Console(highlight=False, width=80, soft_wrap=True)
    console.print(frame(keys.walk))
    for key in _typed():
        goes_on = keys.press(key)
        if not goes_on:
            break
        console.print()
        console.rule(f"{key}", characters="-", align="left")
        console.print(frame(keys.walk, keys.said))


def _typed() -> Iterator[str]:
    if sys.stdin is None or sys.stdin.closed:
        return
    for line in sys.stdin:
        yield from line.split()

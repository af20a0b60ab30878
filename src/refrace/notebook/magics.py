"""``%%refrace``: a program in a cell, and its exploration below it."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_cell_magic, magics_class
from IPython.core.magic_arguments import argument, magic_arguments, parse_argstring
from IPython.display import display

from refrace.display.blocks import Paragraph, Preformatted, Table
from refrace.display.text import render_text
from refrace.environment import GIL_SETTINGS
from refrace.errors import InvalidProgram, RefraceError
from refrace.explorer.explore import explore
from refrace.explorer.memory import MODELS
from refrace.programs import Program
from refrace.programs.steps import CONTROL_FORMS, OPERATIONS

__all__ = ["InvalidCell", "RefraceMagics"]

EXAMPLE = """%%refrace --mode unlocked
hold T1.x = A
hold T2.x = A
T1: decref x
T2: decref x"""


def _default(parameter: str) -> str:
    default = inspect.signature(explore).parameters[parameter].default
    return f".  Default: {default:,}."


class InvalidCell(InvalidProgram):
    """An error of the program in a cell; it shows the place instead of a traceback."""

    @classmethod
    def of(cls, error: InvalidProgram) -> InvalidCell:
        """Return the same error, with its notes."""
        found = cls(
            str(error),
            line=error.line,
            column=error.column,
            text=error.text,
            trace=error.trace,
        )
        for note in getattr(error, "__notes__", []):
            found.add_note(note)
        return found

    def _render_traceback_(self) -> list[str]:
        shown = [f"InvalidProgram: {self}"]
        for note in getattr(self, "__notes__", []):
            line, _, carets = note.partition("\n")
            shown += [line, f"\x1b[1;31m{carets}\x1b[0m"]
        if self.trace is not None:
            shown += ["", str(self.trace)]
        return shown


@magics_class
class RefraceMagics(Magics):
    """The magics of ``%load_ext refrace``."""

    @magic_arguments()
    @argument(
        "file", nargs="?", help="A file with the program, for %%refrace without a cell."
    )
    @argument("-m", "--mode", default="atomic", help="Refcount mode.  Default: atomic.")
    @argument(
        "--gil",
        choices=GIL_SETTINGS,
        default="released",
        help="Switch threads anywhere, or only where the GIL can be released.",
    )
    @argument(
        "--memory",
        choices=MODELS,
        default="sc",
        help="Memory model: sequentially consistent, or that of C11.  Default: sc.",
    )
    @argument("--max-states", type=int, help=f"Limit of states{_default('max_states')}")
    @argument(
        "--max-seconds", type=float, help=f"Limit of seconds{_default('max_seconds')}"
    )
    @argument(
        "--as", dest="variable", metavar="NAME", help="Keep the result in a variable."
    )
    @argument(
        "--step", action="store_true", help="Also show the stepper of the program."
    )
    @line_cell_magic
    def refrace(self, line: str, cell: str | None = None) -> Any:
        """Explore every schedule of the race program in the cell.

        The result is displayed, and it is the value of the cell (`_`)::

            %%refrace --mode unlocked --as found
            hold T1.x = A
            hold T2.x = A
            T1: decref x
            T2: decref x

        Tab completes the words of the language, the names of the program, and the
        options.  ``%refrace FILE`` explores the program in a file, and ``%refrace``
        alone lists the words of the language.
        """
        given = parse_argstring(self.refrace, line)
        if cell is None and given.file is None:
            print(words())
            return None
        if cell is not None and given.file is not None:
            raise UsageError(
                f"%%refrace reads the program in the cell, so the file {given.file!r} "
                "has no meaning; write `%refrace FILE` on one line, or remove it"
            )
        if given.variable is not None and not given.variable.isidentifier():
            raise UsageError(
                f"--as {given.variable!r} is no name of a variable; pass one such as "
                "`found`"
            )
        limits = {
            name: value
            for name in ("max_states", "max_seconds")
            if (value := getattr(given, name)) is not None
        }
        source = Path(given.file) if cell is None else cell
        return self._explored(source, given, limits)

    def _explored(self, source: Path | str, given: Any, limits: dict[str, Any]) -> Any:
        try:
            program = Program.parse(source)
            found = explore(
                program, given.mode, given.gil, memory=given.memory, **limits
            )
            stepper = found.stepper() if given.step else None
        except InvalidProgram as error:
            raise InvalidCell.of(error) from None
        except RefraceError as error:
            raise UsageError(str(error)) from None
        if given.variable is not None:
            self.shell.push({given.variable: found})
        if stepper is not None:
            display(found)
            display(stepper)
            return None
        return found


def words() -> str:
    """Return the words of the language, what each does, and an example of a cell."""
    forms = [(form, does) for form, does in CONTROL_FORMS.values()]
    steps = [(row.form, row.doc) for row in OPERATIONS.values()]
    return render_text(
        [
            Paragraph("A cell that begins with %%refrace is a race program:"),
            Preformatted(EXAMPLE),
            Table(("statement", "what it does"), [*steps, *forms], "<<"),
            Paragraph("`%%refrace?` explains the options."),
        ]
    )

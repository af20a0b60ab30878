"""`Program`: a race program as data; the root of the syntax tree."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from refrace._base.files import read_file
from refrace._base.json_text import load_json
from refrace._base.safe_repr import shown
from refrace.errors import (
    InvalidArgument,
    InvalidArgumentType,
    InvalidData,
    InvalidProgram,
)
from refrace.programs.checks import Checked, check_parts
from refrace.programs.construct import (
    BodySource,
    DeclarationSource,
    SectionSource,
    construct_parts,
)
from refrace.programs.facts import Facts
from refrace.programs.faults import Fault, invalid
from refrace.programs.json_form import parts_from_dict, parts_to_dict
from refrace.programs.normalise import renamed
from refrace.programs.parts import Parts
from refrace.programs.syntax import (
    Block,
    Declaration,
    Function,
    HoldDeclaration,
    Thread,
)
from refrace.programs.text.parser import parse_parts
from refrace.programs.text.printer import node_text, program_text
from refrace.programs.underlining import underlined

if TYPE_CHECKING:
    from refrace.catalogue.mode import Mode
    from refrace.explorer.check_report import ProgramCheck

__all__ = ["Program"]

_FILE_NAME = re.compile(r"[^\s;{}=#]*(/[^\s;{}=#]+|\.(race|txt|toml|json))")


@dataclass(frozen=True, init=False, repr=False)
class Program:
    """A race program: declarations, threads, sub-programs, and checks at the end.

    A `Program` is valid: everything that can be checked without a run has been checked.
    Programs are equal if they have the same meaning, regardless of text positions.

    Parameters
    ----------
    declarations : str, or iterable of str and declarations
        ``["slot S = A"]``.
    threads : mapping of name to body, or iterable of Thread
        At least one.  A body is text (``"x = S ; use x"``), or an iterable of
        statements, each as a node or as text; adjacent texts are read together, so
        that a block may span them.
    functions : mapping of name to body, or iterable of Function. Default: none.
        Sub-programs and finalisers; parameters follow the name (``"f a b"``).
    end : body. Default: none.
        Checks after the run.

    Attributes
    ----------
    declarations : tuple of Declaration
    threads : tuple of Thread
    functions : tuple of Function
    end : tuple of Statement

    Raises
    ------
    InvalidProgram
        If something is malformed or meaningless; the message names the place, the
        offending text and the cure.

    Examples
    --------
    >>> program = Program(
    ...     ["slot S = A"],
    ...     {
    ...         "T1": "x = S ; incref x ; decref x",
    ...         "T2": "old = swap S null ; decref old",
    ...     },
    ... )
    >>> Program.parse(str(program)) == program
    True
    """

    declarations: tuple[Declaration, ...]
    threads: tuple[Thread, ...]
    functions: tuple[Function, ...]
    end: Block

    def __init__(
        self,
        declarations: DeclarationSource = (),
        threads: SectionSource[Thread] = (),
        functions: SectionSource[Function] = (),
        end: BodySource = (),
    ) -> None:
        parts = construct_parts(declarations, threads, functions, end)
        self._set(parts, _checked(parts, None))

    def _set(self, parts: Parts, checked: Checked) -> None:
        for name, value in zip(Parts._fields, parts, strict=True):
            object.__setattr__(self, name, value)
        object.__setattr__(self, "_checked", checked)

    @classmethod
    def _of(cls, parts: Parts, source: str | None = None) -> Program:
        """Return the program of parts with well-formed nodes."""
        checked = _checked(parts, source)
        program = object.__new__(cls)
        program._set(parts, checked)
        object.__setattr__(program, "_is_read", source is not None)
        return program

    @classmethod
    def parse(cls, text: str | bytes | os.PathLike[str]) -> Program:
        """Read a program from its text (bytes are UTF-8), or from a file.

        Parameters
        ----------
        text : str, bytes, or path
            The text, or the `pathlib.Path` of its file.

        Returns
        -------
        Program

        Raises
        ------
        InvalidArgumentType
            `text` is none of these.
        InvalidArgument
            The file cannot be read, or has more than 64 MiB.
        InvalidProgram
            The text is not a valid program; the message names file, line, column, the
            offending text and the cure.

        Notes
        -----
        Time and memory are linear in the length of the text.
        """
        if isinstance(text, os.PathLike):
            return cls._parse_named(_content_of(text), os.fspath(text))
        source = _decoded(text)
        try:
            return cls._of(parse_parts(source), source)
        except InvalidProgram as problem:
            raise _noted(_perhaps_a_file(problem, source), source) from None

    @classmethod
    def _parse_named(cls, content: bytes, file: str) -> Program:
        """Read the content of a file; errors name the file, also errors of its runs."""
        source = ""
        try:
            source = _decoded(content)
            program = cls._of(parse_parts(source), source)
        except InvalidProgram as problem:
            raise _noted(problem.in_file(file), source) from None
        object.__setattr__(program, "_file", file)
        return program

    def __str__(self) -> str:
        return program_text(self.parts)

    def __repr__(self) -> str:
        return f'Program.parse("""\n{self}\n""")'

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        # IPython and Hypothesis would spell out the dataclass.
        printer.text(repr(self))

    def _repr_html_(self) -> str:
        from refrace.programs.highlighting import highlighted_html

        return highlighted_html(str(self))

    def __reduce__(self) -> tuple[Callable[..., Program], tuple[Any, ...]]:
        return Program, (self.declarations, self.threads, self.functions, self.end)

    @property
    def parts(self) -> Parts:
        """The declarations, threads, sub-programs and end block as one tuple."""
        return Parts(self.declarations, self.threads, self.functions, self.end)

    @property
    def _positions(self) -> tuple[bool, str | None]:
        """Whether `line` and `column` of its nodes refer to one text; its file."""
        return self.__dict__.get("_is_read", False), self.__dict__.get("_file")

    # ------------------------------------------------------------------ JSON

    def to_dict(self) -> dict[str, Any]:
        """Return the program as a JSON-ready dictionary, with a format version."""
        return parts_to_dict(self.parts)

    @classmethod
    def from_dict(cls, data: object) -> Program:
        """Rebuild a program from :meth:`to_dict`.

        Raises
        ------
        InvalidData
            The data is not of that form, of another version, or not a valid program.
        """
        parts = parts_from_dict(data)
        try:
            return cls._of(parts)
        except InvalidProgram as problem:
            raise InvalidData(f"the program is not valid: {problem}") from None

    def to_json(self, indent: int | None = None) -> str:
        """Return :meth:`to_dict` as JSON text."""
        return json.dumps(self.to_dict(), indent=indent, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str | bytes) -> Program:
        """Rebuild a program from :meth:`to_json`.

        Raises
        ------
        InvalidArgumentType
            `text` is neither str nor bytes.
        InvalidData
            The text is not JSON, or not the JSON of a program (see :meth:`from_dict`).
        """
        if not isinstance(text, (str, bytes)):
            raise InvalidArgumentType(
                f"text={shown(text, 60)}: JSON is read from str or bytes; "
                f"got {type(text).__name__}"
            )
        try:
            data = load_json(text)
        except RecursionError:
            raise InvalidData(
                "this JSON is nested too deeply to be a program"
            ) from None
        except ValueError as problem:
            raise InvalidData(f"this is not JSON: {problem}") from None
        return cls.from_dict(data)

    # ----------------------------------------------------------------- facts

    @cached_property
    def facts(self) -> Facts:
        """The static facts of the program: what is known without running it."""
        checked: Checked = self.__dict__["_checked"]
        return Facts(self.declarations, checked)

    def check(
        self,
        mode: str | Mode = "atomic",
        *,
        max_states: int = 1_000_000,
        max_seconds: float = 10.0,
    ) -> ProgramCheck:
        """Run each thread alone: :func:`refrace.check` of this program.

        Examples
        --------
        >>> program = Program(["hold T1.x = A"], {"T1": "decref x ; use x"})
        >>> [str(finding.kind) for finding in program.check().findings]
        ['use-after-free']
        """
        # The one call upwards in the package: a method that is a verb.
        from refrace.explorer.check import check

        return check(self, mode, max_states=max_states, max_seconds=max_seconds)

    def normalised(self) -> Program:
        """Return the program with its locals renamed `x1`, `x2` … in every section.

        Programs that differ only in the names of locals then become equal.
        """
        facts = self.facts
        new = {s.key: facts.normal_names(s) for s in facts.sections}
        declarations = tuple(
            replace(node, local=new[node.thread][node.local])
            if isinstance(node, HoldDeclaration)
            else node
            for node in self.declarations
        )
        threads = tuple(
            replace(node, body=renamed(node.body, new[node.name]))
            for node in self.threads
        )
        functions = tuple(
            replace(
                node,
                body=renamed(node.body, new[node.name]),
                parameters=tuple(new[node.name][name] for name in node.parameters),
            )
            for node in self.functions
        )
        end = renamed(self.end, new["end"]) if self.end else ()
        return Program._of(Parts(declarations, threads, functions, end))


def _content_of(path: os.PathLike[str]) -> bytes:
    try:
        return read_file(Path(path))
    except InvalidArgument:
        raise
    except (OSError, ValueError) as error:  # a null byte in the name
        why = getattr(error, "strerror", None) or str(error)
        raise InvalidArgument(
            f"{os.fspath(path)!r:.200} cannot be read: {why}; pass the path of a race "
            "program, or its text"
        ) from None


def _noted(problem: InvalidProgram, source: str) -> InvalidProgram:
    """Return the error with a note: its line, underlined, for tracebacks."""
    marked = underlined(source, problem)
    if marked:
        problem.add_note("\n".join(marked))
    return problem


def _perhaps_a_file(problem: InvalidProgram, source: str) -> InvalidProgram:
    """Return the problem, with a hint if a file name was passed as a program."""
    if not _FILE_NAME.fullmatch(source.strip()):
        return problem
    return InvalidProgram(
        f"{problem}; this looks like a file name: pass "
        f"pathlib.Path({source.strip()!r})",
        line=problem.line,
        column=problem.column,
        text=problem.text,
    )


def _checked(parts: Parts, source: str | None) -> Checked:
    """Check `parts`, read from the text `source` if there is one."""
    try:
        return check_parts(parts)
    except Fault as fault:
        lines = None if source is None else source.split("\n")
        statement = "" if fault.node is None else node_text(fault.node)
        raise fault.error(statement, lines) from None


def _decoded(text: str | bytes) -> str:
    if isinstance(text, bytes):
        try:
            text = text.decode("utf-8-sig")
        except UnicodeDecodeError as problem:
            before = problem.object[: problem.start]
            raise invalid(
                "this is not UTF-8",
                text=repr(problem.object[problem.start : problem.end]),
                line=before.count(b"\n") + 1,
                column=len(before) - (before.rfind(b"\n") + 1) + 1,
                cure="save the program as UTF-8 text",
            ) from None
    if not isinstance(text, str):
        raise InvalidArgumentType(
            f"text={shown(text, 60)}: a program is read from str or bytes; "
            f"got {type(text).__name__}"
        )
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")

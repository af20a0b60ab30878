"""Builds a program from its text: sections, blocks, and their statements."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace
from typing import NamedTuple, NoReturn

from refrace.programs.faults import shown
from refrace.programs.parts import Parts
from refrace.programs.regions import REGION_FORMS
from refrace.programs.slips import CURES, SYNONYMS
from refrace.programs.syntax import (
    MAX_NESTING,
    Assert,
    Block,
    Condition,
    Critical,
    Declaration,
    Function,
    If,
    Local,
    Region,
    Repeat,
    Statement,
    Step,
    Thread,
    While,
)
from refrace.programs.text.declarations import is_soft_declaration, read_declaration
from refrace.programs.text.else_if import ELSE_IF, n_else_ifs, with_else
from refrace.programs.text.failures import fail as _fail
from refrace.programs.text.failures import fail_at as _fail_at
from refrace.programs.text.scanner import Piece, scan
from refrace.programs.text.statements import (
    StepParts,
    read_condition,
    read_count,
    read_objects,
    read_step,
)
from refrace.programs.text.tokens import Malformed
from refrace.programs.vocabulary import (
    DECLARATION_WORDS,
    NAME,
    did_you_mean,
    is_name,
)

__all__ = ["parse_body", "parse_declarations", "parse_parts"]

_HEADER = re.compile(rf"(?:(fn)\s+({NAME})((?:\s+{NAME})*)|({NAME}))\s*:(?!=)\s*")
_CELL = re.compile(rf"(?:slot|raw|int|weak)\s+({NAME})")
_CELL_STARTS = ("slo", "raw", "int", "wea")
_FIRST_WORD = re.compile(NAME)
_ASSERT = re.compile(r"assert\b")
_OPENERS = ("if", "while", "repeat", "else", "critical", *REGION_FORMS)


class _Open(NamedTuple):
    """A block that is not closed yet: how it began and what it interrupts.

    `depth` is how deep it nests; each `else if` is an `if` in an `else`.
    """

    word: str
    condition: Condition | None
    times: int
    objects: tuple[Local, ...]
    piece: Piece
    outer: list[Statement]
    depth: int


class _Section(NamedTuple):
    """A thread, a sub-program (with `parameters`), or the `end` block (name "end")."""

    name: str
    parameters: tuple[str, ...] | None
    piece: Piece
    body: list[Statement]


def parse_parts(text: str) -> Parts:
    r"""Parse the whole text of a program, lines ending at ``\n``.

    Raises
    ------
    InvalidProgram
        The text cannot be parsed; its meaning is checked elsewhere.
    """
    pieces = scan(text)
    # A cell may be declared below its use, so all of them are looked up first.
    cells = {
        found[1]
        for piece in pieces
        if piece.text[:3] in _CELL_STARTS and (found := _CELL.match(piece.text))
    }
    builder = _Builder(cells)
    builder.read_program(pieces)
    return builder.parts()


def parse_declarations(text: str) -> tuple[Declaration, ...]:
    """Parse a text of declarations.

    Raises
    ------
    InvalidProgram
        The text cannot be read, or holds something else.
    """
    builder = _Builder(())
    builder.read_declarations(scan(text))
    return builder.parts().declarations


def parse_body(text: str, cells: Collection[str]) -> Block:
    """Parse the statements of one thread, sub-program or `end` block.

    Raises
    ------
    InvalidProgram
        The text cannot be read.
    """
    builder = _Builder(cells)
    body: list[Statement] = []
    builder.read_body(scan(text), body)
    return tuple(body)


class _Builder:
    """Builds the program from its pieces, with a stack of open blocks."""

    def __init__(self, cells: Collection[str]) -> None:
        self._cells = cells
        self._declarations: list[Declaration] = []
        self._sections: list[_Section] = []
        self._current: list[Statement] | None = None
        self._stack: list[_Open] = []
        self._else_may_follow = False
        # Equal texts are equal steps: programs of a million lines repeat themselves.
        self._steps: dict[str, StepParts] = {}
        self._conditions: dict[str, Condition] = {}

    def parts(self) -> Parts:
        threads: list[Thread] = []
        functions: list[Function] = []
        end: Block = ()
        for name, parameters, piece, body in self._sections:
            if name == "end":
                end = tuple(body)
                continue
            line, column = piece.line, piece.column
            if parameters is None:
                threads.append(Thread(name, tuple(body), line=line, column=column))
                continue
            node = Function(name, tuple(body), parameters, line=line, column=column)
            functions.append(node)
        return Parts(tuple(self._declarations), tuple(threads), tuple(functions), end)

    def read_program(self, pieces: list[Piece]) -> None:
        for piece in pieces:
            rest = piece if ":" not in piece.text else self._header(piece)
            if rest is None:
                continue
            if not self._stack and not rest.mark and self._declaration(rest):
                continue
            if self._current is None:
                self._fail_outside(rest)
            self._statement(rest, self._current)
        self._need_closed()

    def read_declarations(self, pieces: list[Piece]) -> None:
        for piece in pieces:
            if piece.mark or not self._declaration(piece):
                self._fail_outside(piece)

    def read_body(self, pieces: list[Piece], body: list[Statement]) -> None:
        self._current = body
        for piece in pieces:
            self._statement(piece, self._current)
        self._need_closed()

    # ------------------------------------------------------------- sections

    def _header(self, piece: Piece) -> Piece | None:
        """Begin a section; return the rest after the colon, None if there is none."""
        found = _HEADER.match(piece.text)
        if found is None:
            return piece
        if self._stack:
            opened = self._stack[-1].piece
            _fail(
                piece,
                f"a section cannot begin inside the block of line {opened.line}",
                f"close `{shown(opened.text)} {{` with `}}` first",
                found[0].strip(),
            )
        is_function, name = found[1] is not None, found[2] or found[4]
        self._check_header(piece, name, is_function)
        parameters = tuple(found[3].split()) if is_function else None
        for parameter in parameters or ():
            if not is_name(parameter):
                cure = "choose another name: `fn f a b:`"
                _fail(piece, f"`{parameter}` is a reserved word", cure, parameter)
        body: list[Statement] = []
        self._sections.append(_Section(name, parameters, piece, body))
        self._current = body
        self._else_may_follow = False
        rest = piece.text[found.end() :]
        if not rest and not piece.mark:
            return None
        return Piece(rest, piece.line, piece.column + found.end(), piece.mark)

    def _check_header(self, piece: Piece, name: str, is_function: bool) -> None:
        is_end = name == "end" and not is_function
        if not is_end and not is_name(name):
            form = "fn f:" if is_function else "T1:"
            cure = f"choose another name: `{form}`"
            if name == "else" and not is_function:
                cure = "write `else {` after the `}` of an `if`"
            _fail(piece, f"`{name}` is a reserved word", cure, name)
        if is_end and any(section.name == "end" for section in self._sections):
            _fail(piece, "there are two `end` blocks", "merge them", name)

    def _declaration(self, piece: Piece) -> bool:
        """Read a declaration outside of blocks; return whether `piece` is one."""
        if piece.text in self._steps:
            return False
        found = _FIRST_WORD.match(piece.text)
        if found is None or not (
            found[0] in DECLARATION_WORDS or is_soft_declaration(piece.text)
        ):
            return False
        if found[0] == "lock" and self._current is not None:
            return False  # a step of the section
        try:
            nodes = read_declaration(piece.text)
        except Malformed as problem:
            _fail_at(piece, problem)
        for node in nodes:
            self._declarations.append(
                replace(node, line=piece.line, column=piece.column)
            )
        self._current = None
        return True

    def _fail_outside(self, piece: Piece) -> NoReturn:
        if piece.mark == "}":
            _fail(piece, "this `}` closes no block", "remove it, or open a block")
        found = _FIRST_WORD.match(piece.text)
        word = found[0] if found else piece.text
        known = word if found else piece.text[:1]
        near = did_you_mean(known, sorted(DECLARATION_WORDS))
        _fail(
            piece,
            "this is outside every thread and is not a declaration",
            near or "begin a thread with `T1:`",
            word,
        )

    # ----------------------------------------------------------- statements

    def _statement(self, piece: Piece, body: list[Statement]) -> None:
        text, line, column, mark = piece
        if not mark:
            parts = self._steps.get(text)
            if parts is None:
                if _ASSERT.match(text):
                    condition = self._condition(piece, "assert")
                    body.append(Assert(condition, line=line, column=column))
                    self._else_may_follow = False
                    return
                try:
                    parts = read_step(text, self._cells)
                except Malformed as problem:
                    _fail_at(piece, problem)
                self._steps[text] = parts
            body.append(Step(*parts, line=line, column=column))
            self._else_may_follow = False
        elif mark == "{":
            self._open(piece, body)
        else:
            self._close(piece, body)

    def _condition(self, piece: Piece, opener: str) -> Condition:
        condition = self._conditions.get(piece.text)
        if condition is None:
            try:
                condition = read_condition(piece.text, opener)
            except Malformed as problem:
                _fail_at(piece, problem)
            self._conditions[piece.text] = condition
        return condition

    def _open(self, piece: Piece, body: list[Statement]) -> None:
        found = _FIRST_WORD.match(piece.text)
        word = found[0] if found else ""
        if word not in _OPENERS:
            cure = (
                "`{` follows `if c`, `else`, `while c`, `repeat 3` or `critical x` on "
                "the same line"
            )
            slip = word in CURES or word in SYNONYMS
            _fail(
                piece,
                "a block cannot begin here",
                did_you_mean(word, ()) if slip else cure,
                piece.text or "{",
            )
        depth = 1 + (self._stack[-1].depth if self._stack else 0)
        if word == "else":
            self._check_else(piece)
            is_chained = ELSE_IF.match(piece.text) is not None
            depth += n_else_ifs(body[-1]) + is_chained
        if depth > MAX_NESTING:
            _fail(
                piece,
                f"blocks nest more than {MAX_NESTING} deep",
                "move the inner ones to a sub-program and `call` it",
            )
        condition, times, objects = None, 0, tuple[Local, ...]()
        if word == "else":
            chained = ELSE_IF.match(piece.text)
            if chained is not None:
                word = "else if"
                at = chained.end()
                column = piece.column + at
                rest = Piece(piece.text[at:], piece.line, column, piece.mark)
                condition = self._condition(rest, "if")
                piece = rest
        elif word in REGION_FORMS:
            if piece.text != word:
                _fail(piece, f"`{word}` takes nothing", f"write `{word} {{`")
        elif word == "repeat":
            try:
                times = read_count(piece.text)
            except Malformed as problem:
                _fail_at(piece, problem)
        elif word == "critical":
            try:
                objects = read_objects(piece.text)
            except Malformed as problem:
                _fail_at(piece, problem)
        else:
            condition = self._condition(piece, word)
        self._stack.append(_Open(word, condition, times, objects, piece, body, depth))
        self._current = []
        self._else_may_follow = False

    def _check_else(self, piece: Piece) -> None:
        if piece.text != "else" and ELSE_IF.match(piece.text) is None:
            _fail(
                piece,
                "an `else` has no condition",
                "write `else if c {`",
            )
        if not self._else_may_follow:
            _fail(
                piece,
                "this `else` belongs to no `if`",
                "write it after the `}` of an `if`",
            )

    def _close(self, piece: Piece, body: list[Statement]) -> None:
        if not self._stack:
            _fail(piece, "this `}` closes no block", "remove it, or open a block")
        word, condition, times, objects, opened, outer, _ = self._stack.pop()
        inner, line, column = tuple(body), opened.line, opened.column
        node: Statement
        if word == "repeat":
            node = Repeat(times, inner, line=line, column=column)
        elif word == "critical":
            node = Critical(objects, inner, line=line, column=column)
        elif word == "else":
            node = with_else(outer.pop(), inner)
        elif word in REGION_FORMS:
            node = Region(word, inner, line=line, column=column)
        else:
            assert condition is not None
            if word == "else if":
                last = If(condition, inner, line=line, column=column)
                node = with_else(outer.pop(), (last,))
            elif word == "if":
                node = If(condition, inner, line=line, column=column)
            else:
                node = While(condition, inner, line=line, column=column)
        outer.append(node)
        self._current = outer
        self._else_may_follow = word in ("if", "else if")

    def _need_closed(self) -> None:
        if self._stack:
            opened = self._stack[-1].piece
            _fail(opened, "this block is never closed", "add its `}`")

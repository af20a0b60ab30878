"""Reads the text form of a race program: tokens, declarations, bodies."""

from __future__ import annotations

import re

from .compile import Compiler
from .program import InvalidProgram, Options, Program

TOKEN = re.compile(
    r"(?P<skip>[ \t\r]+|#[^\n]*)"
    r"|(?P<end>[\n;])"
    r"|(?P<word>[A-Za-z_]\w*)"
    r"|(?P<number>\d+)"
    r"|(?P<mark>==|!=|<=|>=|[-=<>+{}()\[\],:.])"
)
DECLARATIONS = {
    "slot", "raw", "int", "vec", "rawvec", "obj", "type", "hold", "borrow",
    "interrupt", "weak", "barrier",
}  # fmt: skip
# Declarations before the first body; `lock` is a step inside one.
LOCKS = {"lock", "rlock", "native_lock"}


class Tokens:
    """A cursor over tokens; the end of a statement is the token `;`."""

    def __init__(self, words: list[str]) -> None:
        self.words = words
        self.at = 0

    def peek(self, ahead: int = 0) -> str:
        place = self.at + ahead
        return self.words[place] if place < len(self.words) else ""

    def next(self) -> str:
        word = self.peek()
        self.at += 1
        return word

    def accept(self, word: str) -> bool:
        if self.peek() == word:
            self.at += 1
            return True
        return False

    def expect(self, word: str) -> None:
        found = self.next()
        if found != word:
            raise InvalidProgram(f"expected {word!r}, found {found!r}")

    def name(self) -> str:
        word = self.next()
        if not re.fullmatch(r"[A-Za-z_]\w*", word):
            raise InvalidProgram(f"expected a name, found {word!r}")
        return word

    def number(self) -> int:
        sign = -1 if self.accept("-") else 1
        word = self.next()
        if not word.isdigit():
            raise InvalidProgram(f"expected a number, found {word!r}")
        return sign * int(word)

    def skip_ends(self) -> None:
        while self.accept(";"):
            pass

    def at_statement_end(self) -> bool:
        return self.peek() in (";", "}", "")


def tokenise(text: str) -> list[str]:
    words, place = [], 0
    while place < len(text):
        found = TOKEN.match(text, place)
        if found is None:
            raise InvalidProgram(f"unexpected character {text[place]!r}")
        place = found.end()
        if found.lastgroup == "end":
            words.append(";")
        elif found.lastgroup != "skip":
            words.append(found.group())
    return words


def parse(text: str) -> Program:
    """Read a program; anything that is none raises `InvalidProgram`."""
    tokens, program = Tokens(tokenise(text)), Program()
    bodies: dict[str, Tokens] = {}
    while True:
        tokens.skip_ends()
        word = tokens.peek()
        if not word:
            break
        if word in DECLARATIONS or word in LOCKS:
            declare(program, tokens)
            if not tokens.at_statement_end():
                raise InvalidProgram(f"unexpected {tokens.peek()!r} after {word!r}")
            continue
        is_function = tokens.peek(1) != ":" and tokens.accept("fn")
        name = tokens.name()
        label = f"fn {name}" if is_function else name
        parameters = []
        while is_function and tokens.peek() != ":":
            parameters.append(tokens.name())
        program.parameters[label] = tuple(parameters)
        tokens.expect(":")
        if label in bodies:
            raise InvalidProgram(f"{label!r} is there twice")
        if not is_function and name != "end":
            program.threads.append(name)
        bodies[label] = body_of(tokens)
    name_objects(program)
    for label, body in bodies.items():
        compiler = Compiler(program, set(bodies), body)
        program.bodies[label] = compiler.compile()
        program.masked[label] = compiler.masked_places
        program.nosafe[label] = compiler.unsafe_places
    for thread, label, _ in program.interrupts:
        if thread not in program.threads or label not in bodies:
            raise InvalidProgram(f"{label!r} cannot interrupt {thread!r}")
    for thread, _, _ in program.holds + program.borrows:
        if thread not in program.threads:
            raise InvalidProgram(f"there is no thread {thread!r}")
    for options in [*program.objects.values(), *program.types.values()]:
        if options.finaliser and f"fn {options.finaliser}" not in bodies:
            raise InvalidProgram(f"there is no fn {options.finaliser!r}")
    return program


def body_of(tokens: Tokens) -> Tokens:
    """Collect a body: up to the next label or declaration outside of every block."""
    body, depth, at_start = [], 0, True
    while word := tokens.peek():
        if at_start and depth == 0:
            label = tokens.peek(1) == ":" or word == "fn"
            if label or word in DECLARATIONS:
                break
        depth += {"{": 1, "}": -1}.get(word, 0)
        at_start = word in (";", "{", "}")
        body.append(tokens.next())
    if depth:
        raise InvalidProgram("a block is not closed")
    return Tokens(body)


def declare(program: Program, tokens: Tokens) -> None:
    """Read one declaration."""
    keyword = tokens.next()
    if keyword in LOCKS:
        program.locks[tokens.name()] = keyword
        while not tokens.at_statement_end():
            program.locks[tokens.name()] = keyword
    elif keyword in ("slot", "raw", "int", "weak"):
        name = tokens.name()
        tokens.expect("=")
        program.cells[name] = tokens.number() if keyword == "int" else value_of(tokens)
        program.mentioned.append(program.cells[name])
        if keyword == "slot":
            program.owning_cells.add(name)
        if keyword == "weak":
            calls = tokens.accept("calls")
            program.weak[name] = f"fn {tokens.name()}" if calls else None
    elif keyword in ("vec", "rawvec"):
        name = tokens.name()
        tokens.expect("=")
        program.containers[name] = items_of(tokens)
        program.mentioned += program.containers[name]
        if tokens.accept("room"):
            program.rooms[name] = (tokens.number(), tokens.accept("delayed"))
        if keyword == "vec":
            program.owning_containers.add(name)
    elif keyword == "barrier":
        name = tokens.name()
        program.barriers[name] = tokens.number()
    elif keyword == "interrupt":
        thread, label = tokens.name(), f"fn {tokens.name()}"
        times = 1 if tokens.at_statement_end() else tokens.number()
        program.interrupts.append((thread, label, times))
    elif keyword in ("hold", "borrow"):
        thread = tokens.name()
        tokens.expect(".")
        local = tokens.name()
        tokens.expect("=")
        start = (thread, local, tokens.name())
        (program.holds if keyword == "hold" else program.borrows).append(start)
        program.mentioned.append(start[2])
    else:
        known = program.objects if keyword == "obj" else program.types
        name = tokens.name()
        known[name] = options_of(tokens)
        program.mentioned += [name] if keyword == "obj" else []
        program.mentioned += [value for _, _, value in known[name].fields]
        if keyword == "type" and any(o and v for _, o, v in known[name].fields):
            raise InvalidProgram("an owning field of a type starts as null")


def options_of(tokens: Tokens) -> Options:
    said: dict = {}
    fields, visits = [], []
    while not tokens.at_statement_end():
        option = tokens.name()
        if option == "final":
            said["finaliser"] = tokens.name()
        elif option in ("field", "rawfield"):
            name = tokens.name()
            tokens.expect("=")
            fields.append((name, option == "field", value_of(tokens)))
        elif option == "rc":
            said["count"] = tokens.number()
        elif option == "max":
            said["maximum"] = tokens.number()
        elif option in ("stable", "uncounted", "gc", "untracks_late"):
            said[option] = True
        elif option == "visits":
            visits.append((tokens.name(), tokens.number()))
        else:
            raise InvalidProgram(f"unknown option {option!r}")
    return Options(fields=tuple(fields), visits=tuple(visits), **said)


def value_of(tokens: Tokens) -> object:
    """Read an initial value: null, a number, or an object's name."""
    if tokens.accept("null"):
        return None
    if tokens.peek().isdigit() or tokens.peek() == "-":
        return tokens.number()
    return tokens.name()


def items_of(tokens: Tokens) -> tuple:
    items = []
    tokens.expect("[")
    while not tokens.accept("]"):
        items.append(value_of(tokens))
        if tokens.peek() != "]":
            tokens.expect(",")
    return tuple(items)


def name_objects(program: Program) -> None:
    """Declare the objects that only a cell, a field, an item or a local names.

    They come in the order in which they were mentioned, declared or not.
    """
    declared = program.objects
    names = [value for value in program.mentioned if isinstance(value, str)]
    program.objects = {name: declared.get(name, Options()) for name in names}

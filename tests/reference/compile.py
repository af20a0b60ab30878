"""Turns the body of a thread or sub-program into a flat list of instructions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .program import InvalidProgram, Local, Program, Step

if TYPE_CHECKING:
    from .parse import Tokens

ON_ONE_OBJECT = {
    "use", "put", "incref", "decref", "decref_rlx", "init", "dealloc", "free",
    "resurrect_end", "resurrect", "track", "untrack", "immortalise", "enable_try",
}  # fmt: skip
ANSWERS_ABOUT_ONE_OBJECT = {
    "try_incref", "unique", "rc", "incfetch", "decfetch", "peek", "resurrect_end",
    "merge",
}  # fmt: skip
COMPARISONS = {"==", "!=", "<", "<=", ">", ">="}


class Compiler:
    """Compiles one body of `program`; `bodies` are the labels of all of them."""

    def __init__(self, program: Program, bodies: set[str], tokens: Tokens) -> None:
        self.program = program
        self.bodies = bodies
        self.tokens = tokens
        self.code: list[Step | Local] = []
        self.breaks: list[list[int]] = []  # jumps to fill in, per enclosing loop
        self.leaving: list[str] = []  # what leaves the open sections and stops
        self.around: list[int] = []  # how many of them are around each open loop
        self.loops = 0
        self.masked_places: set[int] = set()  # instructions inside of `masked`
        self.masked_around: list[int] = []  # sections and stops around each open one
        self.unmasked_places: set[int] = set()  # where `masked` was left by a jump
        self.unsafe_places: set[int] = set()  # the same for `nosafe`

    def compile(self) -> list[Step | Local]:
        self.statements()
        if self.tokens.peek():
            raise InvalidProgram(f"unexpected {self.tokens.peek()!r}")
        self.code.append(Local("return", ()))
        return self.code

    def statements(self) -> None:
        while True:
            self.tokens.skip_ends()
            if self.tokens.peek() in ("", "}"):
                return
            start = self.tokens.at
            block = self.statement(start)
            if not block and not self.tokens.at_statement_end():
                raise InvalidProgram(f"unexpected {self.tokens.peek()!r}")

    def block(self) -> None:
        self.tokens.expect("{")
        self.statements()
        self.tokens.expect("}")

    def statement(self, start: int) -> bool:
        """Compile one statement; say whether it was a block, which needs no `;`."""
        word = self.tokens.peek()
        if word in ("if", "while", "repeat"):
            self.tokens.next()
            getattr(self, f"{word}_statement")()
            return True
        if word == "masked" and self.tokens.peek(1) == "{":
            self.tokens.next()
            first = len(self.code)
            self.masked_around.append(len(self.leaving))
            self.block()
            self.masked_around.pop()
            self.masked_places.update(range(first, len(self.code)))
            if not self.masked_around:
                self.masked_places -= self.unmasked_places
            return True
        if word == "nosafe" and self.tokens.peek(1) == "{":
            self.tokens.next()
            self.nosafe_statement()
            return True
        if word == "stop_world" and self.tokens.peek(1) == "{":
            self.tokens.next()
            self.step(start, "stop", None)
            self.block_to_leave("start")
            return True
        if word == "critical" and self.tokens.peek(1) not in ("=", "."):
            self.critical_statement(start)
            return True
        if word == "at" and self.tokens.peek(1) not in ("=", "."):
            self.tokens.next()
            block, index = self.tokens.name(), self.expression()
            self.tokens.expect("=")
            self.step(start, "at set", None, block, index, self.expression())
            return False
        if self.tokens.peek(1) in ("=", "."):
            self.assignment(start)
            return False
        self.tokens.next()
        if word in ON_ONE_OBJECT:
            self.step(start, word, None, self.tokens.name())
        elif word in ("setrc", "poke"):
            self.step(start, word, None, self.tokens.name(), self.expression())
        elif word in ("lock", "unlock"):
            self.step(start, word, None, self.lock_place())
        elif word in ("await", "spin"):
            wanted = not self.tokens.accept("not")
            place = self.place()
            if word == "await" and self.tokens.accept("=="):
                self.step(start, "await equal", None, place, self.expression())
            else:
                self.step(start, word, None, place, wanted)
        elif word == "wait":
            name = self.tokens.name()
            if name not in self.program.barriers:
                raise InvalidProgram(f"there is no barrier {name!r}")
            self.step(start, "arrive", None, name)
            self.step(start, "pass", None, name)
        elif word in ("append", "resize"):
            self.step(start, word, None, self.container(), self.expression())
        elif word in ("gil", "fence", "quiesce", "detach", "attach", "collect"):
            self.step(start, word, None)
        elif word == "call":
            self.call(None)
        elif word == "maybe":
            self.step(start, word, None, self.label(), ())
        elif word == "assert":
            self.code.append(Local("assert", (self.condition(),)))
        elif word == "return":
            given = () if self.tokens.at_statement_end() else (self.expression(),)
            self.leave_sections(0)
            self.code.append(Local("return", given))
        elif word == "break":
            if not self.breaks:
                raise InvalidProgram("break outside of a loop")
            self.leave_sections(self.around[-1])
            self.breaks[-1].append(self.jump())
        else:
            self.tokens.at = start
            self.answer(start, None, word)
        return False

    def label(self) -> str:
        label = f"fn {self.tokens.name()}"
        if label not in self.bodies:
            raise InvalidProgram(f"there is no {label!r}")
        return label

    def call(self, target: str | None) -> None:
        """Compile what follows the word `call`: a sub-program and its arguments."""
        label, given = self.label(), []
        while not self.tokens.at_statement_end():
            given.append(self.expression())
        self.code.append(Local("call", (label, tuple(given), target)))

    def step(self, start: int, operation: str, target: str | None, *operands) -> None:
        text = " ".join(self.tokens.words[start : self.tokens.at])
        text = text.replace(" . ", ".")
        self.code.append(Step(operation, target, operands, text))

    def assignment(self, start: int) -> None:
        is_field = self.tokens.peek(1) == "."
        if is_field or self.tokens.peek() in self.program.cells:
            place = self.place()
            self.tokens.expect("=")
            self.step(start, "store", None, place, self.expression())
            return
        target = self.tokens.name()
        self.tokens.expect("=")
        word = self.tokens.peek()
        after = self.tokens.peek(1)
        is_word = word.isidentifier() and word != "null"
        is_answer = is_word and after not in (";", "}", "", "+", "-", ".")
        if is_answer:
            self.answer(start, target, word)
            return
        if word in self.program.cells or self.tokens.peek(1) == ".":
            self.step(start, "load", target, self.place())
        else:
            self.code.append(Local("assign", (target, self.expression())))

    def answer(self, start: int, target: str | None, word: str) -> None:
        """Compile `target = word …`; without a target the value is dropped."""
        tokens = self.tokens
        tokens.next()
        if word == "call":
            self.call(target)
        elif word in ANSWERS_ABOUT_ONE_OBJECT:
            self.step(start, word, target, tokens.name())
        elif word in ("finc", "fdec", "upgrade"):
            self.step(start, word, target, self.place())
        elif word in ("swap", "fadd"):
            self.step(start, word, target, self.place(), self.expression())
        elif word == "cas":
            place, old = self.place(), self.expression()
            self.step(start, word, target, place, old, self.expression())
        elif word == "casrc":
            name, old = tokens.name(), self.expression()
            self.step(start, word, target, name, old, self.expression())
        elif word in ("new", "raw_new", "malloc"):
            self.step(start, word, target, tokens.name())
        elif word == "renew":
            name = tokens.name()
            if name not in self.program.objects:
                raise InvalidProgram(f"there is no object {name!r}")
            self.step(start, word, target, name)
        elif word in ("get", "remove"):
            self.step(start, word, target, self.container(), self.expression())
        elif word == "at":
            self.step(start, word, target, tokens.name(), self.expression())
        elif word in ("pop", "len", "items"):
            self.step(start, word, target, self.container())
        else:
            raise InvalidProgram(f"unknown operation {word!r}")

    def if_statement(self) -> None:
        skip = self.jump_unless(self.condition())
        self.block()
        mark = self.tokens.at
        self.tokens.skip_ends()
        if not self.tokens.accept("else"):
            self.tokens.at = mark
            self.fill(skip)
            return
        leave = self.jump()
        self.fill(skip)
        if self.tokens.accept("if"):
            self.if_statement()
        else:
            self.block()
        self.fill(leave)

    def while_statement(self) -> None:
        top = len(self.code)
        leave = self.jump_unless(self.condition())
        self.loop_body(top, leave)

    def repeat_statement(self) -> None:
        self.loops += 1
        left = f"#{self.loops}"  # no name of a program begins with #
        self.code.append(Local("assign", (left, ("constant", self.tokens.number()))))
        top = len(self.code)
        more = (">", ("local", left), ("constant", 0))
        leave = self.jump_unless(more)
        one_less = ("-", ("local", left), ("constant", 1))
        self.code.append(Local("assign", (left, one_less)))
        self.loop_body(top, leave)

    def critical_statement(self, start: int) -> None:
        self.tokens.next()
        names = [self.tokens.name()]
        if self.tokens.peek() != "{":
            names.append(self.tokens.name())
        self.step(start, "enter", None, *names)
        self.block_to_leave("exit")

    def block_to_leave(self, operation: str) -> None:
        self.leaving.append(operation)
        self.block()
        self.leave_sections(len(self.leaving) - 1)
        self.leaving.pop()

    def leave_sections(self, outermost: int) -> None:
        for number in reversed(range(outermost, len(self.leaving))):
            if all(number < around for around in self.masked_around):
                self.unmasked_places.add(len(self.code))
            self.code.append(Step(self.leaving[number], None, (), "}"))

    def nosafe_statement(self) -> None:
        """Compile a block between two jumps to what follows; the second is inside.

        So a place behind the last call inside is inside, and before the block is not.
        """
        self.code.append(Local("jump", (len(self.code) + 1,)))
        first = len(self.code)
        self.block()
        self.code.append(Local("jump", (len(self.code) + 1,)))
        self.unsafe_places.update(range(first, len(self.code)))

    def loop_body(self, top: int, leave: int) -> None:
        self.breaks.append([])
        self.around.append(len(self.leaving))
        self.block()
        self.around.pop()
        self.code.append(Local("jump", (top,)))
        self.fill(leave)
        for jump in self.breaks.pop():
            self.fill(jump)

    def jump(self) -> int:
        self.code.append(Local("jump", (None,)))
        return len(self.code) - 1

    def jump_unless(self, condition: tuple) -> int:
        self.code.append(Local("jump-unless", (None, condition)))
        return len(self.code) - 1

    def fill(self, jump: int) -> None:
        old = self.code[jump]
        self.code[jump] = Local(old.what, (len(self.code), *old.operands[1:]))

    def place(self) -> tuple:
        """Read a cell or a field: what can be loaded, stored, swapped, awaited."""
        name = self.tokens.name()
        if self.tokens.accept("."):
            return ("field", name, self.tokens.name())
        if name not in self.program.cells:
            raise InvalidProgram(f"there is no cell {name!r}")
        return ("cell", name)

    def lock_place(self) -> tuple:
        name = self.tokens.name()
        if self.tokens.accept("."):
            self.tokens.expect("m")
            return ("field", name, "m")
        if name not in self.program.locks:
            raise InvalidProgram(f"there is no lock {name!r}")
        return ("lock", name)

    def container(self) -> str:
        name = self.tokens.name()
        if name not in self.program.containers:
            raise InvalidProgram(f"there is no container {name!r}")
        return name

    def expression(self) -> tuple:
        found = self.operand()
        while self.tokens.peek() in ("+", "-"):
            sign = self.tokens.next()
            found = (sign, found, self.operand())
        return found

    def operand(self) -> tuple:
        if self.tokens.accept("null"):
            return ("constant", None)
        if self.tokens.accept("("):
            found = self.expression()
            self.tokens.expect(")")
            return found
        if self.tokens.peek().isdigit() or self.tokens.peek() == "-":
            return ("constant", self.tokens.number())
        name = self.tokens.name()
        if name in self.program.cells:
            raise InvalidProgram(f"{name!r} is a shared cell: load it first")
        return ("local", name)

    def condition(self) -> tuple:
        found = self.all_of()
        while self.tokens.accept("or"):
            found = ("or", found, self.all_of())
        return found

    def all_of(self) -> tuple:
        found = self.comparison()
        while self.tokens.accept("and"):
            found = ("and", found, self.comparison())
        return found

    def comparison(self) -> tuple:
        if self.tokens.accept("not"):
            return ("not", self.comparison())
        left = self.expression()
        if self.tokens.peek() in COMPARISONS:
            sign = self.tokens.next()
            return (sign, left, self.expression())
        return ("truth", left)

"""Checks that a local has a value wherever it is read, and that `break` is in a loop.

Each body is walked once.  The assigned locals are a set with a trail, so that leaving
a branch undoes only the locals that the branch added.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from refrace.programs.checks.names import Names
from refrace.programs.checks.sections import Section, locals_read
from refrace.programs.checks.types import REFERENCE, LocalTypes
from refrace.programs.faults import Fault
from refrace.programs.syntax import (
    Block,
    Critical,
    If,
    Local,
    Region,
    Repeat,
    Statement,
    Step,
    While,
    walk,
)
from refrace.programs.vocabulary import ARGUMENT, SELF, did_you_mean

__all__ = ["FlowResult", "check_flow"]


@dataclass(frozen=True, slots=True)
class FlowResult:
    """Whether a body reads `arg`, whether it reads `self`, and can come to its end."""

    reads_argument: bool
    reads_self: bool
    ends: bool


def check_flow(section: Section, names: Names, types: LocalTypes) -> FlowResult:
    """Check one section.

    Raises
    ------
    Fault
        A local may be read before it has a value, or `break` is outside a loop.
    """
    flow = _Flow(section, names, types)
    ends = flow.run()
    return FlowResult(ARGUMENT in flow.given_read, SELF in flow.given_read, ends)


@dataclass(slots=True)
class _Loop:
    """An open loop.

    The length of the trail at its beginning and at the current statement of its body,
    and the locals assigned at its first `break`.
    """

    begin: int
    now: int
    at_break: list[str] | None = field(default=None)


class _Flow:
    def __init__(self, section: Section, names: Names, types: LocalTypes) -> None:
        self._section = section
        self._names = names
        self._types = types
        self._loops: list[_Loop] = []
        self._reads: dict[tuple[str, int], list[str]] = {}
        self._trail: list[str] = []
        self.given_read: set[str] = set()
        self._given: set[str] = set()
        if section.kind == "function":
            self._given = {SELF} if section.parameters else {ARGUMENT, SELF}
        self._held = [hold.local for hold in names.held_by.get(section.key, ())]
        self._assigned = {*self._held, *section.parameters}

    def run(self) -> bool:
        """Walk the body; return whether its end can be reached."""
        return self._block(self._section.body, None)

    def _block(self, body: Block, loop: _Loop | None) -> bool:
        """Walk a block; return whether its end can be reached.

        `loop` is the loop whose body this is.  Recursion is bounded: blocks nest at
        most MAX_NESTING deep.
        """
        for index, statement in enumerate(body):
            if loop is not None:
                loop.now = len(self._trail)
            if not self._statement(statement):
                self._check_dead(body[index + 1 :])
                return False
        return True

    def _statement(self, statement: Statement) -> bool:
        if isinstance(statement, Step):
            key = (statement.op, id(statement.operands))
            reads = self._reads.get(key)
            if reads is None:
                self._reads[key] = reads = locals_read(statement)
            for name in reads:
                if name not in self._assigned:
                    self._unassigned(name, statement)
            if statement.result is not None:
                self._assign(statement.result)
            if statement.op == "break":
                self._break(statement)
                return False
            return statement.op != "return"
        for name in locals_read(statement):
            if name not in self._assigned:
                self._unassigned(name, statement)
        if isinstance(statement, If):
            return self._if(statement)
        if isinstance(statement, While):
            self._loop(statement.body)
            return True
        if isinstance(statement, Repeat):
            return self._repeat(statement)
        if isinstance(statement, (Region, Critical)):
            return self._block(statement.body, None)
        return True

    def _if(self, statement: If) -> bool:
        mark = len(self._trail)
        then_ends = self._block(statement.then, None)
        after_then = self._undo(mark)
        otherwise_ends = self._block(statement.otherwise, None)
        if then_ends and otherwise_ends:
            after_otherwise = set(self._undo(mark))
            both = [name for name in after_then if name in after_otherwise]
        elif then_ends:
            self._undo(mark)
            both = after_then
        else:
            return otherwise_ends
        for name in both:
            self._assign(name)
        return True

    def _repeat(self, statement: Repeat) -> bool:
        loop, ends, after = self._loop(statement.body)
        if statement.count == 0:
            return True
        if loop.at_break is not None:
            after = loop.at_break
        elif not ends:
            return False
        for name in after:
            self._assign(name)
        return True

    def _loop(self, body: Block) -> tuple[_Loop, bool, list[str]]:
        """Walk a loop's body once: another iteration could only add assignments."""
        mark = len(self._trail)
        loop = _Loop(mark, mark)
        self._loops.append(loop)
        ends = self._block(body, loop)
        self._loops.pop()
        return loop, ends, self._undo(mark)

    def _break(self, statement: Step) -> None:
        if not self._loops:
            raise self._outside(statement)
        loop = self._loops[-1]
        if loop.at_break is None:
            # Only the locals that the loop assigned: later breaks have them too.
            loop.at_break = self._trail[loop.begin : loop.now]

    def _outside(self, statement: Step) -> Fault:
        return Fault(
            "`break` is outside a loop",
            statement,
            cure="write `return` to leave the thread or sub-program",
            section=self._section.label,
        )

    def _check_dead(self, body: Block) -> None:
        # Unreachable code may read anything, but a stray `break` is still an error.
        if not self._loops:
            for statement in _outside_loops(body):
                if isinstance(statement, Step) and statement.op == "break":
                    raise self._outside(statement)

    def _assign(self, name: str) -> None:
        if name not in self._assigned:
            self._assigned.add(name)
            self._trail.append(name)

    def _undo(self, mark: int) -> list[str]:
        undone = self._trail[mark:]
        del self._trail[mark:]
        self._assigned.difference_update(undone)
        return undone

    def _unassigned(self, name: str, statement: Statement) -> None:
        if name in self._given:
            self.given_read.add(name)
            return
        raise self._no_value(name, statement)

    def _no_value(self, name: str, statement: Statement) -> Fault:
        results = {
            node.result: None
            for node in walk(self._section.body)
            if isinstance(node, Step) and node.result is not None
        }
        if name in results:
            is_pointer = self._types.of(self._section.key, name) == REFERENCE
            problem = f"local `{name}` may have no value here"
            cure = f"assign one on every path: `{name} = "
            cure += "null`" if is_pointer else "0`"
        elif name == ARGUMENT and self._section.parameters:
            problem = "`arg` has no value in a sub-program with parameters"
            cure = f"read a parameter: `{self._section.parameters[0]}`"
        elif name in (ARGUMENT, SELF):
            where = "finaliser" if name == SELF else "sub-program"
            problem = f"`{name}` has a value only in a {where}"
            cure = "use a local of this thread"
        else:
            problem = f"`{name}` is neither a local with a value nor a cell"
            known = [*results, *self._held, *self._section.parameters]
            known += self._names.cells
            cure = did_you_mean(name, known) or _cure_of_unknown(name, statement)
        return Fault(
            problem, statement, text=name, cure=cure, section=self._section.label
        )


def _cure_of_unknown(name: str, statement: Statement) -> str:
    is_load = (
        isinstance(statement, Step)
        and statement.op == "assign"
        and statement.operands == (Local(name),)
    )
    if is_load:
        return f"declare the cell: `slot {name} = A`, or `int {name} = 0`"
    cell = "C" if name == "S" else "S"
    return f"load it: `{name} = {cell}`, or start with it: `hold T1.{name} = A`"


def _outside_loops(body: Block) -> list[Statement]:
    found: list[Statement] = []
    pending = list(reversed(body))
    while pending:
        statement = pending.pop()
        found.append(statement)
        if isinstance(statement, If):
            pending.extend(reversed(statement.then + statement.otherwise))
        elif isinstance(statement, (Region, Critical)):
            pending.extend(reversed(statement.body))
    return found

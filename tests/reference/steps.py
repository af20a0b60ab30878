"""What can happen next in a state, and what it does: the meaning of every step."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

from . import (
    calls,
    collecting,
    counting,
    detached,
    freeing,
    interrupts,
    operations,
    putting_off,
    resurrection,
    sections,
    stops,
    storage,
)
from .access import believed
from .biased import maker_of
from .judging import end_kinds
from .program import InvalidProgram, Program, Step
from .sharing import shared_at_first
from .state import (
    ATTACHED,
    END,
    Call,
    Callbacks,
    Collection,
    Departure,
    Destruction,
    Finding,
    State,
    Thread,
    evaluate,
    truth,
)

MOST_LOCAL_STATEMENTS = 10_000  # between two steps; more is a loop without a step
DEEPEST_STACK = 100


class Branch(NamedTuple):
    """One thing that can happen: a step of a thread, or one write leaving a buffer."""

    thread: str
    is_drain: bool = False
    taken: bool = False  # the outcome of a `maybe`
    interrupt: int | None = None  # it comes: the how manieth of its thread


class Machine:
    """Runs the steps of one program in one mode, with or without the GIL."""

    def __init__(self, program: Program, mode: str, gil: str) -> None:
        self.program = program
        self.mode = mode
        self.held = gil == "held"

    # -- what can happen

    def branches(self, state: State) -> list[Branch]:
        """List everything that can happen next; empty at the end of a run."""
        ready = [name for name in state.threads if self.is_enabled(state, name)]
        native = [name for name in state.threads if self.waits_natively(state, name)]
        enabled = ready + native
        if state.holder in enabled:
            ready = [n for n in ready if n == state.holder or self.is_beside(state, n)]
        else:
            ready += native  # each can take the GIL, and wait with it
        found = []
        for name in ready:
            found.append(Branch(name))
            if state.threads[name].operation:
                continue  # its place is behind the operation already
            if self.section_turn(state, name):
                continue
            step = self.next_step(state, name)
            if isinstance(step, Step) and step.operation == "maybe":
                found.append(Branch(name, taken=True))
        waiting = [name for name, thread in state.threads.items() if thread.buffer]
        found += [Branch(name, is_drain=True) for name in waiting]
        if not found:
            return []  # the run is over, whatever has not come
        for name in state.threads:
            if state.holder in (None, name) or state.holder not in enabled:
                found += interrupts.coming(self.program, state, name)
        return found

    def is_beside(self, state: State, name: str) -> bool:
        """Say whether a thread needs no GIL for what it does next."""
        return detached.needs_no_gil(state.threads[name], self.next_step(state, name))

    def next_step(self, state: State, name: str) -> Step | Destruction | Departure:
        top = state.threads[name].stack[-1]
        if isinstance(top, Destruction | Departure | Collection):
            return top
        return self.program.bodies[top.label][top.place]

    def section_turn(self, state: State, name: str) -> str | None:
        """Say whether a thread first suspends or resumes one of its sections."""
        thread = state.threads[name]
        if not thread.sections or thread.ended:
            return None
        is_safe = stops.is_safe_place(self, state, name)
        goes_on = is_safe and not stops.gives_way(self, state, name)
        if sections.must_resume(thread, goes_on=goes_on):
            return "resume"
        step = self.next_step(state, name)
        waits = stops.gives_way(self, state, name) or (
            self.gives_up(step) and not self.can_do(state, name)
        )
        return "suspend" if sections.must_suspend(thread, step, waits=waits) else None

    def gives_up(self, step: Step | Destruction | Departure) -> bool:
        """Say whether a thread that waits at a step suspends its sections."""
        if not isinstance(step, Step) or step.operation not in sections.GIVE_UP:
            return isinstance(step, Step) and step.operation == "enter"
        is_lock = step.operation == "lock" and step.operands[0][0] == "lock"
        return not is_lock or self.program.locks[step.operands[0][1]] != "native_lock"

    def is_enabled(self, state: State, name: str) -> bool:
        if stops.is_frozen(state, name):
            return False
        turn = self.section_turn(state, name)
        if turn == "resume":
            return sections.is_free(state, sections.top(state.threads[name]))
        return turn == "suspend" or self.can_do(state, name)

    def can_do(self, state: State, name: str) -> bool:
        """Say whether a thread's next instruction can be done now."""
        thread = state.threads[name]
        if thread.ended or stops.gives_way(self, state, name):
            return False
        if thread.operation:
            return not detached.must_wait(state, name)
        step = self.next_step(state, name)
        if isinstance(step, Collection) and not step.clears:
            return collecting.can_look(self, state, name)
        if isinstance(step, Destruction | Collection):
            return freeing.can_go_on(state, self.program, self.mode, name)
        if isinstance(step, Departure):
            return True
        values = thread.stack[-1].values
        if step.operation == stops.COLLECT:
            is_over = stops.is_collecting(self, state, name)
            return is_over or collecting.can_look(self, state, name)
        if step.operation == "lock":
            return operations.can_lock(
                state, self.program, name, values, step.operands[0]
            )
        if step.operation == "enter":
            is_detached = thread.attachment != ATTACHED  # which is an error
            return is_detached or sections.can_enter(state, name, step)
        if step.operation == stops.BEGINNING:
            is_detached = thread.attachment != ATTACHED  # which is an error
            return is_detached or stops.can_begin(self, state, name)
        if step.operation == "pass":
            return thread.stack[-1].barrier is None
        if step.operation == "attach":
            return not detached.is_suspended(state, name)
        if step.operation in ("await", "spin"):
            place, wanted = step.operands
            can_read, value = operations.look(state, values, place)
            return not can_read or truth(value) == wanted
        if step.operation == "await equal":
            place, expression = step.operands
            can_read, value = operations.look(state, values, place)
            return not can_read or value == evaluate(expression, values)
        if step.operation == "resurrect_end" and resurrection.is_in_collection(
            state, name
        ):
            return True
        if step.operation == "upgrade":
            _, identity = operations.look(state, values, step.operands[0])
        elif step.operation in counting.COUNTING_KINDS:
            identity = values.get(step.operands[0])
        else:
            return True
        if identity not in state.objects:
            return True  # null, or a value that is an error of the program
        return not counting.is_blocked(state, self.mode, step.operation, identity)

    def waits_natively(self, state: State, name: str) -> bool:
        """Say whether a thread has to wait for something with the GIL in its hand."""
        thread = state.threads[name]
        if not self.held or thread.ended or thread.operation:
            return False
        step = self.next_step(state, name)
        if thread.attachment != ATTACHED or not isinstance(step, Step):
            return False
        is_native = step.operation == "spin" or (
            step.operation == "lock"
            and step.operands[0][0] == "lock"
            and self.program.locks[step.operands[0][1]] == "native_lock"
        )
        return is_native and not self.is_enabled(state, name)

    # -- doing it

    def begin(self, state: State) -> None:
        """Do what happens before the first step; raise `Finding` if that ends it."""
        storage.begin(state, self.program)
        for name in shared_at_first(self.program):
            state.objects[name].shared = True
        for name, known in state.objects.items():
            maker = maker_of(self.program, name)
            putting_off.begin_count(known, self.mode, maker, self.program)
        for name in state.threads:
            state.threads[name].announced = state.epoch + 1
            self.settle(state, name)
        self.begin_end(state)

    def take(self, state: State, branch: Branch) -> None:
        """Do one branch in place; raise `Finding` if that ends the run."""
        thread = state.threads[branch.thread]
        if branch.is_drain:
            operations.drain_one(state, branch.thread)
            self.begin_end(state)
            return
        if branch.interrupt is not None:
            interrupts.come(self.program, state, branch.thread, branch.interrupt)
            self.settle(state, branch.thread)
            state.holder = branch.thread if self.held else None
            self.begin_end(state)
            return
        if self.waits_natively(state, branch.thread):
            state.holder = branch.thread
            return
        is_beside = self.held and self.is_beside(state, branch.thread)
        was_attached = thread.attachment == ATTACHED
        gives_way = False
        frame = thread.stack[-1]
        holder = state.holder
        waits = self.held and holder and not self.is_enabled(state, holder)
        if waits and not self.waits_natively(state, holder):
            state.holder = None
        turn = self.section_turn(state, branch.thread)
        if turn == "resume":
            sections.top(thread).waits = False
            sections.take(state, branch.thread, sections.top(thread))
        elif turn == "suspend":
            step = self.next_step(state, branch.thread)
            if isinstance(step, Step) and step.operation == "enter":
                sections.begin_to_wait(state, branch.thread, step)
            operations.drain_all(state, branch.thread)
            sections.suspend(state, branch.thread)
        elif thread.operation:
            counting.advance(state, self.mode, branch.thread)
        elif isinstance(thread.stack[-1], Destruction):
            freeing.end(state, self.program, self.mode, branch.thread)
        elif isinstance(thread.stack[-1], Collection):
            collecting.go_on(
                state, self.program, self.mode, branch.thread, held=self.held
            )
        elif isinstance(thread.stack[-1], Departure):
            hook = thread.stack[-1].hook
            counting.begin_hook(state, self.mode, branch.thread, hook)
        else:
            step = self.next_step(state, branch.thread)
            is_over = step.operation == stops.COLLECT and stops.is_collecting(
                self, state, branch.thread
            )
            thread.stack[-1].place += 1
            gives_way = step.operation == "gil"
            if is_over:
                detached.check(thread, step.operation, takes_attached=True)
            elif step.operation == stops.COLLECT:
                is_done = collecting.collect(
                    state, self.program, self.mode, branch.thread, held=self.held
                )
                frame.place -= not is_done
            elif branch.taken:
                called = calls.begin(self.program, frame, *step.operands)
                thread.stack.append(called)
            else:
                operations.do(state, self.program, self.mode, branch.thread, step)
            if self.held:
                operations.drain_all(state, branch.thread)
        is_done = not thread.operation and turn is None
        is_quiescent = is_done and self.is_behind(frame, {"quiesce"})
        if is_done and self.is_behind(frame, sections.GIVE_UP | {"attach"}):
            sections.is_over(thread)
        if not thread.operation:
            self.settle(state, branch.thread)
        if is_quiescent or thread.ended or thread.attachment != ATTACHED:
            storage.pass_quiescence(state, branch.thread)
        gives_way |= was_attached and thread.attachment != ATTACHED
        if self.held and not is_beside:
            state.holder = None if gives_way or thread.ended else branch.thread
        self.begin_end(state)

    def is_behind(
        self, frame: Call | Destruction | Departure, operations: set[str]
    ) -> bool:
        """Say whether a frame has just come behind one of some operations."""
        if not isinstance(frame, Call) or frame.place == 0:
            return False
        before = self.program.bodies[frame.label][frame.place - 1]
        return isinstance(before, Step) and before.operation in operations

    def settle(self, state: State, name: str) -> None:
        """Do the statements on locals that follow a step of thread `name`."""
        stack = state.threads[name].stack
        for _ in range(MOST_LOCAL_STATEMENTS):
            if not stack:
                return
            if len(stack) > DEEPEST_STACK:
                raise InvalidProgram("calls are nested too deeply")
            top = stack[-1]
            if isinstance(top, Destruction) and top.identity is None:
                stack.pop()
                continue
            if isinstance(top, Destruction):
                known = state.objects[top.identity]
                finaliser = known.options.finaliser
                if finaliser and not top.finalised and not known.finalised:
                    top.finalised = True
                    known.finalised = known.options.gc
                    own = {"self": top.identity}
                    stack.append(Call(f"fn {finaliser}", values=own))
                    continue
                return
            if isinstance(top, Departure):
                return
            if isinstance(top, Collection | Callbacks):
                if collecting.is_at_step(state, stack):
                    return
                continue
            instruction = self.program.bodies[top.label][top.place]
            is_step = isinstance(instruction, Step)
            if is_step and self.held and instruction.operation in stops.ARE_STOPS:
                top.place += 1
                continue
            if is_step:
                thread = state.threads[name]
                if not sections.is_local(thread, instruction, held=self.held):
                    return
                if thread.sections:
                    thread.sections.pop()
                top.place += 1
                continue
            self.do_local(stack, top, *instruction)
            if not stack:
                detached.check(state.threads[name], "the end", takes_attached=True)
                stack += putting_off.departure(self.mode, name)
        raise InvalidProgram(f"{name} loops without a step")

    def do_local(self, stack: list, frame: Call, what: str, operands: tuple) -> None:
        frame.place += 1
        if what == "assign":
            frame.values[operands[0]] = evaluate(operands[1], frame.values)
        elif what == "jump":
            frame.place = operands[0]
        elif what == "jump-unless":
            if not evaluate(operands[1], frame.values):
                frame.place = operands[0]
        elif what == "assert":
            if not evaluate(operands[0], frame.values):
                raise Finding("wrong-value")
        elif what == "call":
            stack.append(calls.begin(self.program, frame, *operands[:2]))
        else:
            stack.pop()
            if operands:
                value = evaluate(operands[0], frame.values)
                calls.give(self.program, stack[-1], value)

    def begin_end(self, state: State) -> None:
        """Start the checks after the run, once nothing of the run is left."""
        everybody = state.threads.items()
        if any(not t.ended or (t.buffer and who != END) for who, t in everybody):
            return
        if END not in state.threads:
            state.threads[END] = Thread(putting_off.departure(self.mode, END))
            if not state.threads[END].ended:
                return
        if not state.end_begun:
            state.end_begun = True
            if END in self.program.bodies:
                state.threads[END].stack.append(Call(END))
                self.settle(state, END)

    def verdict(self, state: State) -> frozenset[str]:
        """Judge a state in which nothing can happen any more."""
        if any(not thread.ended for thread in state.threads.values()):
            return frozenset({"deadlock"})
        judged = partial(believed, self.mode)
        return end_kinds(
            state,
            self.program,
            self.mode,
            judged,
            storage.items_of,
            storage.is_pointed_to,
        )

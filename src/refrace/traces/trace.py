"""The steps that one run of a race program took, and what they led to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal, TypeAlias

from refrace._base.safe_repr import shown
from refrace.display.blocks import Block, Paragraph, Preformatted
from refrace.display.report import Report
from refrace.findings import Finding
from refrace.programs import Program
from refrace.traces.schedule import runners_of
from refrace.traces.space_time import code_lines, space_time
from refrace.traces.token import replay_command, token_of

if TYPE_CHECKING:
    from refrace.bit_layout import Word

__all__ = ["Change", "Trace", "TraceStep", "Value", "Wait"]

Value: TypeAlias = int | str | tuple[int | str | None, ...] | None
"""An integer, the name of an object (or of the thread that holds a lock), the items
of a container, or null."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a step changed in an object.

    Attributes
    ----------
    object : str
        The object.
    field : str
        ``"status"`` (its values are ``"alive"``, ``"dying"`` and ``"freed"``),
        ``"count"``, ``"ledger"``, or one of its fields.
    before, after : int, str or None
        The value, None for null.
    """

    object: str
    field: str
    before: Value
    after: Value


@dataclass(frozen=True, slots=True)
class Wait:
    """A thread that cannot go on at the end of a run.

    Attributes
    ----------
    thread : str
        Who waits.
    place : str or None
        For which lock: ``"L"``, ``"A.m"``, ``"A.count_lock"``, ``"count_lock"``; None
        for an `await`.
    held_by : str or None
        The thread that holds it; None for an `await`.
    """

    thread: str
    place: str | None
    held_by: str | None


@dataclass(frozen=True, slots=True)
class TraceStep:
    """One step of a run: one shared access, or what else is one by itself.

    Attributes
    ----------
    number : int
        Place in the run, the first is 1.
    thread : str
        Who took it; ``"end"`` for the checks after the run.
    event : {"access", "step", "maybe", "free", "drain"}
        An access inside the mode's C code; a step of the program; a `maybe`; memory
        given back after a destruction; a write that leaves the thread's store buffer.
    operation : str
        The operation that the step belongs to, such as ``"decref"``.
    statement : str or None
        The statement it comes from; None for `free` and `drain`.
    program_line : int or None
        Line of that statement in the text of :attr:`Trace.program`.
    begins, completes : bool
        Whether it is the first, and the last, step of its operation.
    c_text, c_file, c_line : str or None, str or None, int or None
        C text and place of the access; None unless the event is ``"access"``.
    object : str or None
        The object touched.
    place : str or None
        What was touched: ``"S"``, ``"A.refcount"``, ``"A.f"``, ``"A.m"``, ``"L"``;
        ``"A"`` for the payload.  What else a mode keeps is called as on its card:
        ``"A.ob_tid"``, ``"A.ob_ref_shared"``, ``"T1.lane[A]"``, ``"T1.queue"``; where
        a run is drawn, ``"A.refcount"`` is ``A.ob_refcnt`` too.
    before, after : int, str, tuple or None
        Its value before and after; None is null, or a lock that is free.  A word whose
        bits have several meanings is the whole word: see :attr:`Trace.words`.
    count, ledger : tuple of int, or None, shape (2,)
        The object's count, and the count that would be true if every operation were
        atomic, before (None if there was no object yet) and after; None if no object
        was touched.
    result : int, str or None
        What the operation gave; see `has_result`.
    has_result : bool
        Whether the operation gave something in this step.
    taken : bool or None
        Whether a `maybe` was taken; None for other events.
    preempts : bool
        Whether just before this step another thread was left that could have gone on.
    changes : tuple of Change
        All that changed in objects.
    """

    number: int
    thread: str
    event: Literal["access", "step", "maybe", "free", "drain"]
    operation: str
    statement: str | None
    program_line: int | None
    begins: bool
    completes: bool
    c_text: str | None
    c_file: str | None
    c_line: int | None
    object: str | None
    place: str | None
    before: Value
    after: Value
    count: tuple[int | None, int] | None
    ledger: tuple[int | None, int] | None
    result: Value
    has_result: bool
    taken: bool | None
    preempts: bool
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Trace(Report):
    """One run of a race program, step by step.

    Attributes
    ----------
    program : Program
        What ran.
    mode : str
        The refcount mode.
    gil : {"released", "held"}
        Whether threads could be switched anywhere, or only where the GIL changes
        hands.
    schedule : tuple of str, shape (n_steps,)
        Who takes each step: ``"T1"``; ``"T1+"`` a `maybe` that is taken; ``"T1~"``
        the oldest write in T1's store buffer lands.
    steps : tuple of TraceStep, shape (n_steps,)
        What the steps did.
    preemptions : int
        Switches away from a thread that could have gone on.
    finding : Finding or None
        What the trace shows; None if nothing went wrong.
    others : tuple of Finding
        What else went wrong in the same run.
    waits : tuple of Wait
        The threads that can never go on; empty unless the run is a deadlock.
    is_whole : bool
        Whether the run is over; False if the schedule stops before.

    Notes
    -----
    Steps are sequentially consistent: what needs a weaker memory order, such as a
    missing acquire, is not here, but for the writes that `put` leaves in a store
    buffer.  The same trace comes out on every machine and Python version.
    """

    format_name: ClassVar[str] = "refrace/trace"

    program: Program
    mode: str
    gil: Literal["released", "held"]
    schedule: tuple[str, ...]
    steps: tuple[TraceStep, ...]
    preemptions: int
    finding: Finding | None
    others: tuple[Finding, ...]
    waits: tuple[Wait, ...]
    is_whole: bool

    def _misfit(self) -> str | None:
        strange = {step.thread for step in self.steps} - {*runners_of(self.program)}
        if strange:
            return f"the program has no thread {shown(min(strange))}"
        return None

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What went wrong; the one that the trace is meant to show comes first."""
        return () if self.finding is None else (self.finding, *self.others)

    @property
    def token(self) -> str:
        """The run as one short text, for :func:`refrace.replay`."""
        return token_of(self)

    @property
    def words(self) -> tuple[Word, ...]:
        """The words that the mode keeps; empty if this refrace has no such mode.

        ``word.read(step.after)`` tells what the bits of a word say.
        """
        from refrace.catalogue.mode import modes

        return next((mode.words for mode in modes() if mode.name == self.mode), ())

    @property
    def is_conclusive(self) -> bool:
        """Whether the run is over, or something was found before."""
        return self.is_whole or self.finding is not None

    @property
    def answer(self) -> str:
        """What went wrong, in words."""
        if self.finding is not None:
            return f"{self._setting}: {self.finding.kind}: {self.finding.message}."
        if self.is_whole:
            return f"{self._setting}: nothing went wrong in this run of {self._length}."
        return (
            f"{self._setting}: nothing went wrong in the first {self._length} of a run "
            "that is not over."
        )

    @property
    def _setting(self) -> str:
        return self.mode + (", GIL held" if self.gil == "held" else "")

    @property
    def _length(self) -> str:
        return "1 step" if len(self.steps) == 1 else f"{len(self.steps)} steps"

    @property
    def size(self) -> str:
        """How long the run is, in words: ``"4 steps, 1 preemption"``."""
        preempted = {0: "no preemption", 1: "1 preemption"}.get(
            self.preemptions, f"{self.preemptions} preemptions"
        )
        return f"{self._length}, {preempted}"

    def body(self) -> list[Block]:
        """Return the program, the space-time table, and how to replay it."""
        blocks: list[Block] = [Preformatted(str(self.program), 2)]
        if self.steps:
            blocks += space_time(self)
            blocks += code_lines(self)
        blocks += [Paragraph(f"Also {other}.") for other in self.others]
        blocks.append(Paragraph(f"{self.size}, sequentially consistent. Replay:"))
        blocks.append(Preformatted(replay_command(self.token), 2))
        return blocks

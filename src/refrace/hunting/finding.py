"""A finding of a hunt, with everything that a bug report needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from refrace.errors import InvalidData, RefraceError
from refrace.hunting.describing.program_of_trace import program_of_trace
from refrace.hunting.describing.program_token import read_program_token
from refrace.hunting.kinds import KINDS, HuntKind
from refrace.hunting.schedules.native_token import read_native_token
from refrace.hunting.schedules.native_trace import NativeStep
from refrace.programs import Program
from refrace.subjects import HuntProgram

__all__ = ["HuntFinding"]

_OF_DEAD_OBJECTS = ("use-after-free", "revival", "underflow", "double-free")
_MAY_FOLLOW = (*_OF_DEAD_OBJECTS, "dangling-free", "dangling-reference")
# What a program of a trace must show, and what else it may.
_SHOWN_BY = {
    "use-after-free": (("use-after-free", "revival"), _MAY_FOLLOW),
    "over-decref": (
        (*_OF_DEAD_OBJECTS, "count-too-low", "dangling-reference"),
        (*_MAY_FOLLOW, "count-too-low"),
    ),
}
_MOST_STATES = 20_000


@dataclass(frozen=True, slots=True)
class HuntFinding:
    """One bug that a hunt saw, with the smallest known program that shows it.

    Attributes
    ----------
    kind : str
        ``"use-after-free"``, ``"over-decref"``, ``"decref-without-gil"``, ``"crash"``,
        ``"deadlock"``, ``"hang"``, ``"wrong-answer"``, ``"leak"``, ``"never-freed"`` or
        ``"block-leak"``; under a sanitizer also ``"memory-error"``, ``"data-race"`` or
        ``"undefined-behaviour"``.
    message : str
        What happened, in one sentence.
    operations : tuple of str
        The operations of the subject that are needed to show it.
    token : str
        The program encoded as one word; ``refrace.hunt(subject, program=...)`` runs it.
    source : str
        The program as text.
    threads : int
        Number of threads of the program.
    rounds : int
        Rounds of one run; the finding may show in any of them.
    shown, runs : int
        Runs that showed it again, and all runs; each in a fresh process.
    rate : float
        ``shown / runs``, 0 to 1; 0 if there was no time to run it again.
    interval : tuple of (float, float)
        95% interval of the rate (Clopper-Pearson).
    programs : int
        Programs of the hunt that showed the finding.
    also : tuple of str
        Other kinds that the same operations showed, probably because of the same bug:
        one missing reference can show as ``"over-decref"`` or ``"use-after-free"``.
    c_location : str or None
        The C function and line of the wrong access, or its module and offset; None if
        it is not known.
    python_stacks : tuple of str
        The Python stack of each thread at the finding; may be empty.
    native_trace : tuple of NativeStep
        What each thread did, by lines of C, under the schedule that shows it; empty
        unless schedules were chosen.
    replay_token : str or None
        The token of its schedule, for :func:`refrace.replay`; None unless schedules
        were chosen.
    pattern : str or None
        The pattern of :data:`refrace.gallery` with the same symptom under the same
        conditions: a hint, not a diagnosis.
    reproducer : str
        A pytest test as text, which fails as long as the bug is there.
    """

    kind: HuntKind
    message: str
    operations: tuple[str, ...]
    token: str
    source: str
    threads: int
    rounds: int
    shown: int
    runs: int
    rate: float
    interval: tuple[float, float]
    programs: int
    also: tuple[str, ...]
    c_location: str | None
    python_stacks: tuple[str, ...]
    native_trace: tuple[NativeStep, ...]
    replay_token: str | None
    pattern: str | None
    reproducer: str

    def _misfit(self) -> str | None:
        if self.shown > self.runs:
            return "more runs showed the finding than there were"
        if self.kind not in KINDS:
            return f"no finding has the kind {self.kind!r}"
        try:
            read_program_token(self.token)
            if self.replay_token is not None:
                read_native_token(self.replay_token)
        except InvalidData as error:
            return str(error)
        return None

    @property
    def program(self) -> HuntProgram:
        """The smallest known program that shows it."""
        return HuntProgram.from_dict(read_program_token(self.token))

    def as_program(self) -> Program:
        """Return a race program with the same bug, to prove a fix in every mode.

        Returns
        -------
        Program
            Best effort.  For a use or a decref of a dead object under a chosen
            schedule, it is a translation of the trace: its counted objects, with the
            names of the trace, and what the lines of C do to them.  It contains no
            conditions, no code that did not run, no other memory, and no Python code.
            If the trace cannot be translated, or the translation does not show this
            bug alone, it is the buggy program of the `pattern`, which has the same kind
            of bug but other names.

        Raises
        ------
        InvalidData
            If no pattern of the gallery is similar either.

        Examples
        --------
        ``refrace.explore(finding.as_program(), mode)`` shows the bug in the model;
        ``refrace.gallery[finding.pattern].fixed`` is the program with its fix.
        """
        from refrace import gallery

        if self.kind in _SHOWN_BY:
            said = program_of_trace(self.native_trace)
            has_gil = any(step.gil is not None for step in self.native_trace)
            if said is not None and _shows(said, self.kind, has_gil):
                return said
        if self.pattern is None:
            raise InvalidData(
                f"no pattern of the gallery is similar to this {self.kind}; write the "
                "race program by hand (docs/language.md)"
            )
        return gallery.pattern(self.pattern).buggy

    @property
    def object(self) -> None:
        """None: findings of a hunt are not about an object with a name."""

    @property
    def count(self) -> int:
        """Number of programs that showed it."""
        return self.programs

    def __str__(self) -> str:
        return f"{self.kind} in {', '.join(self.operations)}: {self.message}"


def _shows(program: Program, kind: str, has_gil: bool) -> bool:
    """Return whether some schedule with exact counts has that bug, and none another."""
    from refrace.explorer.explore import explore

    gil: Literal["held", "released"] = "held" if has_gil else "released"
    try:
        report = explore(program, "atomic", gil, max_states=_MOST_STATES, counts=False)
    except RefraceError:  # as translated, it does what no program may do
        return False
    kinds = {str(finding.kind) for finding in report.findings}
    wanted, allowed = _SHOWN_BY[kind]
    return not kinds.isdisjoint(wanted) and kinds <= {*allowed}

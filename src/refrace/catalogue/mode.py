"""Every refcount mode, as data."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from refrace._base.arguments import a_kind, nearest
from refrace._base.codec import NOT_ENCODED, encode
from refrace._base.safe_repr import shown
from refrace.bit_layout import Word, words_of
from refrace.catalogue.mixed_up import not_a_mode
from refrace.catalogue.recorded_costs import (
    RecordedCost,
    recorded_cost,
    recorded_costs,
)
from refrace.catalogue.recorded_proofs import RecordedProof, recorded_proof
from refrace.display.blocks import Block, Paragraph, Table, WordDrawing
from refrace.display.html import render_html
from refrace.display.text import render_text
from refrace.errors import InvalidArgument, InvalidArgumentType, UnknownMode

if TYPE_CHECKING:
    from refrace.programs import Program

__all__ = ["Memory", "Mode", "mode", "modes", "several_modes"]


_ITS_COUNT = {
    True: "a program can read and write it as a word (rc, setrc and the like)",
    False: "not a single word: no rc, setrc and the like",
}


@dataclass(frozen=True, slots=True)
class Memory:
    """The memory that a mode needs for an object, in refrace's layout on this machine.

    Attributes
    ----------
    words : int
        Words in each object: counts, an owner, links of a queue.
    locks : int
        Locks in each object: mutexes of the system.
    lanes : int
        Words in addition, for each thread and each object that it counts.
    bytes : int
        Size of the object's words and locks.
    lane_bytes : int
        Size of the words of one thread for one object.

    Notes
    -----
    This excludes padding against false sharing, state shared by all objects, and the
    object's own data.  Another implementation of the same scheme may need less: CPython
    does not link queued objects through their headers.
    """

    words: int
    locks: int
    lanes: int
    bytes: int
    lane_bytes: int

    @property
    def parts(self) -> str:
        """The words and locks, as in ``"1 word and 1 lock"``; the same everywhere."""
        said = [_counted(self.words, "word")]
        if self.locks:
            said.append(_counted(self.locks, "lock"))
        if self.lanes:
            said.append(f"{_counted(self.lanes, 'word')} for each thread")
        *all_but_last, last = said
        return f"{', '.join(all_but_last)} and {last}" if all_but_last else last

    @property
    def size(self) -> str:
        """The bytes, as in ``"8 B"`` or ``"8 B + 16 B a thread"``."""
        thread = f" + {self.lane_bytes} B a thread" if self.lane_bytes else ""
        return f"{self.bytes} B{thread}"

    def __str__(self) -> str:
        return f"{self.size}: {self.parts}"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


@dataclass(frozen=True, slots=True)
class Mode:
    """A scheme for an object's reference count.

    Attributes
    ----------
    name : str
        The name passed to :func:`refrace.race` and the other functions.
    title : str
        The mode in a few words.
    claim : {"correct", "broken"}
        What the mode claims about its counting; the tests check it.
    summary : str
        How it counts, in one sentence.
    steps : dict of str to int
        Memory steps of one ``incref`` and one ``decref`` that do not wait.
    layout : str
        The words of an object, as one text; `words` has them as objects.
    memory : Memory
        The size of these words.
    has_count_word : bool
        Whether a program can see the count as one cell (`rc`, `setrc`, `casrc`,
        `incfetch`, `decfetch`, `resurrect_end`).
    has_owner : bool
        Whether the owner, the thread that created the object, counts differently from
        other threads.
    protects_reads : bool
        Whether a thread may increment an object that it just read from an owning place:
        the object lives until that thread's next quiescent point, even if another
        thread drops the reference in the meantime.
    needs_attached_owner : bool
        Whether an object whose last reference another thread drops and settles may wait
        for a detached thread (``detach``): its owner, or any thread.
    limits : str
        What it does not protect against.
    source : str
        Where the algorithm comes from.
    settles : bool
        Whether the mode defers work to quiescent points (``quiesce``, the end of a
        thread), so that an object may outlive its last reference.
    number : int
        Its index in :func:`modes`; the C core identifies the mode by it.
    """

    name: str
    title: str
    claim: Literal["correct", "broken"]
    summary: str
    steps: dict[str, int] = field(hash=False)
    layout: str
    memory: Memory
    has_count_word: bool
    has_owner: bool
    protects_reads: bool
    needs_attached_owner: bool
    limits: str
    source: str
    settles: bool
    number: int = field(repr=False, compare=False, metadata={NOT_ENCODED: True})

    @property
    def waits_for_sleepers(self) -> bool:
        """The former name of `needs_attached_owner`."""
        warnings.warn(
            "Mode.waits_for_sleepers is now called Mode.needs_attached_owner",
            DeprecationWarning,
            stacklevel=2,
        )
        return self.needs_attached_owner

    @property
    def words(self) -> tuple[Word, ...]:
        """The words that the mode keeps, each with its bit fields."""
        return words_of(self.layout)

    @property
    def proof(self) -> RecordedProof | None:
        """The recorded result of :func:`refrace.prove` for this release, or None."""
        return recorded_proof(self.name)

    @property
    def cost(self) -> RecordedCost | None:
        """The recorded cost of an operation, or None."""
        return recorded_cost(self.name)

    def has_operations_of(self, program: Program) -> bool:
        """Return whether the mode supports every operation of a program."""
        return self.has_count_word or not program.facts.uses_count_word

    def _blocks(self) -> list[Block]:
        steps = ", ".join(f"{name} {n}" for name, n in self.steps.items())
        return [
            Paragraph(f"{self.name}: {self.title}; claims to be {self.claim}."),
            WordDrawing(self.words),
            Table(
                ("word", "field", "bits", "meaning"),
                [
                    (word.label, field.name, field.place, field.meaning)
                    for word in self.words
                    for field in word.fields
                ],
                align="<<<<",
            ),
            Table(
                ("", ""),
                (
                    ("counts", self.summary),
                    ("memory", str(self.memory)),
                    ("count word", _ITS_COUNT[self.has_count_word]),
                    ("steps", steps),
                    ("unprotected", self.limits),
                    ("cost", self._cost_status),
                    ("proof", self._proof_status),
                    ("source", self.source),
                ),
                align="<<",
            ),
        ]

    @property
    def _cost_status(self) -> str:
        costs = recorded_costs()
        summary = None if costs is None else costs.told(self.name)
        return summary or "not recorded: refrace compare measures it"

    @property
    def _proof_status(self) -> str:
        return str(self.proof or f"not recorded: refrace prove {self.name}")

    def __str__(self) -> str:
        return render_text(self._blocks())

    def _repr_html_(self) -> str:
        return render_html(self._blocks())

    def to_dict(self) -> dict[str, Any]:
        """Return the mode, with its recorded cost and proof, as JSON-ready data.

        `needs_attached_owner` is there under its former name too.
        """
        data: dict[str, Any] = encode(self)
        return {
            **data,
            "waits_for_sleepers": self.needs_attached_owner,
            "cost": encode(self.cost),
            "proof": encode(self.proof),
        }


class Modes(tuple[Mode, ...]):
    """Several modes: a tuple that is displayed as a table."""

    __slots__ = ()

    def _blocks(self) -> list[Block]:
        correct = sum(mode.claim == "correct" for mode in self)
        rows = [(mode.name, mode.claim, mode.summary) for mode in self]
        return [
            Paragraph(
                f"{len(self)} refcount modes, {correct} of which claim to be correct."
            ),
            Table(("mode", "claim", "how it counts"), rows, "<<<"),
        ]

    def __str__(self) -> str:
        return render_text(self._blocks())

    def _repr_html_(self) -> str:
        return render_html(self._blocks())


@cache
def modes() -> Modes:
    """Return every refcount mode, in the order of their numbers.

    Returns
    -------
    tuple of Mode, shape (n_modes,)
        Never empty; the same tuple in every call.  Printed, and in a notebook, it is a
        table of how each mode counts.

    Notes
    -----
    The first call queries the C core, a few milliseconds; later calls are cached.

    Examples
    --------
    >>> import refrace
    >>> [mode.name for mode in refrace.modes()][:4]
    ['unlocked', 'object_lock', 'global_lock', 'atomic']
    """
    from refrace._native import objects as native_objects

    return Modes(
        Mode(
            name=card["name"],
            title=card["title"],
            claim="correct" if card["claims_correct"] else "broken",
            summary=card["summary"],
            steps=card["steps"],
            layout=card["layout"],
            memory=Memory(**card["memory"]),
            has_count_word=card["has_count_word"],
            has_owner=card["has_owner"],
            protects_reads=card["protects_reads"],
            needs_attached_owner=card["needs_attached_owner"],
            limits=card["limits"],
            source=card["source"],
            settles=card["settles"],
            number=number,
        )
        for number, card in enumerate(native_objects.mode_cards())
    )


def mode(name: Any) -> Mode:
    """Return one refcount mode with everything on its card.

    Parameters
    ----------
    name : str or Mode
        The name of the mode; a mode is returned unchanged.

    Returns
    -------
    Mode
        One of :func:`modes`; ``str(mode)`` is its card.

    Raises
    ------
    InvalidArgumentType
        If `name` is neither a string nor a mode.
    UnknownMode
        If there is no such mode; the message names the nearest one.

    Examples
    --------
    >>> import refrace
    >>> refrace.mode("atomic").claim
    'correct'
    """
    if isinstance(name, Mode):
        name = name.name
    mixed_up = not_a_mode(name)
    if mixed_up:
        kind = UnknownMode if isinstance(name, str) else InvalidArgumentType
        raise kind(mixed_up)
    if not isinstance(name, str):
        raise InvalidArgumentType(
            f"mode={shown(name)} is {a_kind(name)}; pass the name of a mode, such "
            f"as {modes()[0].name!r}"
        )
    by_name = {mode.name: mode for mode in modes()}
    if name not in by_name:
        raise UnknownMode(
            f"mode={name!r:.60} is unknown{nearest(name, by_name)}; `refrace modes`, "
            "or refrace.modes(), lists them"
        )
    return by_name[name]


def several_modes(names: Any) -> list[Mode]:
    """Return the modes in a list of names or modes, without duplicates; None: all.

    Raises
    ------
    InvalidArgumentType, UnknownMode, InvalidArgument
        If `names` is not a list, an item is not a mode, or the list is empty.
    """
    if names is None:
        return list(modes())
    if isinstance(names, str | Mode) or not isinstance(names, Iterable):
        raise InvalidArgumentType(
            f"modes={shown(names)} is not a list of modes; pass [{shown(names)}] or "
            "leave it out"
        )
    chosen = [mode(name) for name in names]
    if not chosen:
        raise InvalidArgument("modes=[] is empty; name a mode or leave it out for all")
    return list(dict.fromkeys(chosen))

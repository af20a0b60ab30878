"""`Mode`: everything about one refcount mode, as data."""

from __future__ import annotations

import textwrap
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from refrace._base.codec import NOT_ENCODED, encode
from refrace._base.safe_repr import shown
from refrace.bit_layout import Word, words_of
from refrace.catalogue.recorded_costs import (
    RecordedCost,
    recorded_cost,
    recorded_costs,
)
from refrace.catalogue.recorded_orders import RecordedOrders, recorded_orders
from refrace.catalogue.recorded_proofs import (
    RecordedProof,
    how_to_prove,
    recorded_proof,
)
from refrace.display.blocks import (
    Block,
    Details,
    Illustration,
    Paragraph,
    Preformatted,
    Table,
    WordDrawing,
)
from refrace.display.html import render_html
from refrace.display.pictures.drawn import Drawn
from refrace.display.pictures.picture import Picture
from refrace.display.text import render_text
from refrace.errors import InvalidArgumentType

if TYPE_CHECKING:
    from refrace.programs import Program

__all__ = ["Memory", "Mode"]


_LISTING = "Each memory order, and what weaken found if it is weaker"
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
class Mode(Drawn):
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
        `incfetch`, `decfetch`).
    has_owner : bool
        Whether the owner, the thread that created the object, counts differently from
        other threads.
    whole_count : tuple of str
        The changes of the whole count that a program can make: some of `immortalise`,
        `merge` and `enable_try`.
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
        Its index in :func:`modes`, or a greater one for a mode that was loaded; the C
        core identifies the mode by it.
    file : str or None
        The C file that :func:`refrace.load_mode` loaded it from; None for the modes of
        refrace itself.

    Notes
    -----
    Modes come from :func:`refrace.modes`, :func:`refrace.mode` and
    :func:`refrace.load_mode`; there is no other way to make one.  A mode can be
    pickled: a loaded one takes the text of its file with it, and is compiled where it
    is unpickled.
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
    whole_count: tuple[str, ...]
    protects_reads: bool
    needs_attached_owner: bool
    limits: str
    source: str
    settles: bool
    number: int = field(repr=False, compare=False, metadata={NOT_ENCODED: True})
    file: str | None = field(
        default=None, repr=False, compare=False, metadata={NOT_ENCODED: True}
    )
    # What makes the mode again, elsewhere: a function and its arguments.
    origin: tuple[Callable[..., Mode], tuple[Any, ...]] | None = field(
        default=None, repr=False, compare=False, metadata={NOT_ENCODED: True}
    )

    def __new__(cls, *given: Any, **fields: Any) -> Mode:
        """Explain where modes come from, if only a name is given."""
        if len(given) == 1 and not fields:
            raise InvalidArgumentType(
                f"refrace.Mode({shown(given[0], 60)}) makes no mode; write "
                "refrace.mode(name) for one of refrace.modes(), or "
                "refrace.load_mode(path) for a C file of your own"
            )
        return object.__new__(cls)

    def __reduce__(self) -> tuple[Callable[..., Mode], tuple[Any, ...]]:
        assert self.origin is not None
        return self.origin

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
    def c11_proof(self) -> RecordedProof | None:
        """The recorded result of :func:`refrace.prove` under C11, or None."""
        return recorded_proof(self.name, "c11")

    @property
    def orders(self) -> RecordedOrders | None:
        """The recorded result of :func:`refrace.weaken` for this release, or None."""
        return recorded_orders(self.name)

    @property
    def cost(self) -> RecordedCost | None:
        """The recorded cost of an operation, or None."""
        return recorded_cost(self.name)

    def has_operations_of(self, program: Program) -> bool:
        """Return whether the mode supports every operation of a program."""
        facts = program.facts
        return (self.has_count_word or not facts.uses_count_word) and all(
            name in self.whole_count for name in facts.whole_count_changes
        )

    def plot(self) -> Picture:
        """Return the words of the mode, and one increment and decrement step by step.

        Returns
        -------
        Picture
            Displays itself in a notebook, and has ``svg()`` and ``save(path)``.
        """
        from refrace.explorer.mode_picture import mode_picture

        return mode_picture(self.name, self.title, self.words, self.has_owner)

    def _facts(self) -> list[Block]:
        steps = ", ".join(f"{name} {n}" for name, n in self.steps.items() if n)
        whole = ", ".join(self.whole_count)
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
                    *([("whole count", whole)] if whole else []),
                    ("steps", steps or "not stated"),
                    ("unprotected", self.limits),
                    ("cost", self._cost_status),
                    ("proof", self._proof_status("sc")),
                    ("under C11", self._proof_status("c11")),
                    ("source", self.source),
                    ("orders", self._orders_status),
                ),
                align="<<",
            ),
        ]

    def _blocks(self) -> list[Block]:
        blocks = self._facts()
        if listing := self._listing():
            blocks += [Paragraph(f"{_LISTING}:"), Preformatted(_folded(listing), 2)]
        return blocks

    def _listing(self) -> str:
        """Return the C functions with a verdict on each memory order, or ""."""
        orders = self.orders
        return "" if orders is None or not orders.tried else orders.listing()

    @property
    def _cost_status(self) -> str:
        costs = recorded_costs()
        summary = None if costs is None else costs.text_of(self.name)
        return summary or "not recorded: refrace compare measures it"

    @property
    def _orders_status(self) -> str:
        return str(self.orders or f"not recorded: refrace weaken {self.name}")

    def _proof_status(self, memory: Literal["sc", "c11"]) -> str:
        proof = recorded_proof(self.name, memory)
        return str(proof or f"not recorded: {how_to_prove(self.name, memory)}")

    def __str__(self) -> str:
        return render_text(self._blocks())

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(str(self))

    def _repr_html_(self) -> str:
        blocks = self._facts()
        blocks.append(
            Details("The operations step by step", [Illustration(self.plot())])
        )
        if listing := self._listing():
            blocks.append(Details(_LISTING, [Preformatted(listing, 2)]))
        return render_html(blocks)

    def to_dict(self) -> dict[str, Any]:
        """Return the mode, with its recorded cost, proofs and orders, ready for JSON.

        `needs_attached_owner` is there under its former name too.
        """
        data: dict[str, Any] = encode(self)
        return {
            **data,
            "waits_for_sleepers": self.needs_attached_owner,
            "cost": encode(self.cost),
            "proof": encode(self.proof),
            "c11_proof": encode(self.c11_proof),
            "orders": encode(self.orders),
        }


def _folded(code: str) -> str:
    """Return lines of C with those folded that are too long for 80 columns."""
    folded: list[str] = []
    for line in code.splitlines():
        indent = len(line) - len(line.lstrip(" 0123456789"))
        folded += textwrap.wrap(
            line,
            78,
            subsequent_indent=" " * (indent + 4),
            break_long_words=False,
            break_on_hyphens=False,
        ) or [""]
    return "\n".join(folded)

"""Reads the memory of a state under C11, with names: writes, and who may read them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from refrace._native.explorer import Message, Unordered
from refrace.bit_layout import Word
from refrace.explorer.model.whole_state import WholeState
from refrace.traces.run_picture import worded
from refrace.traces.step_cells import IN_C

__all__ = ["memory_rows"]

Words = Sequence[int]


def memory_rows(
    reader: MemoryState,
    words: Words,
    messages: Sequence[Message],
    unordered: Sequence[Unordered],
    layout: Sequence[Word],
) -> Iterator[tuple[str, str]]:
    """Yield the name and the value of each row about the memory.

    Parameters
    ----------
    reader : MemoryState
    words : sequence of int
        The row of the state.
    messages, unordered : sequence of Message, sequence of Unordered
        What the core says of its memory.
    layout : sequence of Word
        The words that the mode keeps.

    Notes
    -----
    ``S writes`` are the writes that some thread may still read, oldest first.  ``T1 may
    read`` are those that one thread may.  ``T1 is not after`` are the accesses of other
    threads that do not happen before its next step.
    """
    by_name = {word.name: word for word in layout}
    readable: dict[int, list[str]] = {}
    for word, some in groupby(messages, lambda message: message.word):
        here = list(some)
        if len(here) == 1:
            continue
        name = reader.name_of(word, words)
        known = by_name.get(name.rpartition(".")[2])
        shown = [
            ", ".join(worded(reader.value_of(word, one.value, words), known))
            for one in here
        ]
        yield f"{name} writes", ", ".join(shown)
        for thread in sorted({t for one in here for t in one.readers}):
            said = " or ".join(
                text if one.is_newest else f"old {text}"
                for one, text in zip(here, shown, strict=True)
                if thread in one.readers
            )
            readable.setdefault(thread, []).append(f"{name}: {said}")
    for thread, texts in sorted(readable.items()):
        yield f"{reader.thread(thread)} may read", "; ".join(texts)
    for thread, rows in groupby(unordered, lambda row: row.thread):
        yield (
            f"{reader.thread(thread)} is not after",
            "; ".join(reader.unordered_text(row, words) for row in rows),
        )


class MemoryState(WholeState):
    """A reader that also names what the memory of C11 is about."""

    def thread(self, number: int) -> str:
        """Return the name of a thread."""
        return self._threads[number]

    def name_of(self, word: int, words: Words) -> str:
        """Return the name of the location that a word of the row is."""
        name = self._location(word, words)[0]
        holder, dot, part = name.rpartition(".")
        return f"{holder}{dot}{IN_C.get(part, part)}" if dot else name

    def value_of(self, word: int, value: int, words: Words) -> int | str | None:
        """Return a value that the location has or had."""
        changed = [*words]
        changed[word] = value
        read = self._read(word, self._location(word, words)[1], changed)
        return read if isinstance(read, int | str) else None

    def unordered_text(self, row: Unordered, words: Words) -> str:
        """Return the accesses that a row of the core is about."""
        if row.object is None:
            assert row.word is not None
            name = self.name_of(row.word, words)
        else:
            name = self._name(row.object, words)
        said = []
        if row.is_new:
            said.append(f"the creation of {name}")
        if row.others:
            who = " and ".join(f"{self.thread(t)}'s" for t in row.others)
            said.append(f"{who} accesses to {name}")
        return ", ".join(said)

    def _location(self, word: int, words: Words) -> tuple[str, str | None]:
        """Return the name of a location, and how to read its word."""
        for place, index, obj in self._locations(words):
            found = self._place(place, index, obj, words)
            if found.at == word and found.name is not None:
                return found.name, found.how
        return f"word {word}", "number"

    def _locations(self, words: Words) -> Iterator[tuple[str, int, int]]:
        shape = self._shape
        for index in range(len(self._lowered.cells)):
            yield "cell", index, -1
        for obj, _ in enumerate(shape.objects):
            if self._template(obj, words) < 0:
                continue
            yield "count", 0, obj
            if shape.ref_shared >= 0:
                yield "ref_shared", 0, obj
            if shape.tid >= 0:
                yield "tid", 0, obj
            for index in range(len(self._lowered.fields[self._template(obj, words)])):
                yield "field", index, obj
        if shape.epoch >= 0:
            yield "epoch", 0, -1
            for index in range(len(shape.announced)):
                yield "announced", index, -1

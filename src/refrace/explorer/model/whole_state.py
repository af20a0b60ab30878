"""Reads everything that a state has, with names: for stepping through a program."""

from __future__ import annotations

from collections.abc import Sequence

from refrace.explorer.model.records import NOTHING, Reader
from refrace.traces.steps import Value

__all__ = ["WholeState"]

Words = Sequence[int]
# The words of a critical section: two objects, and its state (cext/machine/sections.h).
SECTION_WORDS = 3
PHASE_BITS = 3
ENTERS, ENTERS_LATER, INSIDE, NESTED = 1, 2, 3, 6
STAGES = {ENTERS: "entering", ENTERS_LATER: "entering", INSIDE: "", NESTED: "nested"}


class WholeState(Reader):
    """A reader that also reads what only one thread or only the mode can see."""

    def locals(self, words: Words) -> dict[str, dict[str, Value]]:
        """Return the locals of each thread; None is null, or a local not set yet."""
        shape, lowered = self._shape, self._lowered
        return {
            self._threads[thread]: {
                name: self._value(words[shape.locals[thread] + place], words)
                for place, name in enumerate(names)
                if " " not in name  # the counter of a `repeat`
            }
            for thread, names in enumerate(lowered.locals)
        }

    def sections(self, words: Words) -> dict[str, tuple[str, ...]]:
        """Return the critical sections of each thread's own body, the outermost first.

        Threads that have none in their body are left out; with the GIL all are.
        """
        shape, lowered = self._shape, self._lowered
        if shape.holder >= 0:
            return {}
        return {
            self._threads[thread]: tuple(
                self._section(words[at : at + SECTION_WORDS], words)
                for i in range(n)
                for at in (
                    shape.locals[thread]
                    + len(lowered.locals[thread])
                    + SECTION_WORDS * i,
                )
                if words[at + 2] != 0
            )
            for thread, n in enumerate(lowered.n_sections)
            if n > 0
        }

    def world(self, words: Words) -> str | None:
        """Return who stops the world, and how far that is; None: no program can."""
        at = self._shape.stop
        if at < 0:
            return None
        if not words[at]:
            return "runs"
        name = self._threads[words[at] - 1]
        return f"stopped by {name}" if words[at + 1] & 1 else f"{name} asks to stop it"

    def _section(self, section: Words, words: Words) -> str:
        *objects, state = section
        names = [str(self._value(one, words)) for one in objects if one]
        phase = (state - 1) // 2 & ((1 << PHASE_BITS) - 1)
        return " ".join([*names, STAGES.get(phase, "suspended")]).strip()

    def buffers(self, words: Words) -> dict[str, tuple[str, ...]]:
        """Return the objects whose payload waits in each thread's store buffer."""
        return {
            self._threads[thread]: tuple(
                self._name(obj, words) for obj in words[at + 1 : at + 1 + words[at]]
            )
            for thread, at in enumerate(self._shape.buffers)
            if at >= 0
        }

    def kept_by_mode(self, words: Words) -> dict[str, Value]:
        """Return the locks and words of the mode, by the names of steps' places."""
        shape = self._shape
        there = {
            "mutex": shape.mutex,
            "count_mutex": shape.count_mutex,
            "ref_shared": shape.ref_shared,
            "tid": shape.tid,
        }
        places = [
            self._place(place, 0, obj, words)
            for obj in range(len(shape.objects))
            if self._template(obj, words) >= 0
            for place, offset in there.items()
            if offset >= 0
        ]
        places += [
            self._place(place, 0, NOTHING, words)
            for place, at in (("count_lock", shape.count_lock), ("gil", shape.gil))
            if at >= 0
        ]
        if shape.queue >= 0:
            threads = range(len(shape.announced))
            places += [self._place("queue", t, NOTHING, words) for t in threads]
        return {
            place.name: self._read(place.at, place.how, words)
            for place in places
            if place.name is not None
        }

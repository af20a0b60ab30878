"""The result of a search for leaks on one thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from refrace.display.blocks import Block, Paragraph, Table
from refrace.display.numbers import short
from refrace.display.report import Report
from refrace.environment import Environment
from refrace.findings import Finding, FindingKind
from refrace.hunting.leaks.culprits import LeakingArguments
from refrace.hunting.leaks.lines import AllocatingLine
from refrace.hunting.leaks.series import LEAST, LevelSeries, number
from refrace.hunting.leaks.types import LeakedType
from refrace.hunting.slopes import FEWEST_POINTS

__all__ = ["LeakReport"]

_MEMORY = ("blocks", "traced", "heap", "canaries", "type", "references")
"""Kinds of levels that show one and the same leak, the first one best."""


@dataclass(frozen=True, slots=True)
class LeakReport(Report):
    """Outcome of :func:`refrace.refleaks`.

    Attributes
    ----------
    subject : str
        Name of the callable.
    calls : int
        Calls in the longest series.
    calls_limit : int
        Largest number of calls in a series, as passed.
    warm_up : int
        Calls before the first series.
    argument_sets, argument_sets_drawn : int
        Sets of arguments that were passed, and that were drawn; 1 if the callable takes
        none.
    seconds : float
        Time limit in seconds.
    seed : int
        Seed of the arguments.
    series : tuple of LevelSeries
        One for each level of the process, and for each type and shared object that
        moved in two series.
    types : tuple of LeakedType
        The types with more and more objects, up to 5.
    arguments : LeakingArguments or None
        The sets of arguments that leak; None if nothing leaks or there is one set.
    lines : tuple of AllocatingLine
        The lines that allocate the traced memory that leaks, up to 3.
    canaries, canaries_harmed : int
        Canaries among the arguments of all calls; those that were dropped too often or
        used after their death.
    harm : str or None
        What happened to the first canary that was harmed; None if none was.
    calls_made : int
        All calls, those of the warm-up and of the searches included.
    raised : tuple of (str, int)
        Types of exceptions and the number of calls after the warm-up that raised them,
        most frequent first.
    peak_bytes : int
        Largest traced memory in use within one cycle of the sets of arguments, above
        what was in use after it.
    resident_growth : int
        Growth of the process's resident memory during the first series in bytes: a
        hint, because memory that is free again may stay resident.
    shared_watched : int
        Shared objects whose reference counts were watched.
    not_watched : tuple of str
        What could not be watched, and why.
    is_complete : bool
        Whether it ran to its end; false after an interrupt.
    environment : Environment
        Where it ran.
    """

    format_name: ClassVar[str] = "refrace/refleaks"

    subject: str
    calls: int
    calls_limit: int
    warm_up: int
    argument_sets: int
    argument_sets_drawn: int
    seconds: float
    seed: int
    series: tuple[LevelSeries, ...]
    types: tuple[LeakedType, ...]
    arguments: LeakingArguments | None
    lines: tuple[AllocatingLine, ...]
    canaries: int
    canaries_harmed: int
    harm: str | None
    calls_made: int
    raised: tuple[tuple[str, int], ...]
    peak_bytes: int
    resident_growth: int
    shared_watched: int
    not_watched: tuple[str, ...]
    is_complete: bool
    environment: Environment

    @property
    def findings(self) -> tuple[Finding, ...]:
        """One finding for the memory that leaks, and one for each shared object."""
        found = []
        if self.canaries_harmed:
            found.append(
                Finding(
                    FindingKind.COUNT_TOO_LOW,
                    "canary",
                    f"{self.canaries_harmed:,} of {self.canaries:,} canaries were "
                    f"harmed; of the first one: {self.harm}",
                    self.canaries_harmed,
                )
            )
        memory = self._leaking_memory()
        if memory is not None:
            of = f" of type {self.types[0].type_name}" if self.types else ""
            found.append(
                Finding(
                    FindingKind.LEAK,
                    self.types[0].type_name if self.types else None,
                    f"{memory.figure}{', objects' + of if of else ''}",
                )
            )
        for each in self._shared():
            if each.shrinks:
                kind, words = FindingKind.COUNT_TOO_LOW, "loses"
            else:
                kind, words = FindingKind.LEAK, "gains"
            found.append(Finding(kind, each.name, f"{each.name} {words} {each.figure}"))
        found.sort(key=lambda one: one.kind is FindingKind.LEAK)
        return tuple(found)

    def _leaking_memory(self) -> LevelSeries | None:
        growing = [one for one in self.series if one.kind in _MEMORY and one.grows]
        if all(one.kind == "traced" for one in growing):
            # Traced memory alone: traced objects replace old ones, which are untraced.
            return None
        return min(growing, key=lambda one: _MEMORY.index(one.kind), default=None)

    def _shared(self) -> list[LevelSeries]:
        """Return the shared objects that move, except types whose objects leak."""
        leaked = {one.type_name.rpartition(".")[2] for one in self.types}
        return [
            one
            for one in self.series
            if one.kind == "shared"
            and (one.shrinks or one.grows)
            and (one.shrinks or one.name.rpartition(".")[2] not in leaked)
        ]

    @property
    def conclusive(self) -> bool:
        """Whether there is a leak, or every level was shown to stay where it is.

        Every level must have been read nine times or more, and the interval of its
        slope must lie within the growth that a clean result allows; and at least one
        call must have returned.
        """
        return self.inconclusive_because is None

    def _missing(self) -> str | None:
        if not self.is_complete:
            return "it was stopped early; let it run to the end"
        if not self.series:
            return "no level could be read; " + "; ".join(self.not_watched)
        after = self.calls_made - self.warm_up
        if self.raised and sum(times for _, times in self.raised) >= after:
            return (
                f"every call raised ({self.raised[0][0]} most often); pass arguments= "
                "with strategies for what it accepts"
            )
        for each in self.series:
            if each.kind in ("type", "shared") or each.is_settled:
                continue
            if each.kind == "traced" and self._others_are_settled():
                continue
            return self._unsettled(each)
        return None

    def _others_are_settled(self) -> bool:
        """Return whether blocks and malloc, which cover all traced memory, stay."""
        settled = {one.kind for one in self.series if one.is_settled}
        return {"blocks", "heap"} <= settled

    def _unsettled(self, series: LevelSeries) -> str:
        if len(series.levels) < FEWEST_POINTS:
            return (
                f"there was time for {self.calls:,} calls only; pass a larger seconds= "
                f"than {self.seconds:g}"
            )
        cure = "pass a larger seconds="
        if self.calls >= 0.9 * self.calls_limit:
            cure = "pass a larger calls= and seconds="
        slope = series.slope_again or series.slope
        if slope is not None and slope.falls_off:
            return (
                f"{series.name} grew more and more slowly, as with a cache that fills "
                f"({series.figure}); {cure}"
            )
        return (
            f"the interval of {series.name} is wide ({series.figure}, but a clean "
            f"result needs less than {LEAST[series.kind]:g}); {cure}, or give the "
            "process nothing else to do"
        )

    @property
    def answer(self) -> str:
        """The result in one sentence."""
        sets = f"{self.argument_sets} sets of arguments"
        tried = f"{self.calls:,} calls" + (
            f" with {sets}" if self.argument_sets > 1 else ""
        )
        findings = self.findings
        if self.canaries_harmed:
            return f"{self.subject} harms its arguments: {findings[0].message}."
        if findings:
            memory = self._leaking_memory()
            if memory is not None:
                return f"{self.subject} leaks {memory.figure}."
            return f"{self.subject} miscounts references: {findings[0].message}."
        if not self.conclusive:
            return f"Inconclusive: no leak shown in {tried} of {self.subject}."
        return f"No leak found in {tried} of {self.subject}."

    def body(self) -> list[Block]:
        """Return the levels, what leaks, and what was not watched."""
        blocks: list[Block] = []
        if not self.findings and not self.conclusive:
            blocks.append(Paragraph(self._reason()))
        if self.series:
            blocks.append(
                Table(
                    ("level", "per call", "99 % interval", "result"),
                    [_row(one) for one in self.series],
                    align="<>><",
                    limits=(40, 0, 0, 0),
                )
            )
        blocks += [Paragraph(text) for text in self._causes()]
        blocks.append(Paragraph(self._coverage()))
        blocks += [
            Paragraph(f"Not watched: {text}.", hang=2) for text in self.not_watched
        ]
        blocks.append(Paragraph(str(self.environment)))
        return blocks

    def _causes(self) -> list[str]:
        texts = []
        for one in self.types:
            text = (
                f"{one.type_name}: one of the newest objects is {one.example}. "
                f"{_references(one)}"
            )
            texts.append(text)
        if self.arguments is not None:
            sets = self.arguments
            raises = f", which raises {sets.raised}" if sets.raised else ""
            verb = "leaks" if sets.sets == 1 else "leak"
            texts.append(
                f"{sets.sets} of {sets.tried} sets of arguments {verb}. The shortest: "
                f"{sets.example}{raises}; {number(sets.per_call)} per call."
            )
        for line in self.lines if self.findings else ():
            texts.append(
                f"Allocated at {line.place}: {number(line.blocks_per_call)} blocks and "
                f"{number(line.bytes_per_call)} bytes per call."
            )
        return texts

    def _coverage(self) -> str:
        parts = [f"Warm-up of {self.warm_up:,} calls"]
        if self.argument_sets < self.argument_sets_drawn:
            parts.append(
                f"time for {self.argument_sets} of {self.argument_sets_drawn} sets of "
                "arguments"
            )
        after = max(1, self.calls_made - self.warm_up)
        for name, times in self.raised[:3]:
            parts.append(f"{times / after:.0%} of the calls raised {name}")
        if self.canaries:
            parts.append(f"{self.canaries:,} canaries as arguments")
        parts.append(f"{self.shared_watched:,} shared objects watched")
        parts.append(f"at most {short(self.peak_bytes)} bytes in use within a cycle")
        if self.resident_growth:
            parts.append(f"resident memory grew by {short(self.resident_growth)} bytes")
        return "; ".join(parts) + f"; seed {self.seed}."


def _row(series: LevelSeries) -> tuple[str, str, str, str]:
    name = f"objects of {series.name}" if series.kind == "type" else series.name
    if series.kind == "shared":
        name = f"references to {series.name}"
    if series.kind in ("heap", "traced"):
        name += ", bytes"
    slope = series.slope
    if slope is None:
        return (name, "", "", "too few calls")
    shown = f"[{number(slope.low)}, {number(slope.high)}]"
    return (name, number(slope.per_call), shown, _result(series))


def _result(series: LevelSeries) -> str:
    if series.grows:
        return "grows"
    if series.shrinks:
        return "shrinks"
    if series.is_settled:
        slope = series.slope
        still = slope is not None and slope.low <= 0 <= slope.high
        below = slope is not None and slope.stays_below(LEAST[series.kind])
        if not below:
            return "given back later"
        return "stays" if still else f"less than {LEAST[series.kind]:g}"
    slope = series.slope_again or series.slope
    return "grows ever slower" if slope is not None and slope.falls_off else "unclear"


def _references(one: LeakedType) -> str:
    count = "1 reference" if one.references == 1 else f"{one.references} references"
    if one.unattributed:
        lost = "it" if one.references == 1 else str(one.unattributed)
        text = (
            f"It has {count}; Python sees no holder of {lost}: C code took a reference "
            "and never dropped it, or holds it where the collector cannot see it."
        )
    else:
        text = f"It has {count}."
    return text + (f" Held by: {'; '.join(one.held_by)}." if one.held_by else "")

"""The data types of the gallery: patterns, variants, idioms and real bugs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Literal

from refrace.errors import InvalidData, InvalidProgram
from refrace.findings import FindingKind
from refrace.programs import Program

__all__ = ["Bug", "Idiom", "LessonPlan", "MistakeClass", "Pattern", "Variant"]

GIL_SETTINGS = ("released", "held")
DEFAULT_MODE = "atomic"


@dataclass(frozen=True)
class Variant:
    """One form of a pattern: a program with the bug, and the fixed program.

    Attributes
    ----------
    id : str
        ``"P01a"``.
    class_name : str
        The class of mistake, a key of ``refrace.gallery.classes``.
    what : str
        What happens, in a sentence.
    fix : str
        The idea of the fixed program.
    buggy_text, fixed_text : str
        The source text of the two programs.
    expected : mapping of str to mapping of FindingKind to int
        For ``"released"`` and ``"held"`` (the GIL): every kind of finding that the
        buggy program has in `mode`, with the fewest preemptions that lead to it; reads
        of old writes count as preemptions.  One of the two may be empty.  The fixed
        program has no findings, neither in `mode` nor in any other correct mode that
        has the operations of both programs.
    runs : mapping of str to int
        For ``"buggy"`` and ``"fixed"``: the exact number of maximal runs in `mode`
        with the GIL released.
    memory : {"sc", "c11"}
        The memory model that all of this is about.  What needs ``"c11"`` is a bug of
        memory orders only: with ``"sc"`` the buggy program has no finding.
    fix_needs_sc : str
        Why the fixed program has findings under C11 in `mode`, and what would be
        needed there; "" if it has none.
    mode : str
        The mode that all of this is about, ``"atomic"`` unless the programs need an
        operation that `atomic` does not have.  A mode without the operations of both
        programs is one that the variant is not applicable to.
    """

    id: str
    class_name: str
    what: str
    fix: str
    buggy_text: str = field(repr=False)
    fixed_text: str = field(repr=False)
    expected: Mapping[Literal["released", "held"], Mapping[FindingKind, int]] = field(
        repr=False, hash=False
    )
    runs: Mapping[Literal["buggy", "fixed"], int] = field(repr=False, hash=False)
    memory: Literal["sc", "c11"] = "sc"
    fix_needs_sc: str = ""
    mode: str = DEFAULT_MODE

    def __post_init__(self) -> None:
        frozen = {gil: MappingProxyType(dict(k)) for gil, k in self.expected.items()}
        object.__setattr__(self, "expected", MappingProxyType(frozen))
        object.__setattr__(self, "runs", MappingProxyType(dict(self.runs)))

    @cached_property
    def buggy(self) -> Program:
        """The program with the bug."""
        return self._parsed("buggy", self.buggy_text)

    @cached_property
    def fixed(self) -> Program:
        """The program without the bug."""
        return self._parsed("fixed", self.fixed_text)

    def _parsed(self, which: str, text: str) -> Program:
        try:
            return Program.parse(text)
        except InvalidProgram as problem:
            raise InvalidData(f"{self.id}, {which}: {problem}") from problem

    @property
    def threads(self) -> int:
        """The number of threads of the buggy program."""
        return len(self.buggy.threads)

    @property
    def gil(self) -> Literal["released", "held"]:
        """The setting of the GIL to show the bug with: "held" if it needs the GIL."""
        return "released" if self.expected["released"] else "held"

    @property
    def preemptions(self) -> int:
        """The fewest preemptions that lead to any finding with the setting `gil`."""
        return min(self.expected[self.gil].values())

    @property
    def with_gil(self) -> bool:
        """Whether the bug also occurs with the GIL held."""
        return bool(self.expected["held"])


@dataclass(frozen=True)
class Idiom:
    """C-API code that shows a pattern, and what to write instead.

    Both pieces compile against ``Python.h`` of CPython 3.11 and newer; newer interfaces
    are behind version checks.

    Attributes
    ----------
    text : str
        What to do, in one to three sentences.
    buggy, better : str
        C11 code.
    """

    text: str
    buggy: str = field(repr=False)
    better: str = field(repr=False)


@dataclass(frozen=True)
class Bug:
    """A real bug.

    Attributes
    ----------
    id : str
        Its name in the gallery: ``"cpython-cell-get"``.
    variant : str
        The variant that it is an instance of, ``"P01a"``.
    project : str
        The project that had the bug.
    year : int
        Year of the report or of the fix.
    link : str
        The report, discussion or patch, an https or http URL.
    what : str
        What happened.
    roles : str
        What the names of the variant's program stand for, "" if unknown.
    fix : str
        What the project did or was advised to do, "" if unknown.
    gil : {"yes", "no", "maybe", "n/a"}
        Whether it occurs with the GIL; "n/a" if there is no GIL.
    year_inferred : bool
        Whether the year was inferred from the context.
    """

    id: str
    variant: str
    project: str
    year: int
    link: str
    what: str
    roles: str = ""
    fix: str = ""
    gil: Literal["yes", "no", "maybe", "n/a"] = "n/a"
    year_inferred: bool = False


@dataclass(frozen=True)
class Pattern:
    """A pattern of refcount bugs.

    Attributes
    ----------
    slug : str
        Its name: ``"borrow-then-incref"``.
    number : int
        Its place in the gallery, from 1.
    rule : str
        The rule to remember, in one or two sentences.
    story : str
        How the bug happens: one to three paragraphs of prose.
    idiom : Idiom
        C code with the bug, and better code.
    variants : tuple of Variant
        At least one.
    bugs : tuple of Bug
        Real bugs of this pattern.
    """

    slug: str
    number: int
    rule: str
    story: str = field(repr=False)
    idiom: Idiom = field(repr=False)
    variants: tuple[Variant, ...] = field(repr=False)
    bugs: tuple[Bug, ...] = field(default=(), repr=False)

    @property
    def buggy(self) -> Program:
        """The buggy program of the first variant."""
        return self.variants[0].buggy

    @property
    def fixed(self) -> Program:
        """The fixed program of the first variant."""
        return self.variants[0].fixed

    @property
    def mode(self) -> str:
        """The mode that all of its variants are about."""
        return self.variants[0].mode

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes of mistakes of its variants, each once."""
        return tuple(dict.fromkeys(variant.class_name for variant in self.variants))

    @property
    def threads(self) -> int:
        """The fewest threads that one of its variants needs."""
        return min(variant.threads for variant in self.variants)

    @property
    def preemptions(self) -> int:
        """The fewest preemptions that one of its variants needs."""
        return min(variant.preemptions for variant in self.variants)

    @property
    def with_gil(self) -> bool:
        """Whether the bug of one of its variants also occurs with the GIL held."""
        return any(variant.with_gil for variant in self.variants)


@dataclass(frozen=True)
class MistakeClass:
    """A class of mistakes: patterns that share a cause.

    Attributes
    ----------
    name : str
        ``"borrowed-reference"``.
    description : str
        The cause, in a sentence.
    patterns : tuple of Pattern
        All that have a variant of this class, in the gallery's order.
    """

    name: str
    description: str
    patterns: tuple[Pattern, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class LessonPlan:
    """A lesson of the teaching path: where in a pattern's run to stop and ask.

    Attributes
    ----------
    title : str
        A short title.
    pattern, variant : str
        A slug, and the id of one of its variants.
    gil : {"released", "held"}
        The setting of the GIL.
    shown : int
        Steps of the smallest run, in the mode of the variant, before the question.  Of
        the steps possible then, exactly one can lead to a finding.
    before, after : str
        The text before the question, and the text after the answer.
    """

    title: str
    pattern: str
    variant: str
    gil: Literal["released", "held"]
    shown: int
    before: str = field(repr=False)
    after: str = field(repr=False)

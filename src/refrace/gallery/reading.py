"""Read pattern files: convert TOML to the gallery's types, and check it."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from importlib.resources.abc import Traversable
from typing import Any, Literal, TypeVar

import cattrs
from cattrs.gen import make_dict_structure_fn, override

from refrace.catalogue.mode import known_modes
from refrace.errors import InvalidData
from refrace.findings import FindingKind
from refrace.gallery.model import (
    DEFAULT_MODE,
    GIL_SETTINGS,
    LessonPlan,
    MistakeClass,
    Pattern,
    Variant,
)

__all__ = ["read_classes", "read_lessons", "read_pattern"]

T = TypeVar("T")

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LINK = re.compile(r"https?://[^\s/]+/\S+")
_YEARS = range(1960, 2100)
_NOT_WITH_GIL = re.compile(r"\b(critical|stop_world)\b")
_KEEPS_GIL = re.compile(r"\b(native_lock|spin)\b")


def _exactly(kind: type[T]) -> Any:
    """Return a hook that accepts only values of exactly this type."""

    def hook(value: Any, _: Any) -> T:
        if type(value) is not kind:  # a bool is not a number here
            raise TypeError(f"{value!r:.60} is not of type {kind.__name__}")
        return value

    return hook


def _converter() -> cattrs.Converter:
    converter = cattrs.Converter(forbid_extra_keys=True)
    for kind in (str, int, bool):
        converter.register_structure_hook(kind, _exactly(kind))
    # Explicit, because a FindingKind is also a str and would stay a plain one.
    converter.register_structure_hook(FindingKind, lambda value, _: FindingKind(value))
    # Names in the file that differ from those in the code.
    converter.register_structure_hook(
        Variant,
        make_dict_structure_fn(
            Variant,
            converter,
            _cattrs_forbid_extra_keys=True,
            class_name=override(rename="class"),
            buggy_text=override(rename="buggy"),
            fixed_text=override(rename="fixed"),
        ),
    )
    return converter


_CONVERTER = _converter()


def read_classes(file: Traversable) -> dict[str, MistakeClass]:
    """Read the list of classes of mistakes.

    Parameters
    ----------
    file : Traversable
        TOML: the name and description of each class.

    Returns
    -------
    dict of str to MistakeClass
        By name, in the file's order, without their patterns.

    Raises
    ------
    InvalidData
        If the file does not have this form.
    """
    described = _structured(_table(file), dict[str, str], file)
    return {name: MistakeClass(name, text) for name, text in described.items()}


def read_pattern(file: Traversable, classes: Iterable[str]) -> Pattern:
    """Read one pattern.

    Parameters
    ----------
    file : Traversable
        TOML; the file name is the pattern's slug.
    classes : iterable of str
        The classes that a variant may have.

    Returns
    -------
    Pattern
        Its programs are parsed on first use.

    Raises
    ------
    InvalidData
        If the file is not TOML, lacks a field, has an unknown field or one of the
        wrong type, or contradicts itself; the message names the file, the place and
        the fix.
    """
    pattern = _structured(_table(file), Pattern, file)
    problems = list(_contradictions(pattern, file, set(classes)))
    if problems:
        raise _invalid(file, problems)
    return pattern


def read_lessons(
    file: Traversable, patterns: Mapping[str, Pattern]
) -> tuple[LessonPlan, ...]:
    """Read the teaching path.

    Parameters
    ----------
    file : Traversable
        TOML: one ``[[lessons]]`` per lesson, in order.
    patterns : mapping of str to Pattern
        The patterns that lessons may use, by slug.

    Returns
    -------
    tuple of LessonPlan

    Raises
    ------
    InvalidData
        If the file does not have this form, or names an unknown pattern or variant.
    """
    read = _structured(_table(file), dict[str, tuple[LessonPlan, ...]], file)
    if list(read) != ["lessons"] or not read["lessons"]:
        raise _invalid(file, ["write [[lessons]], at least one, and nothing else"])
    problems = [
        problem
        for index, plan in enumerate(read["lessons"])
        for problem in _of_lesson(plan, f"lessons[{index}]", patterns)
    ]
    if problems:
        raise _invalid(file, problems)
    return read["lessons"]


def _of_lesson(
    plan: LessonPlan, place: str, patterns: Mapping[str, Pattern]
) -> Iterable[str]:
    known = patterns.get(plan.pattern)
    if known is None:
        yield f"pattern {plan.pattern!r:.60} at {place} is unknown; write a slug"
    elif plan.variant not in [variant.id for variant in known.variants]:
        ids = ", ".join(variant.id for variant in known.variants)
        yield f"variant {plan.variant!r:.60} at {place} is unknown; write one of {ids}"
    if plan.shown < 0:
        yield f"shown at {place} is {plan.shown}; write a number of steps, from 0"
    for word in ("title", "before", "after"):
        if not getattr(plan, word).strip():
            yield f"{word} at {place} is empty; write it"


def _table(file: Traversable) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise _invalid(file, [f"not TOML in UTF-8: {problem}"]) from problem
    except OSError as problem:
        raise _invalid(file, [f"cannot be read: {problem}"]) from problem


def _structured(table: dict[str, Any], kind: type[T], file: Traversable) -> T:
    try:
        return _CONVERTER.structure(table, kind)
    except cattrs.BaseValidationError as problem:
        found = cattrs.transform_error(problem, format_exception=_in_words)
        problems = [line.replace(" @ $.", " at ").replace(" @ $", "") for line in found]
        raise _invalid(file, problems) from problem


def _in_words(problem: BaseException, kind: type | None) -> str:
    if isinstance(problem, KeyError):
        return "a field is missing: write it"
    if isinstance(problem, cattrs.ForbiddenExtraKeysError):
        names = ", ".join(f"`{name}`" for name in sorted(problem.extra_fields))
        return f"unknown field: {names}; remove it or correct its name"
    return f"{problem}; write {getattr(kind, '__name__', None) or kind}"


def _contradictions(
    pattern: Pattern, file: Traversable, classes: set[str]
) -> Iterable[str]:
    """Yield the problems of a pattern whose fields have the correct types."""
    if f"{pattern.slug}.toml" != file.name or not _SLUG.fullmatch(pattern.slug):
        yield (
            f"slug {pattern.slug!r:.60} is not the file's name; "
            "use the same lower-case name with hyphens for both"
        )
    if pattern.number < 1:
        yield f"number {pattern.number} is not positive; numbers start at 1"
    if not pattern.variants:
        yield "the pattern has no variant; write at least one [[variants]]"
    for index, variant in enumerate(pattern.variants):
        yield from _of_variant(variant, f"variants[{index}]", classes)
    if len({variant.mode for variant in pattern.variants}) > 1:
        yield "its variants are about several modes; make a pattern for each mode"
    yield from _of_bugs(pattern)
    for word in ("rule", "story"):
        if not getattr(pattern, word).strip():
            yield f"{word} is empty; write it"


def _of_variant(variant: Variant, place: str, classes: set[str]) -> Iterable[str]:
    if variant.class_name not in classes:
        yield (
            f"class {variant.class_name!r:.60} at {place} is not in classes.toml; "
            "add it there, or use one of its names"
        )
    # The default is known, and the modes are not looked up until they are needed.
    if variant.mode != DEFAULT_MODE and variant.mode not in known_modes():
        yield (
            f"mode {variant.mode!r:.60} at {place} is unknown; write the name of a "
            "mode of `refrace modes`"
        )
    missing = [gil for gil in GIL_SETTINGS if gil not in variant.expected]
    missing += [
        f"runs.{which}" for which in ("buggy", "fixed") if which not in variant.runs
    ]
    if missing:
        yield f"{', '.join(missing)} at {place} is missing; write all of them"
        return
    if variant.fix_needs_sc and variant.memory == "c11":
        yield (
            f"fix_needs_sc at {place} contradicts its memory, c11; remove it, because "
            "the fixed program is proved under C11"
        )
    # Apart from what waits while it holds the GIL, the GIL can only remove runs.
    # Critical sections and stops of the world exist only without it.
    keeps_gil = _KEEPS_GIL.search(variant.buggy_text) is not None
    does_nothing = _NOT_WITH_GIL.search(variant.buggy_text) is not None
    needs_gil = keeps_gil and not does_nothing
    word: Literal["released", "held"] = "held" if needs_gil else "released"
    if not variant.expected[word]:
        yield f"expected.{word} at {place} is empty; a buggy program has a finding"
    more = variant.expected["held"].keys() - variant.expected["released"].keys()
    if more and not keeps_gil:
        yield (
            f"expected.held at {place} has a kind that expected.released lacks; "
            "without native_lock and spin, holding the GIL can only remove runs"
        )
    numbers = [n for kinds in variant.expected.values() for n in kinds.values()]
    if min(numbers, default=0) < 0 or min(variant.runs.values()) < 1:
        yield f"a number at {place} is too small; preemptions start at 0, runs at 1"


def _of_bugs(pattern: Pattern) -> Iterable[str]:
    for name in ("id", "link"):
        counts = Counter(getattr(bug, name) for bug in pattern.bugs)
        for value, times in counts.items():
            if times > 1:
                yield f"{name} {value!r:.200} of bugs appears {times} times; keep one"
    ids = {variant.id for variant in pattern.variants}
    for index, bug in enumerate(pattern.bugs):
        place = f"bugs[{index}] ({bug.id})"
        if bug.variant not in ids:
            yield (
                f"variant {bug.variant!r:.60} at {place} is not one of this pattern; "
                f"write one of {', '.join(sorted(ids))}"
            )
        if not _LINK.fullmatch(bug.link):
            yield f"link {bug.link!r:.200} at {place} is not a URL; write https://host/path"
        if bug.year not in _YEARS:
            yield f"year {bug.year} at {place} is not a year; write four digits"


def _invalid(file: Traversable, problems: list[str]) -> InvalidData:
    return InvalidData("\n".join(f"{file.name}: {problem}" for problem in problems))

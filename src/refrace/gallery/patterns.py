"""Patterns of refcount races as programs: each buggy, with its mended twin."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib import resources
from types import MappingProxyType
from typing import Any

from refrace.errors import UnknownPattern
from refrace.findings import FindingKind
from refrace.programs import Program
from refrace.programs.words import did_you_mean

__all__ = ["Gallery", "Pattern", "Variant"]


@dataclass(frozen=True)
class Variant:
    """One form of a pattern.

    Attributes
    ----------
    id : str
        ``"P01a"``.
    category : str
        The kind of mistake.
    what : str
        What happens, in a sentence.
    fix : str
        The idea of the mended program.
    buggy_text, fixed_text : str
        The two programs as they were written.
    expected : mapping of str to mapping of FindingKind to int
        For ``"released"`` and ``"held"`` (the GIL): every kind of finding that the
        buggy program has in mode `atomic`, `dangling-free` apart, and the fewest
        preemptions that it takes.  The mended program has none.
    runs : mapping of str to int
        For ``"buggy"`` and ``"fixed"``: the exact number of maximal runs in mode
        `atomic` with the GIL released.
    """

    id: str
    category: str
    what: str
    fix: str
    buggy_text: str = field(repr=False)
    fixed_text: str = field(repr=False)
    expected: Mapping[str, Mapping[FindingKind, int]] = field(repr=False, hash=False)
    runs: Mapping[str, int] = field(repr=False, hash=False)

    @cached_property
    def buggy(self) -> Program:
        """The program with the bug."""
        return Program.parse(self.buggy_text)

    @cached_property
    def fixed(self) -> Program:
        """The program without the bug."""
        return Program.parse(self.fixed_text)


@dataclass(frozen=True)
class Pattern:
    """A way in which reference counts go wrong.

    Attributes
    ----------
    slug : str
        Its name: ``"borrow-then-incref"``.
    number : int
        Its place in the gallery, from 1.
    rule : str
        What to remember, in a sentence.
    variants : tuple of Variant
        At least one.
    """

    slug: str
    number: int
    rule: str
    variants: tuple[Variant, ...] = field(repr=False)

    @property
    def buggy(self) -> Program:
        """The buggy program of the first variant."""
        return self.variants[0].buggy

    @property
    def fixed(self) -> Program:
        """The mended program of the first variant."""
        return self.variants[0].fixed


class Gallery(Mapping[str, Pattern]):
    """All patterns by slug, in the order of their numbers; each file is read once."""

    def __init__(self) -> None:
        self._read: dict[str, Pattern] = {}

    @cached_property
    def _slugs(self) -> tuple[str, ...]:
        files = (resources.files("refrace.gallery") / "data").iterdir()
        stems = [
            file.name.removesuffix(".toml")
            for file in files
            if file.name.endswith(".toml")
        ]
        patterns = sorted((self._pattern(stem) for stem in stems), key=_number)
        return tuple(pattern.slug for pattern in patterns)

    def _pattern(self, slug: str) -> Pattern:
        known = self._read.get(slug)
        if known is None:
            file = resources.files("refrace.gallery") / "data" / f"{slug}.toml"
            known = _pattern_of(tomllib.loads(file.read_text(encoding="utf-8")))
            self._read[slug] = known
        return known

    def __getitem__(self, slug: str) -> Pattern:
        if slug not in self._slugs:
            near = did_you_mean(slug, self._slugs) if isinstance(slug, str) else ""
            raise UnknownPattern(
                f"slug={slug!r:.60}: the gallery has no such pattern; "
                + (near or "list(refrace.gallery) names them")
            )
        return self._pattern(slug)

    def __iter__(self) -> Iterator[str]:
        return iter(self._slugs)

    def __len__(self) -> int:
        return len(self._slugs)


def _number(pattern: Pattern) -> int:
    return pattern.number


def _pattern_of(data: dict[str, Any]) -> Pattern:
    variants = tuple(_variant_of(variant) for variant in data["variants"])
    return Pattern(data["slug"], data["number"], data["rule"], variants)


def _variant_of(data: dict[str, Any]) -> Variant:
    expected = {
        gil: MappingProxyType({FindingKind(kind): n for kind, n in kinds.items()})
        for gil, kinds in data["expected"].items()
    }
    return Variant(
        id=data["id"],
        category=data["category"],
        what=data["what"],
        fix=data["fix"],
        buggy_text=data["buggy"],
        fixed_text=data["fixed"],
        expected=MappingProxyType(expected),
        runs=MappingProxyType(data["runs"]),
    )

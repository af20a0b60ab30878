"""The collection of all patterns; each file is read on first use."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from types import MappingProxyType

from refrace._base.safe_repr import shown
from refrace.errors import InvalidArgument, InvalidData, UnknownPattern
from refrace.gallery.model import LessonPlan, MistakeClass, Pattern
from refrace.programs.vocabulary import did_you_mean

__all__ = ["Gallery"]

_CLASSES = "classes.toml"
_LESSONS = "lessons.toml"


class Gallery(Mapping[str, Pattern]):
    """All patterns by slug, ordered by number; each file is read once.

    Parameters
    ----------
    folder : path, optional
        A folder of your own pattern files, one ``SLUG.toml`` each, with a
        ``classes.toml`` if it has its own classes.  Default: the package's.

    Raises
    ------
    InvalidArgument
        If `folder` is not a folder.
    """

    def __init__(self, folder: str | os.PathLike[str] | None = None) -> None:
        own = resources.files("refrace.gallery") / "data"
        self._folder: Traversable = own if folder is None else Path(folder)
        if not self._folder.is_dir():
            raise InvalidArgument(
                f"folder={str(folder)!r:.200}: is not a folder; "
                "pass one that contains SLUG.toml files"
            )
        has_classes = (self._folder / _CLASSES).is_file()
        self._classes_file = (self._folder if has_classes else own) / _CLASSES
        self._read: dict[str, Pattern] = {}

    @cached_property
    def _files(self) -> dict[str, Traversable]:
        return {
            file.name.removesuffix(".toml"): file
            for file in sorted(self._folder.iterdir(), key=lambda file: file.name)
            if file.name.endswith(".toml") and file.name != _CLASSES
        }

    @cached_property
    def _described(self) -> dict[str, MistakeClass]:
        from refrace.gallery.reading import read_classes

        return read_classes(self._classes_file)

    def _pattern(self, slug: str) -> Pattern:
        known = self._read.get(slug)
        if known is None:
            # The schema library is slow to import, and most of the package does not
            # need it.
            from refrace.gallery.reading import read_pattern

            known = read_pattern(self._files[slug], self._described)
            self._read[slug] = known
        return known

    @cached_property
    def _slugs(self) -> tuple[str, ...]:
        patterns = sorted(map(self._pattern, self._files), key=lambda p: p.number)
        _refuse_twins("number", [pattern.number for pattern in patterns])
        _refuse_twins("variant", [v.id for p in patterns for v in p.variants])
        _refuse_twins("bug", [bug.id for p in patterns for bug in p.bugs])
        return tuple(pattern.slug for pattern in patterns)

    @cached_property
    def classes(self) -> Mapping[str, MistakeClass]:
        """The classes of mistakes by name, each with its patterns."""
        patterns = tuple(self.values())
        return MappingProxyType(
            {
                name: replace(
                    described,
                    patterns=tuple(p for p in patterns if name in p.classes),
                )
                for name, described in self._described.items()
            }
        )

    @cached_property
    def lessons(self) -> tuple[LessonPlan, ...]:
        """The teaching path through the package's own patterns."""
        from refrace.gallery.reading import read_lessons

        return read_lessons(resources.files("refrace.gallery") / _LESSONS, self)

    def __getitem__(self, slug: str) -> Pattern:
        if not isinstance(slug, str) or slug not in self._files:
            near = _near(slug, self._files) if isinstance(slug, str) else ""
            raise UnknownPattern(
                f"slug={shown(slug, 60)}: the gallery has no such pattern; {near}"
                "`refrace gallery` and list(refrace.gallery) list them"
            )
        return self._pattern(slug)

    def __iter__(self) -> Iterator[str]:
        return iter(self._slugs)

    def __len__(self) -> int:
        return len(self._files)


def _near(word: str, slugs: Iterable[str]) -> str:
    containing = [slug for slug in slugs if word and word.lower() in slug]
    if containing:
        return f"did you mean `{containing[0]}`? "
    near = did_you_mean(word, slugs)
    return f"{near} " if near else ""


def _refuse_twins(what: str, values: Iterable[int | str]) -> None:
    for value, times in Counter(values).items():
        if times > 1:
            raise InvalidData(
                f"{what} {shown(value, 60)} is in the gallery twice; change one of them"
            )

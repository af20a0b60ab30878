"""The gallery: patterns of refcount races, each as a buggy and a fixed program.

The module itself is the mapping: ``refrace.gallery["borrow-then-incref"].buggy``;
``refrace.gallery.classes`` groups the patterns by class of mistake.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from types import ModuleType

from refrace.gallery.collection import Gallery
from refrace.gallery.model import (
    Bug,
    Idiom,
    LessonPlan,
    MistakeClass,
    Pattern,
    Variant,
)

__all__ = [
    "Bug",
    "Gallery",
    "Idiom",
    "LessonPlan",
    "MistakeClass",
    "Pattern",
    "Variant",
    "classes",
    "get",
    "items",
    "keys",
    "lessons",
    "pattern",
    "values",
]

_gallery = Gallery()
get = _gallery.get
items = _gallery.items
keys = _gallery.keys
values = _gallery.values
classes: Mapping[str, MistakeClass]
lessons: tuple[LessonPlan, ...]


def pattern(slug: str | Pattern) -> Pattern:
    """Return the pattern with this slug; return a pattern unchanged.

    Raises
    ------
    UnknownPattern
        If the gallery has no pattern of that name.
    """
    return slug if isinstance(slug, Pattern) else _gallery[slug]


class _GalleryModule(ModuleType):
    """A module that can be indexed: Python looks up indexing on the class only."""

    def __getitem__(self, slug: str) -> Pattern:
        return _gallery[slug]

    def __iter__(self) -> Iterator[str]:
        return iter(_gallery)

    def __len__(self) -> int:
        return len(_gallery)

    def __contains__(self, slug: object) -> bool:
        return slug in _gallery

    @property
    def classes(self) -> Mapping[str, MistakeClass]:
        """The classes of mistakes by name; the files are read on first use."""
        return _gallery.classes

    @property
    def lessons(self) -> tuple[LessonPlan, ...]:
        """The plans of the teaching path; :func:`refrace.lesson` runs them."""
        return _gallery.lessons


Mapping.register(_GalleryModule)
sys.modules[__name__].__class__ = _GalleryModule

"""The gallery: patterns of refcount races, each as a buggy and a mended program.

The module itself is the mapping: ``refrace.gallery["borrow-then-incref"].buggy``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from types import ModuleType

from refrace.gallery.patterns import Gallery, Pattern, Variant

__all__ = ["Gallery", "Pattern", "Variant", "get", "items", "keys", "values"]

_gallery = Gallery()
get = _gallery.get
items = _gallery.items
keys = _gallery.keys
values = _gallery.values


class _GalleryModule(ModuleType):
    """A module that can be indexed: Python looks for that on the class only."""

    def __getitem__(self, slug: str) -> Pattern:
        return _gallery[slug]

    def __iter__(self) -> Iterator[str]:
        return iter(_gallery)

    def __len__(self) -> int:
        return len(_gallery)

    def __contains__(self, slug: object) -> bool:
        return slug in _gallery


Mapping.register(_GalleryModule)
sys.modules[__name__].__class__ = _GalleryModule

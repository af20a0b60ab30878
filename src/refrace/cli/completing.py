"""What the Tab key of a shell can complete: files, modes, and patterns."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from click.shell_completion import CompletionItem

__all__ = ["a_file", "a_mode", "a_pattern"]


def a_file(*_given: Any) -> list[CompletionItem]:
    """Let the shell complete a file."""
    return [CompletionItem("", type="file")]


def a_mode(_context: Any, _parameter: Any, begun: str) -> list[str]:
    """Complete the name of a mode."""
    from refrace.catalogue.mode import modes

    return _beginning_with(begun, (mode.name for mode in modes()))


def a_pattern(_context: Any, _parameter: Any, begun: str) -> list[str]:
    """Complete the slug of a pattern of the gallery."""
    from refrace import gallery

    return _beginning_with(begun, (pattern.slug for pattern in gallery.values()))


def _beginning_with(begun: str, words: Iterable[str]) -> list[str]:
    return [word for word in words if word.startswith(begun)]

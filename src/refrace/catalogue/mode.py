"""Every refcount mode: those of refrace, and those that were loaded from files."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import TYPE_CHECKING, Any

from refrace._base.arguments import a_kind, nearest
from refrace._base.safe_repr import shown
from refrace.catalogue.card import Memory, Mode
from refrace.catalogue.loaded import as_loaded, loaded_modes, mode_of_package
from refrace.catalogue.mixed_up import not_a_mode
from refrace.display.blocks import Block, Paragraph, Table
from refrace.display.html import render_html
from refrace.display.text import render_text
from refrace.errors import InvalidArgument, InvalidArgumentType, UnknownMode

if TYPE_CHECKING:
    from refrace._native import objects as native_objects

__all__ = [
    "Memory",
    "Mode",
    "known_modes",
    "mode",
    "mode_of_card",
    "modes",
    "several_modes",
]


class Modes(tuple[Mode, ...]):
    """Several modes: a tuple that is displayed as a table."""

    __slots__ = ()

    def _blocks(self) -> list[Block]:
        correct = sum(mode.claim == "correct" for mode in self)
        rows = [(mode.name, mode.claim, mode.summary) for mode in self]
        return [
            Paragraph(
                f"{len(self)} refcount modes, {correct} of which claim to be correct."
            ),
            Table(("mode", "claim", "how it counts"), rows, "<<<"),
        ]

    def __str__(self) -> str:
        return render_text(self._blocks())

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(str(self))

    def _repr_html_(self) -> str:
        return render_html(self._blocks())


_OF_A_FILE = (
    "; a name with @ is that of a mode in a C file, by its content: load that file "
    "first, with refrace.load_mode(path) or --mode-file"
)


@cache
def modes() -> Modes:
    """Return every refcount mode, in the order of their numbers.

    Returns
    -------
    tuple of Mode, shape (n_modes,)
        Never empty; the same tuple in every call.  Printed, and in a notebook, it is a
        table of how each mode counts.

    Notes
    -----
    The first call queries the C core, a few milliseconds; later calls are cached.

    Examples
    --------
    >>> import refrace
    >>> [mode.name for mode in refrace.modes()][:4]
    ['unlocked', 'object_lock', 'global_lock', 'atomic']
    """
    from refrace._native import objects as native_objects

    return Modes(
        mode_of_card(card, number, (mode, (card.name,)))
        for number, card in enumerate(native_objects.mode_cards())
    )


def mode_of_card(
    card: native_objects.ModeCard,
    number: int,
    origin: tuple[Callable[..., Mode], tuple[Any, ...]],
    **changed: Any,
) -> Mode:
    """Return the mode of a card of the core; `changed` replaces some of its fields."""
    fields: dict[str, Any] = {
        "name": card.name,
        "title": card.title,
        "claim": "correct" if card.claims_correct else "broken",
        "summary": card.summary,
        "steps": {"incref": card.incref_steps, "decref": card.decref_steps},
        "layout": card.layout,
        "memory": Memory(*card.memory),
        "has_count_word": card.has_count_word,
        "has_owner": card.has_owner,
        "whole_count": tuple(
            name
            for name, has in (
                ("immortalise", card.has_immortalise),
                ("merge", card.has_merge),
                ("enable_try", card.has_enable_try),
            )
            if has
        ),
        "protects_reads": card.protects_reads,
        "needs_attached_owner": card.needs_attached_owner,
        "limits": card.limits,
        "source": card.source,
        "settles": card.settles,
        "number": number,
        "origin": origin,
    }
    return Mode(**{**fields, **changed})


def known_modes() -> dict[str, Mode]:
    """Return the modes of refrace and those that were loaded, by name."""
    return {one.name: one for one in (*modes(), *loaded_modes())}


def mode(name: Any) -> Mode:
    """Return one refcount mode with everything on its card.

    Parameters
    ----------
    name : str or Mode
        The name of the mode; a mode is returned unchanged.  A mode of
        :func:`refrace.load_mode` is known by its name and, if no mode of refrace has
        it, by the part before the ``@``.  Then follow the modes of installed packages
        (entry points of the group ``refrace.modes``).

    Returns
    -------
    Mode
        One of :func:`modes`, or one that was loaded; ``str(mode)`` is its card.

    Raises
    ------
    InvalidArgumentType
        If `name` is neither a string nor a mode.
    UnknownMode
        If there is no such mode; the message names the nearest one.

    Examples
    --------
    >>> import refrace
    >>> refrace.mode("atomic").claim
    'correct'
    """
    if isinstance(name, Mode):
        if name.number >= 0:
            return name
        name = name.name
    mixed_up = not_a_mode(name)
    if mixed_up:
        kind = UnknownMode if isinstance(name, str) else InvalidArgumentType
        raise kind(mixed_up)
    if not isinstance(name, str):
        raise InvalidArgumentType(
            f"mode={shown(name)} is {a_kind(name)}; pass the name of a mode, such "
            f"as {modes()[0].name!r}"
        )
    by_name = known_modes()
    if name not in by_name:
        other = as_loaded(name) or mode_of_package(name)
        if other is not None:
            return other
        raise UnknownMode(
            f"mode={name!r:.60} is unknown{nearest(name, by_name)}; `refrace modes`, "
            f"or refrace.modes(), lists them{_OF_A_FILE if '@' in name else ''}"
        )
    return by_name[name]


def several_modes(names: Any) -> list[Mode]:
    """Return the modes in a list of names or modes, without duplicates; None: all.

    Raises
    ------
    InvalidArgumentType, UnknownMode, InvalidArgument
        If `names` is not a list, an item is not a mode, or the list is empty.
    """
    if names is None:
        return list(modes())
    if isinstance(names, str | Mode) or not isinstance(names, Iterable):
        raise InvalidArgumentType(
            f"modes={shown(names)} is not a list of modes; pass [{shown(names)}] or "
            "leave it out"
        )
    chosen = [mode(name) for name in names]
    if not chosen:
        raise InvalidArgument("modes=[] is empty; name a mode or leave it out for all")
    return list(dict.fromkeys(chosen))

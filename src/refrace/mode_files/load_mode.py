"""Load a refcount mode from a C file."""

from __future__ import annotations

from os import PathLike, fspath
from pathlib import Path
from threading import Lock
from typing import Any

from refrace._base.arguments import a_kind
from refrace._base.safe_repr import shown
from refrace.bit_layout import words_of
from refrace.catalogue.loaded import loaded_modes, remember
from refrace.catalogue.mode import Mode, mode_of_card
from refrace.errors import InvalidArgumentType, InvalidModeFile, LimitReached
from refrace.mode_files.library import TRIED, library_of
from refrace.mode_files.mode_text import ModeText
from refrace.mode_files.trial import try_out

__all__ = ["load_mode"]

MOST_CHARACTERS = 1_000_000
ONE_WORD = "ob_refcnt: count = the number of references"
_loading = Lock()


def load_mode(path: str | PathLike[str]) -> Mode:
    """Compile a refcount mode from a C file, and load it.

    Parameters
    ----------
    path : str or path-like
        A C file as in ``cext/modes/`` of refrace: a card, functions over the steps of
        ``mem/rc_mem.h``, and a table.  ``refrace new-mode`` writes one to start from.

    Returns
    -------
    Mode
        What every function of refrace accepts as a mode.  Its name is the id in the
        file, ``@``, and a checksum of the file: results name the mode by its content.

    Raises
    ------
    InvalidArgumentType
        If `path` is not the path of a file.
    InvalidModeFile
        If the file cannot be read, does not compile, or breaks the contract of a mode
        (state outside of the object, allocation, a call of the C library, ``#ifdef``,
        an access that passes by ``rc_mem.h``); or if trying it out ended in a crash or
        did not end.  The message has the line.
    EnvironmentUnfit
        If there is no C compiler.
    LimitReached
        If more than a thousand modes were loaded in this process.

    Notes
    -----
    The file is compiled four times: for races, for races over many objects, with
    widened gaps, and for the explorer.  The result is kept in the user's cache folder,
    by content.  A new mode is first tried out in a child process, which explores small
    programs and counts on real objects, so that a crash or an endless loop is an error
    here and does not end this process.

    Native code of a stranger is code: load only files that you have read, as you would
    only import a module that you trust.  The checks find mistakes, not malice.

    Examples
    --------
    >>> import refrace
    >>> mode = refrace.load_mode("mine.c")  # doctest: +SKIP
    >>> refrace.prove(mode).proved  # doctest: +SKIP
    False
    """
    if not isinstance(path, str | PathLike):
        raise InvalidArgumentType(
            f"path={shown(path, 60)} is {a_kind(path)}; pass the path of a C file"
        )
    file = fspath(path)
    return load_text(_read(file), file)


def load_text(text: str, file: str, *, tried_in: Path | None = None) -> Mode:
    """Load a mode from the text of a file.

    `tried_in`: this process tries it out, with the library in that cache.
    """
    parsed = ModeText.parse(text, file)
    with _loading:
        for known in loaded_modes():
            if known.name == parsed.name:
                return known
        folder = library_of(parsed, tried_in)
        if tried_in is None and not (folder / TRIED).exists():
            try_out(parsed, folder.parent)
            (folder / TRIED).touch()
        return remember(_loaded(parsed, folder))


def _read(file: str) -> str:
    try:
        with open(file, encoding="utf-8") as opened:
            text = opened.read(MOST_CHARACTERS + 1)
    except (OSError, ValueError) as error:
        raise InvalidModeFile(f"the file cannot be read: {error}", file=file) from None
    if len(text) > MOST_CHARACTERS:
        raise InvalidModeFile(
            f"the file has more than {MOST_CHARACTERS:,} characters", file=file
        )
    return text


def _loaded(parsed: ModeText, folder: Path) -> Mode:
    from refrace._native import explorer, objects, program_race

    number = objects.N_MODES + len(loaded_modes())
    if number >= objects.N_MODES + objects.MAX_LOADED_MODES:
        raise LimitReached(
            f"{objects.MAX_LOADED_MODES:,} modes were loaded in this process, and it "
            "can hold no more; start a new process"
        )
    for extension in (objects, explorer, program_race):
        name = extension.__name__.rpartition(".")[2]
        try:
            extension.load_mode(number, str(folder / f"{name}.so"))
        except OSError as error:
            raise InvalidModeFile(
                f"the compiled mode cannot be loaded: {error}; if refrace was updated "
                "in place, build it again, so that its headers and its core agree",
                file=parsed.file,
            ) from None
    card = objects.mode_card(number)
    return mode_of_card(
        card,
        number,
        (load_text, (parsed.text, parsed.file)),
        **_filled_in(card, parsed),
        name=parsed.name,
        file=parsed.file,
    )


def _filled_in(card: Any, parsed: ModeText) -> dict[str, str]:
    """Return the fields that the card of the file leaves out, and check its layout."""
    layout = card.layout or ONE_WORD
    try:
        words_of(layout)
    except ValueError as error:
        raise InvalidModeFile(
            f"the layout of the card is malformed: {error}; modes/card.h of "
            "refrace.include_dir() explains its grammar",
            file=parsed.file,
        ) from None
    return {
        "layout": layout,
        "title": card.title or f"a mode of {Path(parsed.file).name}",
        "summary": card.summary or "not described",
        "limits": card.limits or "not stated",
        "source": card.source or Path(parsed.file).name,
    }

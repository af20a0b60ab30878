"""Reads one declaration's text into its nodes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from refrace.programs.syntax import (
    BarrierDeclaration,
    CellDeclaration,
    ContainerDeclaration,
    Declaration,
    FieldDeclaration,
    HoldDeclaration,
    InterruptDeclaration,
    LockDeclaration,
    ObjectDeclaration,
)
from refrace.programs.text.tokens import Words
from refrace.programs.vocabulary import (
    CELL_KINDS,
    LOCK_KINDS,
    OBJECT_OPTIONS,
    SOFT_DECLARATION_WORDS,
    did_you_mean,
)

__all__ = ["is_soft_declaration", "read_declaration"]


def read_declaration(source: str) -> tuple[Declaration, ...]:
    """Read a declaration; ``lock L1 L2`` declares two.

    Raises
    ------
    Malformed
        Something in it cannot be read.
    """
    words = Words(source)
    kind = words.take()
    if kind in (*CELL_KINDS, "weak"):
        return (_cell(words, kind),)
    if kind in ("vec", "rawvec"):
        return (_container(words, kind),)
    if kind in LOCK_KINDS:
        return _locks(words, kind)
    if kind in ("obj", "type"):
        return (_object(words, kind),)
    if kind == "interrupt":
        return (_interrupt(words),)
    if kind == "barrier":
        return (_barrier(words),)
    return (_hold(words, kind),)


def is_soft_declaration(source: str) -> bool:
    """Return whether a text that begins with a soft word is a declaration."""
    words = Words(source).words
    return words[0] in SOFT_DECLARATION_WORDS and words[1].isidentifier()


def _interrupt(words: Words) -> InterruptDeclaration:
    form = "interrupt T1 f 1"
    thread = words.name("a thread", form)
    function = words.name("a sub-program", form)
    times = words.integer("how often it may come", form) if words.peek() else 1
    words.end(form)
    return InterruptDeclaration(thread, function, times)


def _barrier(words: Words) -> BarrierDeclaration:
    form = "barrier B 2"
    name = words.name("a name", form)
    threads = words.integer("how many threads it needs", form)
    words.end(form)
    return BarrierDeclaration(name, threads)


def _cell(words: Words, kind: str) -> CellDeclaration:
    form = "int N = 0" if kind == "int" else f"{kind} S = A"
    name = words.name("a name", form)
    words.expect("=", form)
    initial = _initial(words, form)
    callback = None
    if kind == "weak" and words.skip("calls"):
        form += " calls f"
        callback = words.name("a sub-program", form)
    words.end(form)
    return CellDeclaration(kind, name, initial, callback)


def _initial(words: Words, form: str) -> str | int | None:
    word = words.peek()
    if word == "null":
        words.at += 1
        return None
    if word == "-" or "0" <= word[:1] <= "9":
        return words.integer("a number", form)
    return words.name("an object, null or a number", form)


def _container(words: Words, kind: str) -> ContainerDeclaration:
    form = f"{kind} C = [A, B]"
    name = words.name("a name", form)
    words.expect("=", form)
    words.expect("[", form)
    items: list[str | None] = []
    if not words.skip("]"):
        while True:
            null = words.skip("null")
            items.append(None if null else words.name("an object or null", form))
            if words.skip("]"):
                break
            words.expect(",", form)
    room, delayed = None, False
    if words.skip("room"):
        form += " room 2 delayed"
        room = words.integer("a number", form)
        delayed = words.skip("delayed")
    words.end(form)
    return ContainerDeclaration(kind, name, tuple(items), room, delayed)


def _locks(words: Words, kind: str) -> tuple[LockDeclaration, ...]:
    names = [words.name("a name", f"{kind} L")]
    while words.peek():
        names.append(words.name("a name", f"{kind} L1 L2"))
    return tuple(LockDeclaration(kind, name) for name in names)


def _hold(words: Words, kind: str) -> HoldDeclaration:
    form = f"{kind} T1.x = A"
    thread = words.name("a thread", form)
    words.expect(".", form)
    local = words.name("a local", form)
    words.expect("=", form)
    node = HoldDeclaration(kind, thread, local, words.name("an object", form))
    words.end(form)
    return node


def _object(words: Words, kind: str) -> ObjectDeclaration:
    name = words.name("a name", f"{kind} A")
    options: dict[str, Any] = {}
    fields: list[FieldDeclaration] = []
    visits: list[tuple[str, int]] = []
    while words.peek():
        at = words.at
        word = words.take()
        if word in ("field", "rawfield"):
            fields.append(_field(words, word))
            continue
        if word == "visits":
            field = words.field("a field's name", "visits f 2")
            visits.append((field, words.integer("how often", "visits f 2")))
            continue
        key, value = _option(words, word, at)
        if key in options:
            raise words.malformed("this option appears twice", "remove one of them", at)
        options[key] = value
    node = ObjectDeclaration(kind, name, fields=tuple(fields), visits=tuple(visits))
    return replace(node, **options)


def _field(words: Words, kind: str) -> FieldDeclaration:
    form = "field f=B" if kind == "field" else "rawfield f=0"
    name = words.field("a field's name", form)
    words.expect("=", form)
    return FieldDeclaration(kind, name, _initial(words, form))


def _option(words: Words, word: str, at: int) -> tuple[str, Any]:
    if word == "final":
        return "finaliser", words.name("a sub-program", "final F")
    if word == "rc":
        return "count", words.integer("a number", "rc 2")
    if word == "max":
        return "max_count", words.integer("a number", "max 3")
    if word in ("stable", "uncounted", "gc", "untracks_late"):
        return word, True
    known = ", ".join(f"`{option}`" for option in OBJECT_OPTIONS)
    raise words.malformed(
        "unknown option",
        did_you_mean(word, OBJECT_OPTIONS) or f"the options are {known}",
        at,
    )

"""The kinds of findings of a hunt, most severe first, and what each one means."""

from __future__ import annotations

from typing import Literal, get_args

__all__ = ["KINDS", "MEANING", "HuntKind", "severity"]

HuntKind = Literal[
    "use-after-free",
    "over-decref",
    "decref-without-gil",
    "memory-error",
    "data-race",
    "undefined-behaviour",
    "crash",
    "deadlock",
    "hang",
    "wrong-answer",
    "leak",
    "never-freed",
    "block-leak",
]
KINDS: tuple[HuntKind, ...] = get_args(HuntKind)

MEANING: dict[HuntKind, str] = {
    "use-after-free": "it used an object after its last reference was gone",
    "over-decref": "it dropped a reference that it did not own",
    "decref-without-gil": "it dropped a reference in a thread without the GIL",
    "memory-error": "it accessed memory that is not its own",
    "data-race": "two threads accessed the same memory without an order between them",
    "undefined-behaviour": "it did what C leaves undefined",
    "crash": "the process crashed",
    "deadlock": "each of its threads waits, and none can go on",
    "hang": "a call does not end",
    "wrong-answer": "it gave answers that no sequential order of the calls gives",
    "leak": "it kept a reference that nothing drops",
    "never-freed": "an object outlived everything that referred to it",
    "block-leak": "each call leaves memory allocated",
}


def severity(kind: str) -> int:
    """Return the rank of a kind; 0 is the most severe."""
    return KINDS.index(kind) if kind in KINDS else len(KINDS)

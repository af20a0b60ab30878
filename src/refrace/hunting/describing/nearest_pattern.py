"""The pattern of the gallery that is most like a finding, by what is known about it."""

from __future__ import annotations

from refrace.hunting.search.sighting import Sighting

__all__ = ["nearest_pattern"]

# What tells patterns apart: whether one thread is enough, and whether Python code ran
# inside the call (a hook of a canary, a callback).
_ONE_THREAD = {
    "use-after-free": "borrow-then-incref",
    "over-decref": "decref-of-a-borrow",
    "leak": "error-path-skips-release",
    "never-freed": "error-path-skips-release",
    "block-leak": "error-path-skips-release",
    "decref-without-gil": "last-drop-in-the-wrong-thread",
    "deadlock": "finaliser-needs-held-lock",
}
_REENTRY = {
    "use-after-free": "borrow-across-callback",
    "over-decref": "wrong-release-order",
    "crash": "stale-length-walk",
    "deadlock": "finaliser-needs-held-lock",
}
_THREADS = {
    "use-after-free": "borrow-across-gil-release",
    "over-decref": "two-droppers-one-reference",
    "leak": "double-lazy-init",
    "never-freed": "double-lazy-init",
    "wrong-answer": "payload-lost-update",
    "crash": "stale-pointer-across-lock-gap",
    "deadlock": "abba-two-objects",
    "decref-without-gil": "last-drop-in-the-wrong-thread",
}


def nearest_pattern(sighting: Sighting) -> str | None:
    """Return the slug of a pattern; None if none is near.

    It is a hint where to look: the finding has the same symptom under the same
    conditions, which does not show that it has the same cause.
    """
    if sighting.threads > 1:
        return _THREADS.get(sighting.kind)
    program = sighting.stored_program()
    has_hooks = any(spec.get("hooks") for spec in program.get("canaries") or ())
    if (has_hooks or program.get("reentries")) and sighting.kind in _REENTRY:
        return _REENTRY[sighting.kind]
    return _ONE_THREAD.get(sighting.kind)

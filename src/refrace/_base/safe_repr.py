"""Any value as a message shows it: short, and whatever the value does."""

from __future__ import annotations

__all__ = ["shown"]

MOST_CHARACTERS = 200


def shown(value: object, most: int = MOST_CHARACTERS) -> str:
    """Return ``repr(value)``, cut to `most` characters, or what can be said instead.

    A message about a wrong value must come out for every value: also for an integer of
    more digits than Python prints, for lists in lists without end, for an object whose
    ``__repr__`` raises.
    """
    try:
        text = repr(value)
    except Exception:
        kind = type(value).__name__
        if isinstance(value, int):
            text = f"<{kind} of {value.bit_length():,} bits>"
        else:
            text = f"<{kind}>"
    return text if len(text) <= most else text[: most - 3] + "..."

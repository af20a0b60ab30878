"""A short representation of any value for messages; it never raises."""

from __future__ import annotations

__all__ = ["shown"]

MOST_CHARACTERS = 200


def shown(value: object, most: int = MOST_CHARACTERS) -> str:
    """Return ``repr(value)``, truncated to `most` characters, or a substitute.

    A message about an invalid value must work for every value: also for an integer with
    more digits than Python prints, for recursive lists, and for an object whose
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

"""Numbers as short text."""

from __future__ import annotations

__all__ = ["short"]


def short(value: float) -> str:
    """Return three significant digits, or all integer digits; never an exponent.

    Examples
    --------
    >>> [short(value) for value in (0.98765, 12.3, 123.4, 12345.6)]
    ['0.988', '12.3', '123', '12,346']
    """
    if abs(value) >= 999.5:
        return f"{value:,.0f}"
    if abs(value) < 0.0005:
        return "0"
    return f"{value:.3g}"

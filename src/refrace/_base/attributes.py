"""Attributes of objects of others, which may do anything when they are asked."""

from __future__ import annotations

from typing import Any

__all__ = ["attribute_or_none"]


def attribute_or_none(value: Any, name: str) -> Any:
    """Return an attribute; None if there is none, or if asking for it raises.

    Modules that import something at first use raise ImportError, and proxies without
    an object RuntimeError.
    """
    try:
        return getattr(value, name, None)
    except Exception:
        return None

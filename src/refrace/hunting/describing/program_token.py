"""A program of a hunt as one word, for a reproducer: ``rh1:...``."""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from typing import Any

from refrace._base.safe_repr import shown
from refrace.errors import InvalidData

__all__ = ["program_token", "read_program_token"]

_PREFIX = "rh1:"
_MOST_BYTES = 2**24
_CURE = "pass the token of a finding unchanged"


def program_token(stored: dict[str, Any]) -> str:
    """Return the token of a program in its stored form."""
    text = json.dumps(stored, sort_keys=True, separators=(",", ":"))
    packed = base64.urlsafe_b64encode(zlib.compress(text.encode(), 9))
    return _PREFIX + packed.decode().rstrip("=")


def read_program_token(token: str) -> dict[str, Any]:
    """Return the stored form of the program of a token.

    White space inside it is ignored: tokens are wrapped in sources and in mail.

    Raises
    ------
    InvalidData
        If it is no token.
    """
    word = "".join(token.split())
    if not word.startswith(_PREFIX):
        raise InvalidData(
            f"program={shown(token, 60)} is not a program of a hunt; it must begin "
            f"with {_PREFIX!r}; {_CURE}"
        )
    body = word.removeprefix(_PREFIX)
    try:
        packed = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
        unpacker = zlib.decompressobj()
        data = unpacker.decompress(packed, _MOST_BYTES)
        if not unpacker.eof:
            raise ValueError("it is truncated or too large")
        stored = json.loads(data)
        if not isinstance(stored, dict):
            raise ValueError("it is no program")
    except (ValueError, zlib.error, binascii.Error, RecursionError) as error:
        raise InvalidData(
            f"program={shown(token, 60)} cannot be read ({error}); {_CURE}"
        ) from None
    return stored

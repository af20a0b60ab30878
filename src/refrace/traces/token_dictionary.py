"""Compact encoding of race programs: each frequent word is one byte.

ASCII bytes encode themselves, a byte from 128 to 254 encodes a word of the list, and
255 escapes the next byte, which is part of a UTF-8 sequence.  Small programs shrink
to a quarter of their length, less than with a general compressor.
"""

from __future__ import annotations

import re

__all__ = ["pack_words", "unpack_words"]

# Part of the token format: version 1 uses these words in this order.  Only append.
_WORDS = (
    "atomic\nreleased\n", "atomic\nheld\n", "unlocked\nreleased\n", "unlocked\nheld\n",
    "object_lock\nreleased\n", "object_lock\nheld\n", "global_lock\nreleased\n",
    "global_lock\nheld\n", "released\n", "held\n", "use-after-free\n", "revival\n",
    "underflow\n", "double-free\n", "dangling-free\n", "dangling-reference\n", "leak\n",
    "count-too-low\n", "null-dereference\n", "out-of-bounds\n", "uninitialised-use\n",
    "wrong-value\n", "deadlock\n", "livelock\n", "slot S = A\n", "slot ", "raw ",
    "int ", "vec ", "rawvec ", "lock ", "rlock ", "obj ", "type ", "hold T1.x = A\n",
    "hold T2.x = A\n", "hold T3.x = A\n", "hold T4.x = A\n", "hold T", "borrow T",
    ".x = A\n", ".x = ", " = null\n", " = 0\n", " = A\n", " = ", " final ", " field ",
    " rawfield ", " rc ", " max ", " stable", "\nfn ", "T1:\n  ", "\nT2:\n  ",
    "\nT3:\n  ", "\nT4:\n  ", "\nT", ":\n  ", "\nend:\n  ", "\n  ", "\n    ",
    "\n      ", "\n        ", "\n  x = S", "x = S\n  ", "x = upgrade S", "incref x",
    "decref x", "use x", "put x", "\n  decref x", "\n  incref x", "\n  use x",
    "\n    incref x", "\n    decref x", "\n    use x", "decref old", "decref_rlx x",
    "old = swap S null\n  decref old", "old = swap S null", "old = swap ", "swap ",
    "cas ", "finc ", "fdec ", "incref ", "decref ", "b = try_incref x", "try_incref ",
    "upgrade ", "unique ", "n = rc x", "setrc x n + 1", "setrc ", "casrc ", "incfetch ",
    "decfetch ", " = new ", "raw_new ", "init ", "renew ", "dealloc x", "free x",
    "resurrect_end ", "use ", "put ", "fence", "unlock L", "lock L", "unlock ",
    "await not ", "await ", "append C ", "get C ", "pop C", "remove C ", "len C",
    "call ", "maybe ", "gil", "if x != null {", "if ", "while ", " != null {",
    " == 1 {",
)  # fmt: skip

_FIRST = 128
_ESCAPE = 255
assert _FIRST + len(_WORDS) <= _ESCAPE

_BYTES = {word.encode(): _FIRST + place for place, word in enumerate(_WORDS)}
_LONGEST_FIRST = sorted(_BYTES, key=lambda word: (-len(word), word))
_PIECE = re.compile(b"|".join([*map(re.escape, _LONGEST_FIRST), b"(?s:.)"]))


def pack_words(text: str) -> bytes:
    """Encode `text`; the longest matching word is used first."""
    out = bytearray()
    for match in _PIECE.finditer(text.encode()):
        piece = match.group()
        if piece in _BYTES:
            out.append(_BYTES[piece])
        elif piece[0] < _FIRST:
            out += piece
        else:
            out += bytes([_ESCAPE]) + piece
    return bytes(out)


def unpack_words(packed: bytes) -> str:
    """Decode the output of :func:`pack_words`.

    Raises
    ------
    IndexError
        If a byte encodes no word, or the data ends after an escape.
    UnicodeDecodeError
        If the bytes between the words are not UTF-8.
    """
    out = bytearray()
    at = 0
    while at < len(packed):
        byte = packed[at]
        if byte == _ESCAPE:
            at += 1
            out.append(packed[at])
        elif byte >= _FIRST:
            out += _WORDS[byte - _FIRST].encode()
        else:
            out.append(byte)
        at += 1
    return out.decode()

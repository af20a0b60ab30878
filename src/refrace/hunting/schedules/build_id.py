"""The identity of a module file: a schedule fits one build of an extension only."""

from __future__ import annotations

import hashlib
import struct
from pathlib import Path
from typing import NamedTuple

from refrace.hunting.schedules.file_cache import cached_by_file

__all__ = ["Build", "build_of"]

_GNU_BUILD_ID = 3
_PT_NOTE = 4
_ELF64 = b"\x7fELF\x02\x01"


class Build(NamedTuple):
    """One build of an extension module.

    Attributes
    ----------
    module : str
        The name of its file, without folders.
    build_id : str
        The build id that the linker wrote into it, in hexadecimal digits; or, if there
        is none, ``"sha256:"`` and the digest of the file.
    """

    module: str
    build_id: str


@cached_by_file
def build_of(path: str) -> Build:
    """Return the identity of a module file."""
    content = Path(path).read_bytes()
    note = _note_of(content)
    if note is None:
        return Build(
            Path(path).name, f"sha256:{hashlib.sha256(content).hexdigest()[:32]}"
        )
    return Build(Path(path).name, note.hex())


def _note_of(content: bytes) -> bytes | None:
    """Return the build id of an ELF file of 64 bits, little endian; None without."""
    if not content.startswith(_ELF64):
        return None
    (table,) = struct.unpack_from("<Q", content, 0x20)
    size, count = struct.unpack_from("<HH", content, 0x36)
    for number in range(count):
        kind, _, at, _, _, length, _, align = struct.unpack_from(
            "<IIQQQQQQ", content, table + number * size
        )
        if kind == _PT_NOTE:
            found = _build_id_in(content[at : at + length], 8 if align == 8 else 4)
            if found is not None:
                return found
    return None


def _build_id_in(notes: bytes, align: int) -> bytes | None:
    at = 0
    while at + 12 <= len(notes):
        name_size, size, kind = struct.unpack_from("<III", notes, at)
        name = notes[at + 12 : at + 12 + name_size]
        begin = at + _padded(12 + name_size, align)
        if name == b"GNU\0" and kind == _GNU_BUILD_ID:
            return notes[begin : begin + size]
        at = begin + _padded(size, align)
    return None


def _padded(size: int, align: int) -> int:
    return -(-size // align) * align

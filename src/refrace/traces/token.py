"""Replay tokens: a complete run as one short text that can be copied.

``rr1:`` and base64url, without padding, of

    form     1 byte: compression of the text (0 words; 1 deflate, which older versions
             wrote for long programs: its bytes depend on the zlib build)
    length   of the schedule in bytes, as a varint
    schedule varints: eight times a number of refrace.traces.schedule, plus how often it
             repeats in a row (1 to 8) minus one
    steps    4 bytes: CRC-32 of the effects of the steps, which detects a mode that has
             changed since
    text     mode, GIL setting, kind of finding and program, a line each but the last;
             under C11 the GIL setting is followed by " c11" and the history
    check    4 bytes: CRC-32 of everything before it

The token depends only on the run: every Python version writes and reads the same.
"""

from __future__ import annotations

import base64
import binascii
import json
import shlex
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from refrace._base.codec import encode
from refrace.catalogue.mode import known_modes
from refrace.errors import InvalidData
from refrace.findings import FindingKind
from refrace.programs import Program
from refrace.traces.schedule import codes_of, labels_of, runners_of
from refrace.traces.steps import TraceStep
from refrace.traces.token_dictionary import pack_words, unpack_words

__all__ = [
    "PREFIX",
    "RunKey",
    "digest_text",
    "is_token",
    "packed_text",
    "read_token",
    "replay_command",
    "steps_digest",
    "token_of",
]

PREFIX = "rr1:"
_FAMILY = "rr"

WORDS, DEFLATE = 0, 1
_CHECK_BYTES = 4
_LONGEST_RUN = 8
_MOST_TEXT_BYTES = 1 << 24
_MOST_STEPS = 1 << 20
_LINE = 76


@dataclass(frozen=True, slots=True)
class RunKey:
    """The content of a token: program, mode, schedule, and a digest of the steps."""

    program: Program
    mode: str
    gil: str
    kind: FindingKind | None
    schedule: tuple[str, ...]
    digest: int
    memory: str = "sc"
    history: int = 8


def steps_digest(steps: Iterable[TraceStep]) -> int:
    """Return a CRC-32 of the effects of `steps`, independent of C line numbers."""
    digest = 0
    for step in steps:
        digest = zlib.crc32(digest_text(step).encode(), digest)
    return digest


def digest_text(step: TraceStep) -> str:
    """Return what the digest has of a step: what was known of it in every version."""
    data = encode(step)
    del data["c_file"], data["c_line"]
    if data["memory"] is None:
        del data["memory"]  # as before there were several memory models
    else:
        del data["memory"]["synchronises_with"]  # it follows from the orders
    return json.dumps(data, sort_keys=True)


def packed_text(
    program: Program,
    mode: str,
    gil: str,
    kind: str,
    memory: str = "sc",
    history: int = 8,
) -> bytes:
    """Return the part of a token that does not depend on the schedule."""
    setting = gil if memory == "sc" else f"{gil} {memory} {history}"
    return pack_words(f"{mode}\n{setting}\n{kind}\n{program}")


def token_of(run: RunKey) -> str:
    """Return the replay token of a run."""
    kind = "" if run.kind is None else str(run.kind)
    schedule = _pack_schedule(codes_of(run.schedule, runners_of(run.program)))
    body = (
        bytes([WORDS])
        + _varint(len(schedule))
        + schedule
        + run.digest.to_bytes(_CHECK_BYTES, "big")
        + packed_text(run.program, run.mode, run.gil, kind, run.memory, run.history)
    )
    body += zlib.crc32(body).to_bytes(_CHECK_BYTES, "big")
    return PREFIX + base64.urlsafe_b64encode(body).decode().rstrip("=")


def is_token(text: str) -> bool:
    """Return whether `text` looks like a token of any version."""
    return text.lstrip().startswith(_FAMILY) and ":" in text[:16]


def read_token(text: str) -> RunKey:
    """Read a token of :func:`token_of`; white space and backslashes are ignored.

    Raises
    ------
    InvalidData
        If the token has another version, or is truncated or damaged.
    """
    token = "".join(text.replace("\\", " ").split())
    if not token.startswith(PREFIX):
        raise InvalidData(
            f"token {token[:20]!r}... has version {token.partition(':')[0]!r}; this "
            f"refrace reads {PREFIX[:-1]!r}; replay it with the version that wrote it"
        )
    body = _body(token)
    try:
        return _read_body(body)
    except InvalidData:
        raise
    except (IndexError, ValueError, zlib.error) as error:
        raise _damaged(f"it cannot be decoded ({error})") from None


def replay_command(token: str, mode: str) -> str:
    """Return the shell command that replays `token`, in lines that can be copied.

    It names the C file of a mode that was loaded from one.
    """
    known = known_modes().get(mode)
    verb = "refrace replay"
    if known is not None and known.file is not None:
        verb = f"{verb} --mode-file {shlex.quote(known.file)}"
    command = f"{verb} {token}"
    if len(command) <= _LINE + 2:
        return command
    pieces = [token[i : i + _LINE - 2] for i in range(0, len(token), _LINE - 2)]
    return " \\\n".join([verb, *pieces])


def _damaged(why: str) -> InvalidData:
    return InvalidData(f"this replay token is damaged: {why}; copy the complete token")


def _body(token: str) -> bytes:
    encoded = token[len(PREFIX) :]
    try:
        padded = encoded + "=" * (-len(encoded) % 4)
        body = base64.b64decode(padded, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise _damaged(f"it is not base64 ({error})") from None
    # Several texts decode to the same bytes; only one of them is a valid token.
    if base64.urlsafe_b64encode(body).decode().rstrip("=") != encoded:
        raise _damaged("checksum mismatch: it is truncated or mistyped")
    check = body[-_CHECK_BYTES:]
    if zlib.crc32(body[:-_CHECK_BYTES]).to_bytes(_CHECK_BYTES, "big") != check:
        raise _damaged("checksum mismatch: it is truncated or mistyped")
    return body[:-_CHECK_BYTES]


def _read_body(body: bytes) -> RunKey:
    form = body[0]
    length, at = _read_varint(body, 1)
    codes = _unpack_schedule(body[at : at + length])
    at += length
    digest = int.from_bytes(body[at : at + _CHECK_BYTES], "big")
    text = _unpack_text(form, body[at + _CHECK_BYTES :])
    mode, setting, kind, program_text = text.split("\n", 3)
    gil, *more = setting.split(" ")
    memory, history = more or ("sc", "8")
    program = Program.parse(program_text)
    return RunKey(
        program,
        mode,
        gil,
        FindingKind(kind) if kind else None,
        labels_of(codes, runners_of(program)),
        digest,
        memory,
        int(history),
    )


# ------------------------------------------------------------- parts of a token


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    """Return a varint and the offset after it; IndexError if the data is truncated."""
    number, shift = 0, 0
    while True:
        byte = data[at]
        at += 1
        number |= (byte & 0x7F) << shift
        if byte <= 0x7F:
            return number, at
        shift += 7


def _runs(codes: Sequence[int]) -> Iterator[tuple[int, int]]:
    at = 0
    while at < len(codes):
        end = at + 1
        while end < len(codes) and end - at < _LONGEST_RUN and codes[end] == codes[at]:
            end += 1
        yield codes[at], end - at
        at = end


def _pack_schedule(codes: Sequence[int]) -> bytes:
    return b"".join(
        _varint(code * _LONGEST_RUN + times - 1) for code, times in _runs(codes)
    )


def _unpack_schedule(data: bytes) -> list[int]:
    codes: list[int] = []
    at = 0
    while at < len(data):
        number, at = _read_varint(data, at)
        code, more = divmod(number, _LONGEST_RUN)
        codes += [code] * (more + 1)
        if len(codes) > _MOST_STEPS:
            raise _damaged(f"it has more than {_MOST_STEPS:,} steps")
    return codes


def _unpack_text(form: int, packed: bytes) -> str:
    if form == WORDS:
        return unpack_words(packed)
    if form != DEFLATE:
        raise _damaged(f"form {form} is unknown")
    unpacker = zlib.decompressobj(-15)
    data = unpacker.decompress(packed, _MOST_TEXT_BYTES)
    if unpacker.unconsumed_tail or not unpacker.eof:
        raise _damaged(f"its text is cut off or exceeds {_MOST_TEXT_BYTES:,} bytes")
    return data.decode()

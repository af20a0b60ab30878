"""A schedule of native code as one word: ``rn1:`` and what a replay needs."""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from dataclasses import dataclass
from typing import Any

from refrace._base.codec import decode, encode
from refrace._base.safe_repr import shown
from refrace.errors import InvalidData

__all__ = ["NativeRun", "NativeRunKey", "is_native_token", "read_native_token"]

_PREFIX = "rn1:"
_MOST_BYTES = 2**24
_CURE = "pass the replay token of a finding unchanged"


@dataclass(frozen=True, slots=True)
class NativeRun:
    """A run under a chosen schedule.

    Attributes
    ----------
    decisions : tuple of (int, int)
        At which choices a thread other than the default went on, and which.
    digest : str
        A hash of the trace; empty if the run ended the process.
    builds : tuple of (str, str)
        File name and build id of each scheduled extension module.
    """

    decisions: tuple[tuple[int, int], ...]
    digest: str
    builds: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class NativeRunKey:
    """The content of a token.

    Attributes
    ----------
    subject : str
        The name of the subject, such as ``"mysubjects:Cache"``.
    program : dict
        The program in its stored form.
    kind : str
        The kind of the finding.
    operations : tuple of str
        The operations of the finding.
    folder : str
        The folder with the extension; empty if it came from the search path.
    run : NativeRun
        The run.
    """

    subject: str
    program: dict[str, Any]
    kind: str
    operations: tuple[str, ...]
    folder: str
    run: NativeRun

    @property
    def token(self) -> str:
        """The token of the run."""
        stored = {**encode(self), "program": self.program}
        text = json.dumps(stored, sort_keys=True, separators=(",", ":"))
        packed = base64.urlsafe_b64encode(zlib.compress(text.encode(), 9))
        return _PREFIX + packed.decode().rstrip("=")


def is_native_token(text: object) -> bool:
    """Return whether a text begins as a token of a native schedule does."""
    return isinstance(text, str) and text.lstrip().startswith(_PREFIX)


def read_native_token(token: str) -> NativeRunKey:
    """Return the content of a token; white space inside it is ignored.

    Raises
    ------
    InvalidData
        If it is no token, or is damaged.
    """
    body = "".join(token.split()).removeprefix(_PREFIX)
    try:
        packed = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
        unpacker = zlib.decompressobj()
        data = unpacker.decompress(packed, _MOST_BYTES)
        if not is_native_token(token) or not unpacker.eof:
            raise ValueError("it is truncated, too large, or no such token")
        stored = json.loads(data)
        program = stored.pop("program")
        if not isinstance(program, dict):
            raise ValueError("it has no program")
        return NativeRunKey(
            decode(str, stored["subject"], "subject"),
            program,
            decode(str, stored["kind"], "kind"),
            decode(tuple[str, ...], stored["operations"], "operations"),
            decode(str, stored["folder"], "folder"),
            decode(NativeRun, stored["run"], "run"),
        )
    except (
        *(ValueError, KeyError, AttributeError, TypeError),
        *(zlib.error, binascii.Error, RecursionError, InvalidData),
    ) as error:
        raise InvalidData(
            f"run={shown(token, 60)} cannot be read ({error}); {_CURE}"
        ) from None

"""Messages between the processes of a hunt.

The parent sends pickles to the zygote, which trusts it.  What a zygote or a child sends
is JSON: a child may be corrupt, and reading JSON executes nothing.
"""

from __future__ import annotations

import json
import pickle
import socket
import struct
from collections.abc import Iterator, Sequence
from typing import Any

__all__ = ["Lines", "receive", "receive_json", "send", "send_json"]

_HEADER = struct.Struct("!Q")
_MOST_DESCRIPTORS = 8
# A corrupt child could send a line without end.
_LONGEST_LINE = 2**26


def send(
    channel: socket.socket, message: object, descriptors: Sequence[int] = ()
) -> None:
    """Send a pickled message, and duplicates of some file descriptors."""
    body = pickle.dumps(message)
    header = _HEADER.pack(len(body))
    # The header is shorter than any buffer of a socket, so it goes in one piece.
    if descriptors:
        socket.send_fds(channel, [header], list(descriptors))
    else:
        channel.sendall(header)
    channel.sendall(body)


def receive(channel: socket.socket) -> tuple[Any, list[int]] | None:
    """Return the next pickled message and its descriptors; None at the end."""
    header, descriptors, _, _ = socket.recv_fds(
        channel, _HEADER.size, _MOST_DESCRIPTORS, socket.MSG_WAITALL
    )
    if len(header) < _HEADER.size:
        return None
    body = _read(channel, _HEADER.unpack(header)[0])
    return None if body is None else (pickle.loads(body), descriptors)


def send_json(channel: socket.socket, message: dict[str, Any]) -> None:
    """Send a message as one line of JSON."""
    channel.sendall(json.dumps(message).encode() + b"\n")


def receive_json(channel: socket.socket, lines: Lines) -> list[dict[str, Any]] | None:
    """Return the messages that have arrived, at least one part; None at the end."""
    data = channel.recv(65_536)
    return list(lines.feed(data)) if data else None


def _read(channel: socket.socket, size: int) -> bytes | None:
    parts = bytearray()
    while len(parts) < size:
        part = channel.recv(min(size - len(parts), 2**20))
        if not part:
            return None
        parts += part
    return bytes(parts)


class Lines:
    """Complete lines of JSON out of pieces of bytes; what is not JSON is counted."""

    def __init__(self) -> None:
        self._rest = b""
        self.malformed = 0

    def feed(self, data: bytes) -> Iterator[dict[str, Any]]:
        """Yield the messages that `data` completes."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > _LONGEST_LINE:
            self._rest = b""
            self.malformed += 1
        for line in lines:
            try:
                message = json.loads(line)
            except (ValueError, RecursionError):
                message = None
            if isinstance(message, dict) and isinstance(message.get("type"), str):
                yield message
            else:
                self.malformed += 1

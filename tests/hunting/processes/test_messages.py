"""Messages between processes: whole or not at all, whatever a corrupt child writes."""

import json
import os
import socket

from hypothesis import given
from hypothesis import strategies as st

from refrace.hunting.processes.messages import Lines, receive, send

MESSAGES = st.lists(st.dictionaries(st.text(max_size=5), st.integers() | st.text()))


@given(MESSAGES, st.lists(st.integers(1, 40)))
def test_messages_survive_any_division_into_pieces(messages, sizes):
    messages = [{**message, "type": "run"} for message in messages]
    data = b"".join(json.dumps(message).encode() + b"\n" for message in messages)
    lines, heard = Lines(), []
    for size in sizes:
        heard += lines.feed(data[:size])
        data = data[size:]
    heard += lines.feed(data)

    assert heard == messages
    assert lines.malformed == 0


@given(st.binary())
def test_anything_but_a_message_is_counted_and_never_raises(noise):
    lines = Lines()
    heard = list(lines.feed(noise + b'\n{"type": "done"}\n'))

    assert heard[-1] == {"type": "done"}


def test_a_message_of_another_shape_is_malformed():
    lines = Lines()

    assert list(lines.feed(b'[1]\n{"type": 3}\n{}\nnull\n')) == []
    assert lines.malformed == 4


def test_a_message_carries_file_descriptors():
    ours, theirs = socket.socketpair()
    reader, writer = os.pipe()
    with ours, theirs:
        send(ours, {"task": list(range(1000))}, [writer])
        os.close(writer)
        message, (copy,) = receive(theirs)
        os.write(copy, b"here")
        os.close(copy)
        got = os.read(reader, 10)
        os.close(reader)

    assert message == {"task": list(range(1000))}
    assert got == b"here"


def test_the_end_of_a_channel_is_none():
    ours, theirs = socket.socketpair()
    ours.close()
    with theirs:
        assert receive(theirs) is None

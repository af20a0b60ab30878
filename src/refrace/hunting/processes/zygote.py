"""The process that loads the subject once and forks a child for each task.

It runs no operation of the subject and has no threads, so forking is safe.  It ends
when its channel closes, however the parent ended, and leaves no process behind.
"""

from __future__ import annotations

import gc
import os
import select
import signal
import socket
import sys
import threading
import traceback
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib import import_module
from typing import Any

from refrace.errors import RefraceError
from refrace.hunting.processes.child import run_child
from refrace.hunting.processes.child_task import ChildTask
from refrace.hunting.processes.heartbeat import Heartbeat
from refrace.hunting.processes.loaded_code import watch_imports
from refrace.hunting.processes.messages import receive, send_json
from refrace.hunting.processes.process_control import (
    adopt_orphans,
    die_with_parent,
    end_leftovers,
)
from refrace.hunting.processes.subject_source import SubjectSource

__all__ = ["ZygoteStart", "main"]

# Poll interval in milliseconds where the system cannot wait for a process.
_POLL_MS = 5


@dataclass(frozen=True)
class ZygoteStart:
    """The first message to a zygote: what to load.

    Attributes
    ----------
    source : SubjectSource
        The subject.
    engine : str
        The module that draws and runs programs.
    parent : int
        Process that the zygote belongs to.
    """

    source: SubjectSource
    engine: str
    parent: int


def main(channel_number: int, heartbeat_number: int) -> None:
    """Serve until the parent closes the channel; the numbers are file descriptors."""
    channel = socket.socket(fileno=channel_number)
    adopt_orphans()
    message = receive(channel)
    if message is None:
        return
    start: ZygoteStart = message[0]
    # While the subject loads, which may take for ever, the kernel has to watch.
    die_with_parent(start.parent)
    heartbeat = Heartbeat(heartbeat_number)
    subject = _load(start, channel)
    if subject is not None:
        _serve(channel, heartbeat, import_module(start.engine), subject)
    end_leftovers()


def _load(start: ZygoteStart, channel: socket.socket) -> Any:
    """Load engine and subject and say what was loaded; None if that failed."""
    try:
        engine = import_module(start.engine)
        with watch_imports() as watch:
            subject = engine.subject_of(start.source.load())
        loaded = watch.loaded()
        engine.warm_up(subject)
    except RefraceError as error:
        name = type(error).__name__
        send_json(channel, {"type": "unloaded", "error": name, "message": str(error)})
        return None
    except BaseException:
        text = traceback.format_exc()
        send_json(channel, {"type": "unloaded", "error": "", "message": text})
        return None
    # A collection in a child then has less to visit, and copies fewer pages.
    gc.collect()
    gc.freeze()
    send_json(channel, {"type": "ready", **asdict(loaded)})
    return subject


def _serve(
    channel: socket.socket, heartbeat: Heartbeat, engine: Any, subject: Any
) -> None:
    while (message := receive(channel)) is not None:
        task, descriptors = message
        child = _fork(channel, task, descriptors, heartbeat, engine, subject)
        for descriptor in descriptors:
            os.close(descriptor)
        send_json(channel, {"type": "forked", "process": child})
        status, memory = _wait(child, channel)
        left = end_leftovers()
        if status is None:  # the parent has gone
            return
        send_json(
            channel,
            {"type": "ended", "status": status, "memory": memory, "left": left},
        )


def _fork(
    channel: socket.socket,
    task: ChildTask,
    descriptors: list[int],
    heartbeat: Heartbeat,
    engine: Any,
    subject: Any,
) -> int:
    zygote = os.getpid()
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child:
        return child
    code = 70
    try:
        die_with_parent(zygote)
        os.setpgid(0, 0)
        channel.close()
        code = run_child(task, descriptors, heartbeat, engine, subject)
    finally:
        os._exit(code)


def _wait(child: int, channel: socket.socket) -> tuple[int | None, int]:
    """Wait for the child; return its status, None if the parent has gone, and memory.

    The memory is the largest resident size in bytes.
    """
    watched = select.poll()
    watched.register(channel, select.POLLIN | select.POLLHUP)
    descriptor = -1
    with suppress(AttributeError, OSError):
        descriptor = os.pidfd_open(child)
        watched.register(descriptor, select.POLLIN)
    try:
        while True:
            ready = watched.poll(None if descriptor >= 0 else _POLL_MS)
            # The parent sends nothing while a child runs: this is the end.
            if any(number == channel.fileno() for number, _ in ready):
                with suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
                return None, 0
            ended, status, usage = os.wait4(child, os.WNOHANG)
            if ended:
                return os.waitstatus_to_exitcode(status), usage.ru_maxrss * 1024
    finally:
        if descriptor >= 0:
            os.close(descriptor)


def has_python_threads() -> bool:
    """Return whether loading the subject left threads of Python running."""
    return threading.active_count() > 1

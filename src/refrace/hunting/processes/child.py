"""A forked child: it draws and runs programs, and may crash, hang or exit at any time.

It sends what the parent needs before it happens: each program before it runs, and each
result at once.
"""

from __future__ import annotations

import faulthandler
import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from refrace.errors import RefraceError
from refrace.hunting.processes.child_task import ChildTask
from refrace.hunting.processes.heartbeat import Heartbeat
from refrace.hunting.processes.loaded_code import extensions_since
from refrace.hunting.processes.process_control import (
    die_with_parent,
    limit_this_process,
)
from refrace.hunting.processes.run_message import program_message, run_message
from refrace.hunting.processes.subject_source import SubjectSource

__all__ = ["FINISHED", "STACK_SIGNAL", "run_child"]

STACK_SIGNAL = signal.SIGRTMAX - 3
"""A thread of a child that gets this signal writes its stack to the fault pipe."""
FINISHED = 0
"""The exit code of a child that did its work."""


class _Channel:
    """The way of messages to the parent; closed in forks of the child."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._process = os.getpid()

    def send(self, kind: str, **content: Any) -> None:
        """Send a message as one line of JSON."""
        self.leave_if_forked()
        data = json.dumps({"type": kind, **content}).encode() + b"\n"
        try:
            while data:
                data = data[os.write(self._descriptor, data) :]
        except OSError:  # the subject closed it, or the parent has gone
            os._exit(75)

    def leave_if_forked(self) -> None:
        """End this process if the subject forked it: it would run the hunt twice."""
        if os.getpid() != self._process:
            os._exit(0)


def _dump_crashes(file: int) -> None:
    """Let a crash write the stacks of the Python code of all threads."""
    if sys.version_info >= (3, 14):
        # That of C code is left out: to write it takes the locks of malloc and of the
        # loader, and a thread that crashed in there has them for good.
        faulthandler.enable(file=file, all_threads=True, c_stack=False)
    else:
        faulthandler.enable(file=file, all_threads=True)


def run_child(
    task: ChildTask,
    descriptors: list[int],
    heartbeat: Heartbeat,
    engine: Any,
    subject: Any,
) -> int:
    """Do the task, report it, and return the exit code.

    `descriptors` are the ends of three pipes: messages, standard streams, faults.
    """
    messages, output, faults = descriptors
    _redirect(output)
    _dump_crashes(faults)
    faulthandler.register(STACK_SIGNAL, file=faults, all_threads=False, chain=False)
    limit_this_process(task.memory)
    _watch_forks(heartbeat)
    channel = _Channel(messages)
    try:
        if hasattr(engine, "prepare_child"):
            engine.prepare_child(messages, heartbeat.recorder, task.schedule)
        if task.subject:
            subject = engine.subject_of(SubjectSource(task.subject).load())
        _work(task, channel, heartbeat, engine, subject)
    except RefraceError as error:
        channel.send("refused", error=type(error).__name__, message=str(error))
    except SystemExit as error:
        channel.send("left", message=f"sys.exit({error.code!r})")
    except BaseException:
        channel.send("failed", message=traceback.format_exc())
    else:
        channel.send("done")
    for stream in (sys.stdout, sys.stderr):
        with suppress(Exception):
            stream.flush()
    return FINISHED


def _redirect(output: int) -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(output, 1)
    os.dup2(output, 2)


def _watch_forks(heartbeat: Heartbeat) -> None:
    """Count forks in Python code; have the kernel end the copies with the child."""
    parent = os.getpid()

    def in_child() -> None:
        with suppress(Exception):
            die_with_parent(parent)

    os.register_at_fork(after_in_parent=heartbeat.note_fork, after_in_child=in_child)


def _work(
    task: ChildTask, channel: _Channel, heartbeat: Heartbeat, engine: Any, subject: Any
) -> None:
    if task.work == "smaller":
        program = engine.program_from(task.programs[0])
        smaller = [one.to_dict() for one in engine.smaller(program)]
        channel.send("smaller", programs=smaller)
        return
    deadline = time.monotonic() + task.seconds
    modules = frozenset(sys.modules)

    def progress(rounds: int) -> None:
        channel.leave_if_forked()
        heartbeat.beat()

    for number, program in enumerate(_programs(task, engine, subject)):
        left = deadline - time.monotonic()
        if left <= 0 and number:
            break
        is_last = _run(task, number, program, left, progress, channel, engine, subject)
        _tell_imports(modules, channel)
        if is_last:
            break


def _tell_imports(before: frozenset[str], channel: _Channel) -> None:
    """Say which extensions the calls of the subject have imported in this process."""
    extensions = [
        name for name in extensions_since(before) if not name.startswith("refrace.")
    ]
    if extensions:
        channel.send("imports", extensions=extensions)


def _programs(task: ChildTask, engine: Any, subject: Any) -> Iterable[Any]:
    if task.work == "run":
        return [engine.program_from(stored) for stored in task.programs]
    # Drawn while they run: on a busy machine there may be time for the first one only.
    more = {"accepted": task.accepted} if task.accepted else {}
    drawn: Iterable[Any] = engine.draw_programs(
        subject, task.seed, task.count, task.threads, **more
    )
    return drawn


def _run(
    task: ChildTask,
    number: int,
    program: Any,
    left: float,
    progress: Callable[[int], None],
    channel: _Channel,
    engine: Any,
    subject: Any,
) -> bool:
    """Run one program; return whether the child ends with it."""
    builds = engine.builds() if hasattr(engine, "builds") else ()
    channel.send("program", number=number, builds=builds, **program_message(program))
    result = run_message(
        engine,
        subject,
        program,
        rounds=task.rounds,
        seconds=min(left, task.seconds_each),
        traps=task.traps,
        progress=progress,
    )
    channel.send("run", number=number, **result)
    # A process with a finding is corrupt: the next program needs a fresh one.
    return bool(result["observations"])

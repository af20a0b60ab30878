"""The parent's view of one running child: its messages, its end, and its stalls."""

from __future__ import annotations

import os
import select
import signal
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any, Self

from refrace.hunting.limits import OVERTIME_S, POLL_S, STALL_S
from refrace.hunting.processes.child import STACK_SIGNAL
from refrace.hunting.processes.child_end import ChildEnd, end_of
from refrace.hunting.processes.child_task import ChildTask
from refrace.hunting.processes.heartbeat import Heartbeat
from refrace.hunting.processes.messages import Lines, receive_json, send
from refrace.hunting.processes.pipes import Pipe
from refrace.hunting.processes.process_control import signal_thread
from refrace.hunting.processes.stacks import shortened
from refrace.hunting.processes.stall import Stall, StallVerdict
from refrace.hunting.processes.thread_states import states_of, threads_of

__all__ = ["ChildWatch"]

_STACK_WAIT_S = 0.2
_QUIET_S = 0.02


class ChildWatch:
    """Follows one child from its fork to its end."""

    def __init__(
        self,
        zygote: socket.socket,
        zygote_lines: Lines,
        heartbeat: Heartbeat,
        on_message: Callable[[dict[str, Any]], object],
        should_stop: Callable[[], bool],
    ) -> None:
        self._zygote = zygote
        self._zygote_lines = zygote_lines
        self._heartbeat = heartbeat
        self._on_message = on_message
        self._should_stop = should_stop
        self._pipes = self._messages, self._output, self._faults = (
            *(Pipe(0), Pipe()),
            Pipe(4 * 16_384),
        )
        self._lines = Lines()
        self._process = 0
        self._running: dict[str, Any] | None = None
        self._last: dict[str, Any] | None = None  # "done", "refused", "failed", "left"
        self._ended: dict[str, Any] | None = None
        self._is_lost = False
        self._end: ChildEnd | None = None
        self._silent: set[int] = set()  # threads without a Python stack

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        for pipe in self._pipes:
            pipe.close()
        if self._process and self._ended is None:
            self._kill()

    def run(self, task: ChildTask) -> ChildEnd:
        """Have the zygote fork a child for the task; return how the child ended."""
        try:
            send(self._zygote, task, [pipe.writer for pipe in self._pipes])
        except OSError:
            return self._lost()
        for pipe in self._pipes:
            pipe.close_writer()
        deadline = time.monotonic() + task.seconds + OVERTIME_S
        progress, progressed = self._heartbeat.rounds, time.monotonic()
        stall: Stall | None = None
        while self._ended is None and not self._is_lost:
            moved = self._wait(POLL_S)
            now = time.monotonic()
            rounds = self._heartbeat.rounds
            if moved or rounds != progress:
                progress, progressed, stall = rounds, now, None
            if self._end is not None or not self._process:
                continue  # it is being killed, or not there yet
            if self._should_stop():
                self._finish(ChildEnd("done", "stopped", running=None))
            elif now - progressed > STALL_S and self._running is not None:
                stall = stall or Stall(self._states, self._stacks, progressed)
                verdict = stall.look(now)
                if verdict is not None:
                    self._finish(self._stalled(verdict))
            elif now > deadline:
                self._finish(
                    ChildEnd("note", "it ran over its time", **self._context())
                )
        if self._is_lost:
            return self._lost()
        end = self._judged(task)
        if end.how in ("crash", "hang", "deadlock"):
            return replace(end, recorded=bytes(self._heartbeat.recorder))
        return end

    def _wait(self, seconds: float) -> bool:
        """Wait for something to happen; return whether the child made progress."""
        watched = [pipe.reader for pipe in self._pipes if pipe.is_open]
        ready, _, _ = select.select([self._zygote.fileno(), *watched], [], [], seconds)
        moved = self._read()
        if self._zygote.fileno() in ready:
            self._hear_zygote()
        return moved

    def _read(self) -> bool:
        self._output.drain()
        self._faults.drain()
        data = self._messages.drain()
        for message in self._lines.feed(data):
            self._hear(message)
        return bool(data)

    def _hear(self, message: dict[str, Any]) -> None:
        kind = message["type"]
        if kind == "program":
            self._running = message
        elif kind == "run":
            message["program"] = self._running
            self._running = None
        elif kind not in {"smaller", "imports"}:
            self._last = message
            return
        self._on_message(message)

    def _hear_zygote(self) -> None:
        try:
            messages = receive_json(self._zygote, self._zygote_lines)
        except OSError:
            messages = None
        if messages is None:
            self._is_lost = True
            return
        for message in messages:
            if message["type"] == "forked":
                self._process = message["process"]
            elif message["type"] == "ended":
                self._ended = message

    def _judged(self, task: ChildTask) -> ChildEnd:
        assert self._ended is not None
        while self._read():  # what it wrote just before its end
            pass
        if self._end is not None:
            return self._end
        said = self._last or {}
        status = self._ended["status"]
        if status == 0 and said.get("type") == "done":
            return ChildEnd("done", output=self._output.text())
        if said.get("type") == "refused":
            return ChildEnd("refused", said["message"], error=said["error"])
        if said.get("type") == "failed":
            return ChildEnd("failed", said["message"])
        if said.get("type") == "stuck":
            return ChildEnd(said["how"], said["message"], **self._context())
        if said.get("type") == "left":
            message = f"it ended itself with {said['message']}"
            return ChildEnd("note", message, **self._context())
        return end_of(
            status,
            self._ended["memory"],
            self._faults.text(),
            self._output.text(),
            self._running,
            task.memory,
        )

    def _lost(self) -> ChildEnd:
        self._read()
        return ChildEnd("lost", "the process that forks the children is gone")

    def _stalled(self, verdict: StallVerdict) -> ChildEnd:
        stacks = tuple(text for stack in verdict.stacks if (text := shortened(stack)))
        how = "note" if verdict.kind == "slow" else verdict.kind
        return ChildEnd(how, verdict.message, stacks, **self._context())

    def _context(self) -> dict[str, Any]:
        return {"output": self._output.text(), "running": self._running}

    def _finish(self, end: ChildEnd) -> None:
        self._end = end
        self._kill()

    def _kill(self) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(self._process, signal.SIGKILL)

    def _states(self) -> Any:
        return states_of(self._process)

    def _stacks(self) -> dict[int, str]:
        """Return the Python stack of each thread: each writes its own when asked."""
        found = {}
        self._faults.drain()
        for thread in threads_of(self._process):
            is_asked = thread not in self._silent and signal_thread(
                self._process, thread, STACK_SIGNAL
            )
            if not is_asked:
                continue
            text = b""
            until = time.monotonic() + _STACK_WAIT_S
            while (left := until - time.monotonic()) > 0:
                wait = _QUIET_S if text else left
                ready, _, _ = select.select([self._faults.reader], [], [], wait)
                part = self._faults.drain() if ready else b""
                if not part and (text or ready):
                    break
                text += part
            if text:
                found[thread] = text.decode(errors="replace").strip()
            else:
                self._silent.add(thread)
        return found

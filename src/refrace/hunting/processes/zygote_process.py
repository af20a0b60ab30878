"""A zygote seen from its parent: start it, have it run tasks, end it."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from refrace.errors import EnvironmentUnfit, InvalidArgument
from refrace.hunting.limits import POLL_S
from refrace.hunting.processes.child_end import ChildEnd, error_called
from refrace.hunting.processes.child_task import ChildTask
from refrace.hunting.processes.child_watch import ChildWatch
from refrace.hunting.processes.heartbeat import Heartbeat
from refrace.hunting.processes.loaded_code import LoadedCode
from refrace.hunting.processes.messages import Lines, receive_json, send
from refrace.hunting.processes.pipes import Pipe
from refrace.hunting.processes.standard_streams import apart_from_standard_streams
from refrace.hunting.processes.subject_source import SubjectSource, search_path
from refrace.hunting.processes.zygote import ZygoteStart

__all__ = ["ENGINE", "ZygoteProcess"]

ENGINE = "refrace.hunting.engine"
LOAD_S = 120.0
"""Longest time in seconds that loading a subject may take."""
_END_S = 0.1

_BOOT = (
    "import json, sys\n"
    "sys.path[:] = json.loads(sys.argv[1])\n"
    "from refrace.hunting.processes.zygote import main\n"
    "main(int(sys.argv[2]), int(sys.argv[3]))\n"
)


class ZygoteProcess:
    """A process that has loaded the subject and forks a child for each task.

    Use it as a context manager, in one thread.  Nothing of it is left afterwards,
    however its own processes ended.
    """

    def __init__(
        self,
        source: SubjectSource,
        *,
        engine: str = ENGINE,
        environ: Mapping[str, str] | None = None,
        path: Sequence[str] = (),
    ) -> None:
        """Start the process and wait until it has loaded the subject.

        Parameters
        ----------
        source : SubjectSource
            The subject.
        engine : str
            The module that draws and runs programs.
        environ : mapping of str to str, optional
            Environment variables to set, such as ``PYTHONMALLOC``.
        path : sequence of str
            Folders in front of its `sys.path`.

        Raises
        ------
        InvalidArgument
            If the subject cannot be loaded in a fresh process.
        EnvironmentUnfit
            If no process can be started.
        """
        self._lines = Lines()
        self._process: subprocess.Popen[bytes] | None = None
        with apart_from_standard_streams():
            self._heartbeat = Heartbeat.create()
            self._output = Pipe()
            self._channel, other = socket.socketpair()
        try:
            with other:
                self._start(other, environ or {}, path)
            self._output.close_writer()
            send(self._channel, ZygoteStart(source, engine, os.getpid()))
            self.loaded = self._wait_until_loaded(source)
        except BaseException:
            self.close()
            raise

    def _start(
        self, other: socket.socket, environ: Mapping[str, str], path: Sequence[str]
    ) -> None:
        numbers = (other.fileno(), self._heartbeat.descriptor)
        flags = subprocess._args_from_interpreter_flags()  # type: ignore[attr-defined]
        try:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, *flags, "-c", _BOOT),
                    *(json.dumps([*path, *search_path()]), *map(str, numbers)),
                ],
                stdin=subprocess.DEVNULL,
                stdout=self._output.writer,
                stderr=self._output.writer,
                pass_fds=numbers,
                start_new_session=True,
                env={**os.environ, **environ},
            )
        except OSError as error:
            raise EnvironmentUnfit(
                f"refrace.hunt cannot start a process ({error}); raise the limit on "
                "processes, or pass isolate=False"
            ) from error

    def _wait_until_loaded(self, source: SubjectSource) -> LoadedCode:
        until = time.monotonic() + LOAD_S
        while True:
            message = self._next_message()
            if message is not None and message["type"] == "ready":
                return _loaded_from(message)
            if message is not None and message["type"] == "unloaded":
                error = error_called(message["error"], RuntimeError)
                raise error(message["message"].strip())
            if message is None and not self.is_alive:
                raise InvalidArgument(
                    f"the subject {source.name} cannot be loaded: a fresh process "
                    f"{self._way_of_death()}{self._said()}; import it in an "
                    "interpreter of its own first"
                )
            if time.monotonic() > until:
                raise InvalidArgument(
                    f"the subject {source.name} did not load within {LOAD_S:.0f} s"
                    f"{self._said()}; import it in an interpreter of its own first"
                )

    def _next_message(self, seconds: float = POLL_S) -> dict[str, Any] | None:
        """Return a message of the zygote; None if there is none yet."""
        ends = [self._channel.fileno(), self._output.reader]
        ready, _, _ = select.select(ends, [], [], seconds)
        self._output.drain()
        if ends[0] not in ready:
            return None
        messages = receive_json(self._channel, self._lines)
        if messages is None:
            with suppress(subprocess.TimeoutExpired):
                assert self._process is not None
                self._process.wait(_END_S)
            return None
        return messages[0] if messages else None

    @property
    def rounds(self) -> int:
        """Rounds that all its children have counted so far."""
        return self._heartbeat.rounds

    @property
    def is_alive(self) -> bool:
        """Whether the process runs."""
        return self._process is not None and self._process.poll() is None

    def _way_of_death(self) -> str:
        status = self._process.returncode if self._process else 0
        if status is not None and status < 0:
            return f"was ended by {signal.Signals(-status).name} while it did"
        return f"ended with exit code {status} while it did"

    def _said(self) -> str:
        text = self._output.text()
        return f" ({text.strip()[-500:]!r})" if text.strip() else ""

    def run(
        self,
        task: ChildTask,
        on_message: Callable[[dict[str, Any]], object],
        should_stop: Callable[[], bool] = lambda: False,
    ) -> ChildEnd:
        """Run a task in a child; return how the child ended.

        Parameters
        ----------
        task : ChildTask
            What to do.
        on_message : callable
            Called with each message: ``"program"`` before a program runs,
            ``"run"`` with its result, ``"smaller"``.
        should_stop : callable
            Asked some twenty times a second; the child is killed if it is true.
        """
        with ChildWatch(
            self._channel, self._lines, self._heartbeat, on_message, should_stop
        ) as watch:
            end = watch.run(task)
        if end.how == "lost" and self._process is not None:
            self._process.kill()  # it may only have lost its channel
            self._process.wait()
        return end

    def close(self) -> None:
        """End the zygote and everything that it started; a second call does nothing."""
        process, self._process = self._process, None
        self._channel.close()  # it ends its descendants and itself
        if process is not None:
            with suppress(subprocess.TimeoutExpired):
                process.wait(_END_S)
            process.kill()
            process.wait()
            _end_session(process.pid)
            self._output.close()
            self._heartbeat.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def _end_session(session: int) -> None:
    """Kill what a killed zygote could not: the processes of its session."""
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, ValueError, IndexError):
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            if int(fields[3]) == session:
                os.kill(int(entry.name), signal.SIGKILL)


def _loaded_from(message: dict[str, Any]) -> LoadedCode:
    content = {key: value for key, value in message.items() if key != "type"}
    for name in ("extensions", "missing_extensions"):
        content[name] = tuple(content[name])
    return LoadedCode(**content)

"""A compiler with a sanitizer, the runtime to preload, and a try whether both work."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from refrace._base.arguments import check_choice
from refrace.errors import EnvironmentUnfit

__all__ = ["SANITIZERS", "Sanitizer", "Toolchain", "environ_of", "find_toolchain"]

Sanitizer = Literal["thread", "address"]
SANITIZERS: tuple[Sanitizer, ...] = get_args(Sanitizer)

# The undefined-behaviour runtime of gcc writes to standard error instead of the log if
# it is loaded together with libasan; that of clang is part of the address runtime.
_COMPILERS: dict[Sanitizer, tuple[str, ...]] = {
    "address": ("clang", "gcc"),
    "thread": ("gcc", "clang"),
}
_COMMON = "-g -O1 -fno-omit-frame-pointer"
_GCC_RUNTIMES: dict[Sanitizer, str] = {"address": "libasan.so", "thread": "libtsan.so"}
_CLANG_RUNTIMES: dict[Sanitizer, str] = {
    "address": "libclang_rt.asan{}.so",
    "thread": "libclang_rt.tsan{}.so",
}
_TRY_S = 60.0


@dataclass(frozen=True, slots=True)
class Toolchain:
    """What a build and a hunt with a sanitizer need.

    Attributes
    ----------
    sanitizer : str
        ``"address"`` (with undefined behaviour) or ``"thread"``.
    compiler : str
        The command of the C compiler.
    runtime : str
        The library to preload.
    build : dict of str to str
        Environment variables of the build.
    """

    sanitizer: Sanitizer
    compiler: str
    runtime: str
    build: Mapping[str, str]


def environ_of(
    toolchain: Toolchain, logs: Path, *, halt: bool = True
) -> dict[str, str]:
    """Return the environment of a process that loads an instrumented extension.

    Parameters
    ----------
    toolchain : Toolchain
        The sanitizer.
    logs : Path
        The folder for its reports, one file for each process that reports.
    halt : bool
        Whether the first report ends the process by SIGABRT.
    """
    common = f"log_path={logs}/report:abort_on_error=1"
    stop = f"halt_on_error={int(halt)}"
    environ = {"LD_PRELOAD": toolchain.runtime}
    if toolchain.sanitizer == "thread":
        # The interpreter itself is not instrumented, but calls functions such as memcpy
        # that the runtime watches: what only the interpreter races on is not our topic.
        environ["TSAN_OPTIONS"] = ":".join(
            [common, stop, "exitcode=0", "report_thread_leaks=0", "detect_deadlocks=0"]
            + [f"handle_{name}=0" for name in ("segv", "sigbus", "sigfpe", "sigill")]
        )
    else:
        environ["ASAN_OPTIONS"] = (
            f"{common}:detect_leaks=0:allocator_may_return_null=1:"
            "allow_user_segv_handler=1:detect_stack_use_after_return=0"
        )
        environ["UBSAN_OPTIONS"] = f"{common}:{stop}:print_stacktrace=1"
    return environ


def find_toolchain(sanitizer: object, compiler: str | None = None) -> Toolchain:
    """Return a compiler and a runtime that work in this interpreter.

    Parameters
    ----------
    sanitizer : str
        ``"address"`` or ``"thread"``.
    compiler : str, optional
        The C compiler.  Default: the environment variable CC, or the first of ``gcc``,
        ``clang`` and the compiler of this interpreter that is there.

    Raises
    ------
    InvalidArgumentType, InvalidArgument
        If there is no such sanitizer.
    EnvironmentUnfit
        If there is no compiler or no runtime, or if Python does not start with it.
    """
    kind = check_choice("sanitize", sanitizer, SANITIZERS)
    commands = _compilers(kind, compiler)
    unfit = None
    for command in commands:
        try:
            toolchain = _toolchain(kind, command)
            _try(toolchain)
        except EnvironmentUnfit as error:
            unfit = unfit or error
        else:
            return toolchain
    assert unfit is not None
    raise unfit


def _compilers(kind: Sanitizer, given: str | None) -> list[str]:
    named = given or os.environ.get("CC")
    own = (sysconfig.get_config_var("CC") or "cc").split()[0]
    wanted = [named] if named else [*_COMPILERS[kind], own]
    there = [command for command in wanted if shutil.which(command.split()[0])]
    if not there:
        raise EnvironmentUnfit(
            f"a sanitizer needs a C compiler, but none of {', '.join(wanted)} was "
            "found; install gcc or clang, or set CC to another compiler"
        )
    return list(dict.fromkeys(there))


def _toolchain(kind: Sanitizer, command: str) -> Toolchain:
    is_clang = "clang" in command
    sanitize = "thread" if kind == "thread" else "address"
    if is_clang and kind == "address":
        sanitize += ",undefined"
    flags = f"-fsanitize={sanitize} {_COMMON}"
    if is_clang:
        flags += " -shared-libsan -Wno-unused-command-line-argument"
    cxx = command.replace("clang", "clang++").replace("gcc", "g++")
    linked = [command, "-shared"]
    if sys.platform == "darwin":
        linked = [command, "-bundle", "-undefined", "dynamic_lookup"]
    build = {
        "CC": command,
        "CXX": cxx if shutil.which(cxx) else command,
        "CFLAGS": flags,
        "CXXFLAGS": flags,
        "LDFLAGS": flags,
        "LDSHARED": " ".join(linked),
    }
    return Toolchain(kind, command, _runtime(kind, command), build)


def _runtime(kind: Sanitizer, command: str) -> str:
    names = [_GCC_RUNTIMES[kind]]
    machine = platform.machine()
    clang = [_CLANG_RUNTIMES[kind].format(each) for each in (f"-{machine}", "")]
    names = clang if "clang" in command else names + clang
    for name in names:
        found = subprocess.run(
            [*command.split(), f"-print-file-name={name}"],
            capture_output=True,
            text=True,
            check=False,
        ).stdout.strip()
        if found and Path(found).is_absolute() and Path(found).exists():
            return str(Path(found).resolve())
    raise EnvironmentUnfit(
        f"{command} lacks the runtime library of its {kind} sanitizer ({names[0]}); "
        "install it (libasan and libtsan of gcc, compiler-rt of clang), or set CC to "
        "another compiler"
    )


def _try(toolchain: Toolchain) -> None:
    """Raise unless Python starts with the runtime."""
    command = [sys.executable, "-c", "import threading, ctypes; print('works')"]
    environ = {**os.environ, **environ_of(toolchain, Path(os.devnull).parent)}
    for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"):
        environ.pop(name, None)
    environ["ASAN_OPTIONS"] = "detect_leaks=0"
    try:
        done = subprocess.run(
            command,
            env=environ,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_TRY_S,
            check=False,
        )
        said, works = done.stdout + done.stderr, done.stdout.strip() == "works"
    except (OSError, subprocess.TimeoutExpired) as error:
        said, works = str(error), False
    if works:
        return
    cure = "try another compiler (CC=clang)"
    if "unexpected memory mapping" in said:
        cure = (
            "the kernel randomises addresses too much for it: run the command under "
            "`setarch -R`, or set vm.mmap_rnd_bits to 28"
        )
    raise EnvironmentUnfit(
        f"Python does not start with {toolchain.runtime} preloaded "
        f"({' '.join(said.split())[-300:]!r}); {cure}"
    )

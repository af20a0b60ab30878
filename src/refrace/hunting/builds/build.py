"""From a source tree, an sdist or a requirement to a folder with the built extension.

The package's own build system does the work: pip builds a wheel with the environment
that the caller wants (CC, CFLAGS, LDSHARED ...), and the wheel is unpacked.
"""

from __future__ import annotations

import importlib.machinery
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
import warnings
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from refrace._base.arguments import a_kind
from refrace._base.safe_repr import shown
from refrace.errors import EnvironmentUnfit, InvalidArgument, InvalidArgumentType

__all__ = ["PREFIX", "Built", "build"]

BUILD_S = 1800.0
"""Longest time of a build in seconds."""
PREFIX = "refrace-build-"
"""Begin of the name of the folder of a build, which its debug information contains."""
LINES = 15
"""Lines of the build's output in a message."""

# scikit-build-core strips what it installs, unless it is told not to.
_KEEPS_DEBUG_INFORMATION = {"SKBUILD_INSTALL_STRIP": "false"}
_SDIST = (".tar.gz", ".zip")
_REQUIREMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(\[[^\]]*\])?\s*([=<>!~].*)?")
_NO_NETWORK = ("NewConnectionError", "No matching distribution", "ConnectTimeout")
_NO_COMPILER = ("No such file or directory", "command not found", "not found")
_ERROR = re.compile(r"\berror\b:", re.IGNORECASE)
_SUFFIXES = tuple(importlib.machinery.EXTENSION_SUFFIXES)


@dataclass(frozen=True, slots=True)
class Built:
    """A built package.

    Attributes
    ----------
    folder : str
        The folder to put in front of `sys.path`.
    extensions : tuple of str
        The extension modules in it, as paths relative to the folder; at least one.
    log : str
        The output of the build.
    """

    folder: str
    extensions: tuple[str, ...]
    log: str


def build(
    source: str | PathLike[str],
    into: str | PathLike[str],
    environ: Mapping[str, str],
    *,
    run: Callable[..., subprocess.CompletedProcess[str]] | None = None,
) -> Built:
    """Build a package with its own build system and unpack it.

    Parameters
    ----------
    source : path or str
        A folder with ``pyproject.toml`` or ``setup.py``; an sdist (``.tar.gz``,
        ``.zip``); or a requirement such as ``"wrapt==2.1.2"``, whose sdist pip gets.
    into : path
        The folder for the result; created if needed.
    environ : mapping of str to str
        Environment variables of the build, added to those of this process, such as CC,
        CFLAGS, LDFLAGS, LDSHARED.
    run : callable, optional
        Runs a command like `subprocess.run`; for tests.

    Returns
    -------
    Built
        The folder, the extension modules in it, and the output of the build.

    Raises
    ------
    InvalidArgumentType, InvalidArgument
        If `source` is neither of these.
    EnvironmentUnfit
        If pip or the compiler is missing, the network is needed and not there, the
        build fails, or its result has no extension module.

    Notes
    -----
    pip gets what the build needs into an environment of its own.  Without a network it
    uses what is installed here.  A source tree is copied first, so that nothing is
    written into it and no object file of another build is used.
    """
    given = _checked(source)
    if not _has_pip():
        raise EnvironmentUnfit(
            f"building {given} needs pip, which {sys.executable} does not have; run "
            "`python -m ensurepip`, or install pip"
        )
    into = Path(into)
    into.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=PREFIX) as folder:
        tree = Path(folder, "source")
        if Path(given).is_dir():
            shutil.copytree(given, tree, ignore=_leftovers, symlinks=True)
            given = str(tree)
        wheels = Path(folder, "wheels")
        # Whatever pip unpacks, it unpacks here: debug information names these paths.
        environ = {"TMPDIR": folder, **_KEEPS_DEBUG_INFORMATION, **environ}
        log = _make_wheel(given, wheels, environ, run or subprocess.run)
        extensions = _unpack(next(wheels.glob("*.whl")), into)
    if not extensions:
        raise EnvironmentUnfit(
            f"building {given} made no extension module: the package is pure Python, "
            "or leaves its extension out in this environment; pass the source of the "
            f"extension itself.  From the build:\n{_end(log)}"
        )
    return Built(str(into), extensions, log)


def _has_pip() -> bool:
    with warnings.catch_warnings():
        # setuptools warns here in a process that has imported distutils.
        warnings.simplefilter("ignore")
        return importlib.util.find_spec("pip") is not None


def _checked(source: object) -> str:
    if not isinstance(source, str | PathLike):
        raise InvalidArgumentType(
            f"source={shown(source)} is {a_kind(source)}; pass a folder, an sdist or a "
            "requirement"
        )
    text = os.fspath(source)
    path = Path(text)
    if path.is_dir():
        if not any((path / name).is_file() for name in ("pyproject.toml", "setup.py")):
            raise InvalidArgument(
                f"source={text!r} is a folder with neither pyproject.toml nor "
                "setup.py; pass the root of the package's source tree"
            )
        return str(path.absolute())
    if path.is_file():
        if not text.endswith(_SDIST):
            raise InvalidArgument(
                f"source={text!r} is a file, but no sdist (.tar.gz or .zip); pass a "
                "folder, an sdist or a requirement"
            )
        return str(path.absolute())
    if os.sep in text or not _REQUIREMENT.fullmatch(text):
        raise InvalidArgument(
            f"source={text!r} is not there and is no requirement; pass the folder of a "
            "source tree, an sdist, or a requirement such as 'package==1.0'"
        )
    return text


def _leftovers(folder: str, names: list[str]) -> set[str]:
    """Return what a copy of a source tree leaves out: other builds, environments."""
    skip = {name for name in names if name.endswith((*_SUFFIXES, ".o", ".pyc"))}
    return skip | ({"build", "dist", ".git", ".venv", "__pycache__"} & set(names))


def _make_wheel(
    given: str,
    wheels: Path,
    environ: Mapping[str, str],
    run: Callable[..., subprocess.CompletedProcess[str]],
) -> str:
    """Have pip build a wheel; return the output."""
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-cache-dir"]
    command += ["--disable-pip-version-check", "-v", "--wheel-dir", str(wheels)]
    if not Path(given).exists():
        name = re.split(r"[^A-Za-z0-9._-]", given, maxsplit=1)[0]
        command += ["--no-binary", name]
    done = _run(run, [*command, given], environ)
    if done.returncode and any(word in done.stdout for word in _NO_NETWORK):
        # Without a network, build with what is installed.
        again = _run(run, [*command, "--no-build-isolation", given], environ)
        if not again.returncode:
            return again.stdout
        raise EnvironmentUnfit(
            f"building {given} needs packages that pip cannot get here; connect to a "
            "package index, or install the build requirements and pass a folder or an "
            f"sdist.  From the build:\n{_end(done.stdout)}"
        )
    if done.returncode:
        raise _failure(given, done.stdout, environ)
    return done.stdout


def _run(
    run: Callable[..., subprocess.CompletedProcess[str]],
    command: list[str],
    environ: Mapping[str, str],
) -> subprocess.CompletedProcess[str]:
    try:
        return run(
            command,
            env={**os.environ, **environ},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=BUILD_S,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        raise EnvironmentUnfit(
            f"the build did not end within {BUILD_S:.0f} s ({late}); build it in a "
            "shell to see what it waits for"
        ) from None


def _failure(given: str, log: str, environ: Mapping[str, str]) -> EnvironmentUnfit:
    compiler = environ.get("CC", "the compiler").split()[0]
    name = Path(compiler).name
    missing = [
        line
        for line in log.splitlines()
        if name in line and any(word in line for word in _NO_COMPILER)
    ]
    if missing and shutil.which(compiler) is None:
        return EnvironmentUnfit(
            f"building {given} needs the compiler {compiler}, which is not there "
            f"({missing[0].strip()}); install it, or set CC to another one"
        )
    return EnvironmentUnfit(
        f"building {given} failed; build it with the same environment "
        f"({_listed(environ)}) in a shell.  From the build:\n{_end(log)}"
    )


def _listed(environ: Mapping[str, str]) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in environ.items()) or "as is"


def _end(log: str) -> str:
    lines = [line.rstrip() for line in log.splitlines() if line.strip()]
    errors = [i for i, line in enumerate(lines) if _ERROR.search(line)]
    start = max(0, errors[0] - 1) if errors else max(0, len(lines) - LINES)
    return "\n".join(f"  {line[:200]}" for line in lines[start : start + LINES])


def _unpack(wheel: Path, into: Path) -> tuple[str, ...]:
    """Unpack a wheel as an installer does, without scripts; return its extensions."""
    found = []
    with zipfile.ZipFile(wheel) as packed:
        for entry in packed.infolist():
            parts = Path(entry.filename).parts
            if entry.is_dir():
                continue
            if parts[0].endswith(".data"):
                if len(parts) < 3 or parts[1] not in ("platlib", "purelib"):
                    continue
                parts = parts[2:]
            target = into.joinpath(*parts)
            if not target.resolve().is_relative_to(into.resolve()):
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(packed.read(entry))
            if target.name.endswith(_SUFFIXES):
                found.append(target.relative_to(into).as_posix())
    return tuple(sorted(found))

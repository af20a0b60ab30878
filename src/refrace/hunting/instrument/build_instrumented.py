"""Build an extension in which each memory access is a scheduling point."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
import tempfile
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Literal

from refrace._base.arguments import a_kind, check_choice
from refrace._base.safe_repr import shown
from refrace.errors import EnvironmentUnfit, InvalidArgument, InvalidArgumentType
from refrace.hunting.builds.build import build
from refrace.hunting.instrument import cc
from refrace.hunting.schedules.runtime import has_hooks

__all__ = ["InstrumentedBuild", "build_instrumented"]

Compiler = Literal["gcc", "clang"]
COMPILERS: dict[str, str] = {"gcc": "g++", "clang": "clang++"}

SOURCES = "sources"
"""The folder with copies of the compiled files, for traces."""


@dataclass(frozen=True, slots=True)
class InstrumentedBuild:
    """A package whose extension modules have hooks at their memory accesses.

    Attributes
    ----------
    folder : str
        The folder that a hunt puts in front of `sys.path`.
    extensions : tuple of str
        The modules with hooks, relative to the folder; one or more.
    plain : tuple of str
        Modules without hooks: they were not compiled by the named compiler.
    compiler : str
        ``"gcc"`` or ``"clang"``.
    """

    folder: str
    extensions: tuple[str, ...]
    plain: tuple[str, ...]
    compiler: str


def build_instrumented(
    source: str | PathLike[str],
    into: str | PathLike[str] | None = None,
    *,
    compiler: Compiler = "gcc",
) -> InstrumentedBuild:
    """Build a package so that ``refrace.hunt`` can choose its schedules.

    The package's own build system does the work, with a compiler that adds
    ``-fsanitize=thread`` to compile steps; nothing is linked to a sanitizer's runtime.

    Parameters
    ----------
    source : path or str
        A folder with ``pyproject.toml`` or ``setup.py``, an sdist, or a requirement
        such as ``"lru-dict==1.4.1"``, whose sdist pip gets.
    into : path, optional
        The folder for the result; created if needed, and must be empty.  Default: a
        new temporary folder, which stays unless the build fails: a hunt and the
        replays of its findings load the extension from there.
    compiler : {"gcc", "clang"}
        The compiler to use.  Default: ``"gcc"``.

    Returns
    -------
    InstrumentedBuild
        Pass it, or its `folder`, as `build` to ``refrace.hunt``.

    Raises
    ------
    InvalidArgumentType, InvalidArgument
        If `source` is none of these, or `into` is not empty.
    EnvironmentUnfit
        If pip or the compiler is missing, the network is needed and not there, the
        build fails, or no module with hooks comes out of it.

    Notes
    -----
    Linux on x86-64.  Rust and other compilers add no hooks.  An instrumented module
    can only be imported in a process of a hunt.
    """
    check_choice("compiler", compiler, tuple(COMPILERS))
    if into is not None:
        _check_empty(into)
    if shutil.which(compiler) is None:
        raise EnvironmentUnfit(
            f"compiler={compiler!r} is not installed; install it, or pass the other of "
            "'gcc' and 'clang'"
        )
    if into is not None:
        return _build(source, Path(os.fspath(into)).absolute(), compiler)
    folder = Path(tempfile.mkdtemp(prefix="refrace-instrumented-"))
    try:
        return _build(source, folder, compiler)
    except BaseException:  # an interrupt too: nobody knows the folder
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _build(
    source: str | PathLike[str], folder: Path, compiler: Compiler
) -> InstrumentedBuild:
    # By its path: an isolated build environment has no refrace.
    wrapper = shlex.join([sys.executable, "-I", str(Path(cc.__file__))])
    built = build(
        source,
        folder,
        {
            "CC": f"{wrapper} {compiler}",
            "CXX": f"{wrapper} {COMPILERS[compiler]}",
            "LDSHARED": f"{compiler} -shared",
            cc.KEEP: str(folder / SOURCES),
        },
    )
    with_hooks = [has_hooks(str(folder / name)) for name in built.extensions]
    hooked = tuple(
        name for name, has in zip(built.extensions, with_hooks, strict=True) if has
    )
    if not hooked:
        raise EnvironmentUnfit(
            f"building {shown(source)} made {len(built.extensions)} modules, "
            f"none of them compiled by {compiler}: the build system ignores CC and "
            "CXX, or the extension is not written in C, C++ or Cython"
        )
    plain = tuple(name for name in built.extensions if name not in hooked)
    return InstrumentedBuild(str(folder), hooked, plain, compiler)


def _check_empty(into: str | PathLike[str]) -> None:
    if not isinstance(into, str | PathLike):
        raise InvalidArgumentType(
            f"into={shown(into)} is {a_kind(into)}; pass a folder, or None"
        )
    folder = Path(os.fspath(into)).absolute()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InvalidArgument(
            f"into={str(folder)!r} is not an empty folder; pass the name of a new one"
        )

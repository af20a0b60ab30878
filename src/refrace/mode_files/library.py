"""Compiles a mode into a library, once for its content."""

from __future__ import annotations

import atexit
import functools
import os
import re
import shutil
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from refrace.mode_files.compiler import compile_object, compiler, link
from refrace.mode_files.headers import HALVES, digest_of_headers, include_dir
from refrace.mode_files.mode_text import ModeText
from refrace.mode_files.object_check import FLAGS, check_object

__all__ = [
    "DAYS_KEPT",
    "EXTENSIONS",
    "TRIED",
    "cache_folder",
    "forget_old",
    "library_of",
]

EXTENSIONS = ("objects", "explorer", "program_race")
"""The extension modules that load the library, each a copy of its own."""
DAYS_KEPT = 60
TRIED = "tried"
"""A file in the folder of a library that has been tried out."""

_COMMON = (
    "-std=c11",
    "-fvisibility=hidden",
    "-fno-stack-protector",
    "-DRC_LOADED",
    "-Werror=implicit-function-declaration",
    "-Werror=incompatible-pointer-types",
    "-Werror=int-conversion",
)
# As the core is built (setup.py), so that races measure the same.
_BUILDS = {
    "native": ("-O3", "-fPIC", "-DRC_NATIVE"),
    "rounds": ("-O3", "-fPIC", "-DRC_NATIVE", "-DRR_FINDS_ANEW"),
    "widened": ("-O3", "-fPIC", "-DRC_WIDENED"),
    "model": ("-O3", "-fPIC", "-DRC_MODEL"),
}


def cache_folder() -> Path:
    """Return the user's folder for libraries, or a temporary one if it is read-only."""
    import platformdirs

    folder = platformdirs.user_cache_path("refrace") / "modes"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        return _temporary_folder()


@functools.cache
def _temporary_folder() -> Path:
    """Return a folder that is removed when this process ends."""
    folder = tempfile.mkdtemp(prefix="refrace-modes-")
    process = os.getpid()

    def remove() -> None:
        if os.getpid() == process:  # a forked child does not own it
            shutil.rmtree(folder, ignore_errors=True)

    atexit.register(remove)
    return Path(folder)


def forget_old(cache: Path) -> None:
    """Remove the libraries of a cache that nobody has used for `DAYS_KEPT` days."""
    oldest = time.time() - DAYS_KEPT * 86_400
    for folder in cache.iterdir():
        # Another process may remove the same ones.
        with suppress(OSError):
            if folder.stat().st_mtime < oldest:
                shutil.rmtree(folder)


def library_of(mode: ModeText, cache: Path | None = None) -> Path:
    """Return the folder with the library of a mode, a copy for each of `EXTENSIONS`.

    It is in `cache`; default: :func:`cache_folder`.

    Raises
    ------
    InvalidModeFile
        If the file does not compile, or its code breaks the contract.
    EnvironmentUnfit
        If there is no compiler.
    """
    key = sha256(
        "\0".join(
            (mode.text, mode.file, digest_of_headers(), *compiler(), repr(_BUILDS))
        ).encode()
    ).hexdigest()[:32]
    cache = cache or cache_folder()
    folder = cache / f"{mode.id}-{key}"
    if folder.is_dir():
        with suppress(OSError):
            os.utime(folder)
        return folder
    forget_old(cache)
    made = Path(tempfile.mkdtemp(dir=cache))
    try:
        _build(mode, made)
        # If another process was quicker, its library is the same.
        with suppress(OSError):
            made.rename(folder)
        return folder
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _build(mode: ModeText, folder: Path) -> None:
    headers = include_dir()
    common = [
        *_COMMON,
        f"-I{headers}",
        f"-fmacro-prefix-map={headers}=cext",
    ]
    # Traces have this name; the compiler gets no other part of the path.
    name = Path(mode.file).name
    source = name if re.fullmatch(r"\w[\w.-]*\.c", name) else f"{mode.id}.c"
    (folder / source).write_text(mode.text)
    compile_object(source, "check.o", [*common, *FLAGS], folder, mode.file)
    check_object(folder / "check.o", mode)

    halves = [str(headers / half) for half in HALVES]
    named = f"-DRR_MODE_ID={mode.id}"
    jobs = {
        **{build: (source, flags) for build, flags in _BUILDS.items()},
        "connect_native": (halves[0], (*_BUILDS["native"], named)),
        "connect_model": (halves[1], (*_BUILDS["model"], named)),
    }

    def compile_one(job: str) -> str:
        text, flags = jobs[job]
        compile_object(text, f"{job}.o", [*common, *flags], folder, mode.file)
        return f"{job}.o"

    with ThreadPoolExecutor(len(jobs)) as pool:
        objects = list(pool.map(compile_one, jobs))
    first, *others = (f"{extension}.so" for extension in EXTENSIONS)
    link(objects, first, folder)
    for library in others:
        shutil.copyfile(folder / first, folder / library)
    for left_over in [source, "check.o", *objects]:
        (folder / left_over).unlink()

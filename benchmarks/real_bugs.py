"""Hunts for known bugs in released packages, and in the releases that fixed them.

    python benchmarks/real_bugs.py [--only ID ...] [--hunts N] [--seconds S]
        [--seed N] [--jobs J]

For each bug: how many hunts in the buggy version find it, how soon, and how many hunts
in the fixed version report anything.  Next to it: pytest-run-parallel on tests of the
same functions.  Installs refrace and the packages with pip, for each interpreter that
is needed, into a cache outside of this tree (--cache).  Times depend on the load of the
machine.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import statistics
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from refrace.display.blocks import Paragraph, Table
from refrace.display.text import render_text

ROOT = Path(__file__).parents[1]
SUBJECTS = ROOT / "benchmarks" / "real_bug_subjects"
CACHE = Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser() / "refrace"


@dataclass(frozen=True)
class Bug:
    """A bug of a released version, the version that fixed it, and what to hunt."""

    id: str
    package: str
    buggy: str
    fixed: str
    python: str
    what: str
    reference: str
    subject: tuple[str, ...]
    kinds: tuple[str, ...]
    module: str  # the extension that must have been loaded
    test: str


_WRAPT = "https://github.com/GrahamDumpleton/wrapt/issues/"
_RAPIDJSON = "https://github.com/python-rapidjson/python-rapidjson/"
_ZOPE = "https://github.com/zopefoundation/zope.interface/"
_FREED = ("use-after-free", "over-decref", "crash")
# The same error path also returns a result with an exception set.
_BROKEN = ("crash", "wrong-answer")
# What is set in the meantime, by the finaliser, leaks.
_RELEASED = (*_FREED, "leak", "never-freed", "block-leak")
# Two lookups make a cache at the same time, and one of the caches is lost.
_REPLACED = (*_FREED, "block-leak")

BUGS = [
    Bug(
        *("07", "wrapt", "2.1.2", "2.2.0", "3.12", "leak of builtins.round"),
        *(_WRAPT + "322", ("subjects_wrapt", "Proxy"), ("leak",)),
        *("wrapt._wrappers", "test_wrapt.py::test_round"),
    ),
    Bug(
        *("08", "wrapt", "2.1.2", "2.2.0", "3.12", "finaliser reads the dying value"),
        *(_WRAPT + "328", ("subjects_wrapt", "Wrapped"), _RELEASED),
        *("wrapt._wrappers", "test_wrapt.py::test_wrapped"),
    ),
    Bug(
        *("09", "wrapt", "2.1.2", "2.2.0", "3.12", "decref of NULL on an error path"),
        *(_WRAPT + "319", ("subjects_wrapt", "InPlace"), _BROKEN),
        *("wrapt._wrappers", "test_wrapt.py::test_operators"),
    ),
    Bug(
        *(
            "14",
            "python-rapidjson",
            "1.23",
            "1.24",
            "3.12",
            "default() changes list",
        ),
        *(_RAPIDJSON + "issues/238", ("subjects_rapidjson", "Dumps"), _FREED),
        *("rapidjson", "test_rapidjson.py::test_dumps"),
    ),
    Bug(
        *("15", "python-rapidjson", "1.23", "1.24", "3.12", "leak of self on an error"),
        *(_RAPIDJSON + "pull/239", ("subjects_rapidjson", "raw_json"), ("block-leak",)),
        *("rapidjson", "test_rapidjson.py::test_raw_json"),
    ),
    Bug(
        *("19", "xxhash", "3.6.0", "4.0.0", "3.12", "state updated without the GIL"),
        "https://github.com/ifduyue/python-xxhash/commit/945da72",
        *(("subjects_xxhash", "Hasher"), ("wrong-answer", "crash")),
        *("xxhash._xxhash", "test_xxhash.py"),
    ),
    Bug(
        *("20", "zope.interface", "8.2", "8.3", "3.12", "cache freed during a lookup"),
        *(_ZOPE + "commit/5696d9a", ("subjects_zope", "Table"), _FREED),
        *("zope.interface._zope_interface_coptimizations", "test_zope.py"),
    ),
    Bug(
        *("25", "wrapt", "2.1.2", "2.2.0", "3.12", "endless recursion of pow()"),
        *(_WRAPT + "108", ("subjects_wrapt", "Operators"), ("crash",)),
        *("wrapt._wrappers", "test_wrapt.py::test_operators"),
    ),
    Bug(
        *("29", "zope.interface", "8.6", "8.7", "3.13t", "caches replaced in a lookup"),
        *(_ZOPE + "issues/380", ("subjects_zope", "Table"), _REPLACED),
        *("zope.interface._zope_interface_coptimizations", "test_zope.py"),
    ),
]


def run(*command: object, **settings: Any) -> subprocess.CompletedProcess[str]:
    """Run a command and capture what it prints."""
    return subprocess.run(
        list(map(str, command)), capture_output=True, text=True, check=False, **settings
    )


def checked(*command: object) -> None:
    """Run a command that must succeed."""
    done = run(*command)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{done.stdout}{done.stderr}")


def find_python(version: str) -> str:
    """Return the path of an interpreter of a version such as 3.12 or 3.13t."""
    describe = (
        "import sys, sysconfig; t = sysconfig.get_config_var('Py_GIL_DISABLED');"
        "print('%d.%d' % sys.version_info[:2] + 't' * bool(t))"
    )
    folders = [Path(folder) for folder in os.get_exec_path()]
    folders += sorted(Path("~/.pyenv/versions").expanduser().glob("*/bin"))
    folders += sorted(Path("/opt").glob("*/bin"))
    for folder in folders:
        for name in (f"python{version}", f"python{version.rstrip('t')}"):
            path = folder / name
            if path.exists() and run(path, "-c", describe).stdout.strip() == version:
                return str(path)
    sys.exit(f"no CPython {version} is on the PATH, in pyenv or in /opt")


def environment(cache: Path, version: str) -> Path:
    """Return the interpreter of a venv with refrace, as it is in this tree."""
    made_of = hashlib.sha256()
    for folder in ("src", "cext"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in {".py", ".pyx", ".pxd", ".pxi", ".c", ".h", ".def"}:
                made_of.update(path.read_bytes())
    folder = cache / version / made_of.hexdigest()[:12]
    python = folder / "bin" / "python"
    if not (folder / "done").exists():
        print(f"installing refrace for CPython {version}", file=sys.stderr)
        shutil.rmtree(folder, ignore_errors=True)
        checked(find_python(version), "-m", "venv", folder)
        pip = (python, "-m", "pip", "install", "--quiet")
        checked(*pip, "--prefer-binary", ROOT)
        checked(
            *(*pip, "--only-binary", ":all:", "hypothesis", "cloudpickle", "pytest"),
            "pytest-run-parallel",
        )
        (folder / "done").touch()
    return python


def installed(cache: Path, python: Path, bug: Bug, version: str) -> Path:
    """Return a folder with a package as it was released."""
    folder = cache / bug.python / f"{bug.package}-{version}"
    if not folder.exists():
        print(f"installing {folder.name}", file=sys.stderr)
        new = folder.with_name(f"{folder.name}.new")
        shutil.rmtree(new, ignore_errors=True)
        checked(
            *(python, "-m", "pip", "install", "--quiet", "--target", new),
            f"{bug.package}=={version}",
        )
        new.rename(folder)
    # pip may have taken a package without its extension.
    script = f"import {bug.module} as it; print(it.__file__)"
    loaded = run(python, "-c", script, env=paths(folder)).stdout.strip()
    if not loaded.startswith(str(folder)) or not loaded.endswith(".so"):
        sys.exit(f"{bug.package} {version} did not load its extension: {loaded!r}")
    return folder


def paths(folder: Path) -> dict[str, str]:
    """Return an environment in which a package and the subjects can be imported."""
    path = os.pathsep.join([str(folder), str(SUBJECTS)])
    return {**os.environ, "PYTHONPATH": path}


def hunt(python: Path, folder: Path, bug: Bug, seconds: float, seed: int) -> Any:
    """Return the result of a hunt as timed_hunt.py prints it."""
    done = run(
        *(python, ROOT / "benchmarks" / "timed_hunt.py", seconds, seed, *bug.subject),
        env=paths(folder),
    )
    if done.returncode:
        sys.exit(f"the hunt for bug {bug.id} failed:\n{done.stdout}{done.stderr}")
    return json.loads(done.stdout)


def run_parallel(python: Path, folder: Path, bug: Bug, seconds: float) -> str:
    """Return whether pytest-run-parallel sees the bug in as much time."""
    options = ("-q", "-p", "no:cacheprovider", "--rootdir", SUBJECTS)
    try:
        done = run(
            *(python, "-m", "pytest", *options, "--parallel-threads", 4),
            *("--iterations", 1000, SUBJECTS / bug.test),
            env=paths(folder),
            timeout=seconds,
        )
    except subprocess.TimeoutExpired:
        return "no"
    return "no" if done.returncode == 0 else f"exit {done.returncode}"


def row(bug: Bug, options: argparse.Namespace) -> tuple[str, ...]:
    """Hunt one bug in both versions."""
    python = environment(options.cache, bug.python)
    folders = [
        installed(options.cache, python, bug, version)
        for version in (bug.buggy, bug.fixed)
    ]
    with ThreadPoolExecutor(options.jobs) as pool:
        results = [
            list(
                pool.map(
                    lambda seed, folder=folder: hunt(
                        python, folder, bug, options.seconds, seed
                    ),
                    range(options.seed, options.seed + options.hunts),
                )
            )
            for folder in folders
        ]
    buggy, fixed = results
    right = [one for one in buggy if set(one["kinds"]) & set(bug.kinds)]
    times = [one["first_s"] for one in right if one["first_s"] is not None]
    reported = [one for one in fixed if one["kinds"]]
    for one in reported:
        print(f"{bug.id} {bug.fixed}:", *one["messages"], sep="\n  ", file=sys.stderr)
    beside = run_parallel(python, folders[0], bug, options.seconds)
    seconds = f"{statistics.median(times):.1f} ({max(times):.1f})" if times else ""
    kinds = sorted({kind for one in right for kind in one["kinds"]})
    return (
        *(bug.id, f"{bug.package} {bug.buggy}", bug.python),
        *(f"{len(right)}/{len(buggy)}", seconds, ", ".join(kinds)),
        *(f"{len(reported)}/{len(fixed)}", beside),
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    ids = [bug.id for bug in BUGS]
    parser.add_argument("--only", nargs="+", choices=ids, default=ids, metavar="ID")
    parser.add_argument("--hunts", type=int, default=10, help="of each version")
    parser.add_argument("--seconds", type=float, default=30.0, help="of a hunt")
    parser.add_argument("--seed", type=int, default=0, help="of the first hunt")
    parser.add_argument("--jobs", type=int, default=1, help="hunts at a time")
    parser.add_argument("--cache", type=Path, default=CACHE / "real-bugs")
    options = parser.parse_args()
    header = ("", "package", "CPython", "found", "s", "as", "fixed", "run-parallel")
    rows = []
    for bug in BUGS:
        if bug.id in options.only:
            rows.append(row(bug, options))
            print(*rows[-1], sep=" | ", file=sys.stderr)
    note = (
        "found: hunts of the buggy version with a finding of a right kind; s: median "
        "(and longest) time to the first finding in seconds; fixed: hunts of the fixed "
        "version with any finding."
    )
    print(render_text([Table(header, rows, align="<<<><<><"), Paragraph(note)]))


if __name__ == "__main__":
    main()

"""Build the extensions of sources/ with hooks, in a wrong and in a correct form."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from refrace.hunting.instrument import cc

SOURCES = Path(__file__).parent / "sources"
CACHE = Path(__file__).parents[3] / "build" / "schedules"

# Most of what Cython writes is never called: -O3 takes twice as long for it as -O1.
SETUP = """
import sys
from Cython.Build import cythonize
from setuptools import Extension, setup

macros = [("BUG", None)] if sys.argv.pop(1) == "wrong" else []
kinds = {"races": "c", "shared": "cpp", "counter": "pyx", "hostile": "pyx",
         "views": "pyx"}
flags = {"pyx": ["-O1"], "cpp": ["-std=c++20"]}
setup(name="twins", packages=[], py_modules=[], ext_modules=cythonize([
    Extension(name, [f"{name}.{kind}"], define_macros=macros,
              extra_compile_args=flags.get(kind, []))
    for name, kind in kinds.items()
], quiet=True))
"""


def build(form, compiler="gcc", flags=None):
    """Return the folder with the extensions of a form, "wrong" or "correct".

    With flags it is only ``races``, compiled with them; pass "" for none of its own.
    """
    added = (cc.ADDED, cc.ADDED_FOR_CLANG)
    made_of = hashlib.sha256(
        f"{SETUP}{sys.version}{added}{compiler}{form}{flags}".encode()
    )
    for path in sorted(SOURCES.iterdir()):
        made_of.update(path.read_bytes())
    soabi = sysconfig.get_config_var("SOABI")
    folder = CACHE / f"{soabi}-{form}-{made_of.hexdigest()[:16]}"
    done = folder / "done"
    CACHE.mkdir(parents=True, exist_ok=True)
    with open(folder.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(SOURCES, folder / "src")
            if flags is None:
                _build_all(folder, form, compiler)
            else:
                _build_races(folder, form, compiler, flags)
            done.touch()
    return folder


def _build_all(folder, form, compiler):
    (folder / "src" / "setup.py").write_text(SETUP)
    wrapper = f"{sys.executable} -m refrace.hunting.instrument.cc"
    cxx = {"gcc": "g++", "clang": "clang++"}[compiler]
    subprocess.run(
        [sys.executable, "setup.py", form, "-q", "build_ext", "-b", ".."],
        cwd=folder / "src",
        env={**os.environ, "CC": f"{wrapper} {compiler}", "CXX": f"{wrapper} {cxx}"},
        check=True,
    )


def _build_races(folder, form, compiler, flags):
    made = f"races{sysconfig.get_config_var('EXT_SUFFIX')}"
    options = ["-O2", "-fPIC", f"-I{sysconfig.get_path('include')}", *flags.split()]
    if form == "wrong":
        options.append("-DBUG")
    wrapper = [sys.executable, "-m", "refrace.hunting.instrument.cc", compiler]
    compiled = [*wrapper, *options, "-c", "src/races.c", "-o", "races.o"]
    subprocess.run(compiled, cwd=folder, check=True)
    linked = [*wrapper, "-shared", "races.o", "-o", made]
    subprocess.run(linked, cwd=folder, check=True)


def build_plainly(source, folder, *flags):
    """Compile a file of sources/, or another one, without hooks into a folder."""
    suffix = sysconfig.get_config_var("EXT_SUFFIX")
    include = sysconfig.get_path("include")
    made = Path(folder) / f"{Path(source).stem}{suffix}"
    command = ["gcc", "-shared", "-fPIC", "-O1", f"-I{include}", *flags]
    subprocess.run([*command, str(source), "-o", str(made)], check=True)
    return made

"""Build the extensions of sources/ with hooks, in a wrong and in a correct form."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from refrace.hunting.instrument.cc import ADDED

SOURCES = Path(__file__).parent / "sources"
CACHE = Path(__file__).parents[3] / "build" / "schedules"

SETUP = """
import sys
from Cython.Build import cythonize
from setuptools import Extension, setup

macros = [("BUG", None)] if sys.argv.pop(1) == "wrong" else []
kinds = {"races": "c", "shared": "cpp", "counter": "pyx", "hostile": "pyx",
         "views": "pyx"}
setup(name="twins", packages=[], py_modules=[], ext_modules=cythonize([
    Extension(name, [f"{name}.{kind}"], define_macros=macros)
    for name, kind in kinds.items()
], quiet=True))
"""


def build(form, compiler="gcc"):
    """Return the folder with the extensions of a form, "wrong" or "correct"."""
    made_of = hashlib.sha256(f"{SETUP}{sys.version}{ADDED}{compiler}{form}".encode())
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
            (folder / "src" / "setup.py").write_text(SETUP)
            cc = f"{sys.executable} -m refrace.hunting.instrument.cc"
            cxx = {"gcc": "g++", "clang": "clang++"}[compiler]
            subprocess.run(
                [sys.executable, "setup.py", form, "-q", "build_ext", "-b", ".."],
                cwd=folder / "src",
                env={**os.environ, "CC": f"{cc} {compiler}", "CXX": f"{cc} {cxx}"},
                check=True,
            )
            done.touch()
    return folder


def build_plainly(source, folder, *flags):
    """Compile a file of sources/, or another one, without hooks into a folder."""
    suffix = sysconfig.get_config_var("EXT_SUFFIX")
    include = sysconfig.get_path("include")
    made = Path(folder) / f"{Path(source).stem}{suffix}"
    command = ["gcc", "-shared", "-fPIC", "-O1", f"-I{include}", *flags]
    subprocess.run([*command, str(source), "-o", str(made)], check=True)
    return made

"""Build extensions of sources/ as `buggy.NAME`, with the bug, and `fixed.NAME`.

The modules stay in build/extensions/, in a folder that the sources and the interpreter
name, so that later sessions find them.
"""

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
CACHE = Path(__file__).parents[2] / "build" / "extensions"
NAMES = sorted(path.stem for path in SOURCES.iterdir() if path.suffix in {".c", ".pyx"})

# Run in a copy of sources/.  Cython translates once: the macro BUG is for the compiler.
# Each twin has a source file of its own, since the names of object files follow them.
SETUP = """
from pathlib import Path
from Cython.Build import cythonize
from setuptools import Extension, setup

cythonize([str(path) for path in Path().glob("*.pyx")], quiet=True)
extensions = []
for source in sorted(Path().glob("*.c")):
    for twin in ("buggy", "fixed"):
        copy = Path(twin, source.name)
        copy.parent.mkdir(exist_ok=True)
        copy.write_bytes(source.read_bytes())
        extension = Extension(
            f"{twin}.{source.stem}",
            [str(copy)],
            include_dirs=["."],
            define_macros=[("BUG", None)] * (twin == "buggy"),
            extra_compile_args=["-std=c11", "-O1", "-g", "-Wall", "-Wextra"],
        )
        extensions.append(extension)
setup(name="twins", ext_modules=extensions, packages=[], py_modules=[])
"""


def sources_of(names):
    """Return the sources of some extensions, with all headers."""
    return [
        path
        for path in sorted(SOURCES.iterdir())
        if path.stem in names or path.suffix in {".h", ".pxi"}
    ]


def key(names, instrumented):
    """What the modules depend on, as a name of a folder."""
    compiler = " ".join(ADDED) if instrumented else ""
    made_of = hashlib.sha256((SETUP + sys.version + compiler).encode())
    for path in sources_of(names):
        made_of.update(path.name.encode() + path.read_bytes())
    return f"{sysconfig.get_config_var('SOABI')}-{made_of.hexdigest()[:16]}"


def build(names=NAMES, instrumented=False):
    """Return the folder with the packages `buggy` and `fixed`; build them if needed.

    With `instrumented`, each of their memory accesses is a scheduling point.
    """
    folder = CACHE / key(names, instrumented)
    compiler = f"{sys.executable} -m refrace.hunting.instrument.cc gcc"
    environ = {**os.environ, "CC": compiler} if instrumented else os.environ
    done = folder / "done"
    CACHE.mkdir(parents=True, exist_ok=True)
    # Other workers wait here, and then find everything.
    with open(folder.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            (folder / "src").mkdir(parents=True)
            for path in sources_of(names):
                shutil.copy(path, folder / "src")
            (folder / "src" / "setup.py").write_text(SETUP)
            command = ["setup.py", "--quiet", "build_ext", "--build-lib", ".."]
            subprocess.run(
                [sys.executable, *command, "--parallel", str(os.cpu_count() or 1)],
                cwd=folder / "src",
                check=True,
                env=environ,
            )
            done.touch()
    return folder


if __name__ == "__main__":
    print(build())

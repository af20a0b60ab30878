"""The C core and the extension modules; everything else is in pyproject.toml.

The core is compiled once, into a static library.  The linker takes from it what an
extension module refers to, so each module has its own copy of its part of the core.
C files of cext/library belong to modes that are loaded, and are compiled with these.
C files of cext/cpython include Python.h and are no part of the core: NAME.c, NAME_*.c
and NAME/*.c there belong to the module of NAME.pyx.
A new C file, folder or .pyx file needs no line here.

Environment: REFRACE_SANITIZE = "address,undefined" or "thread" builds with gcc's or
clang's sanitizers; REFRACE_WERROR = 1 turns warnings of the C core into errors;
CFLAGS = "-g", "-g3" or another one of these keeps debug information, symbols and unwind
tables, which are left out otherwise.
"""

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from glob import glob
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_clib import build_clib
from setuptools.command.build_ext import build_ext
from setuptools.command.build_py import build_py

# The list of the modes, from their files; written first, since HEADERS includes it.
GENERATED = "build/generated"
subprocess.run(["cext/modes/list-modes", GENERATED], check=True)

SANITIZE = os.environ.get("REFRACE_SANITIZE", "")
# As for a compiler, the last one of -g, -g3, -ggdb ... decides.
DEBUG = [f for f in os.environ.get("CFLAGS", "").split() if f.startswith("-g")][-1:]
JOBS = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2

WARNINGS = ["-Wall", "-Wextra"]
if os.environ.get("REFRACE_WERROR"):
    WARNINGS.append("-Werror")

# A module takes whole units from the core.  With a section for each function, the
# linker leaves out those that the module never calls.
SECTIONS = ["-ffunction-sections", "-fdata-sections"]
COMPILE = ["-std=c11", "-fvisibility=hidden", *SECTIONS, *WARNINGS]
# The core does the work, and the C files of a module a part of it.  Cython's output
# converts arguments and results: with -O3 gcc needs three times as long for it as with
# -O1, for 2% of the time of a call.  -Os makes it a fifth smaller than -O1, and takes a
# tenth to a third longer; modules that convert much, in small calls, have -O1.
OPTIMISE_CORE, OPTIMISE_MODULE, OPTIMISE_CYTHON = ["-O3"], ["-O1"], ["-Os"]
CONVERT_MUCH = {"explorer", "objects"}
# Threads wait in widened gaps on purpose, so only the size of this code counts.
OPTIMISE_ONE = {"cext/modes/build_widened.c": ["-Os"]}
LINK = ["-pthread", "-Wl,--gc-sections"]
if SANITIZE:
    COMPILE += ["-g", "-fno-omit-frame-pointer", f"-fsanitize={SANITIZE}"]
    OPTIMISE_CORE = OPTIMISE_MODULE = OPTIMISE_CYTHON = ["-O1"]
    OPTIMISE_ONE = {}
    LINK += [f"-fsanitize={SANITIZE}"]
elif DEBUG in ([], ["-g0"]):
    # Python's own flags include -g, which triples the size of the modules.
    COMPILE.append("-g0")
    # The core calls nothing of Python's, so no thread is unwound through it.
    OPTIMISE_CORE.append("-fno-asynchronous-unwind-tables")
    if sys.platform == "linux":
        LINK.append("-Wl,--strip-all")


def is_mode(path):
    """Return whether a C file is a mode's algorithm, which the backends include."""
    return re.search(r"^RR_MODE_TABLE", Path(path).read_text(), re.MULTILINE)


C_FILES = [
    path
    for path in sorted(glob("cext/**/*.c", recursive=True))
    if not path.startswith(("cext/tests/", "cext/library/"))
]
MODES = [path for path in C_FILES if is_mode(path)]
WITH_PYTHON = [
    path for path in C_FILES if path.startswith(os.path.join("cext", "cpython", ""))
]
CORE = [path for path in C_FILES if path not in {*MODES, *WITH_PYTHON}]
INCLUDE_DIRS = ["cext", GENERATED]
DIRECTIVES = {
    "language_level": "3str",
    "freethreading_compatible": True,
    "embedsignature": True,
    "embedsignature.format": "clinic",
    # No object of a module is pickled, and no function becomes a method of a Python
    # class.  The code for both is a sixth of a module, and of the time to compile it.
    "auto_pickle": False,
    "binding": False,
}
HEADERS = [
    path
    for folder in INCLUDE_DIRS
    for suffix in ("h", "def")
    for path in sorted(glob(f"{folder}/**/*.{suffix}", recursive=True))
]
DECLARATIONS = sorted(glob("src/refrace/**/*.px[di]", recursive=True))
# Folders whose files are compiled together, because the start of a compiler takes half
# of the time of a small file.  `make -C cext` compiles each file on its own.
UNITS = ("arena", "cpython", "explore", "machine", "program", "race", "schedule")


def in_units(sources, folder):
    """Write a file for each of `UNITS` that includes its sources; return all files.

    A file that defines a macro before its includes stays on its own.
    """
    units, alone = {}, []
    for path in sources:
        name = Path(path).parent.name
        before_includes = Path(path).read_text().partition("#include")[0]
        if name in UNITS and "#define" not in before_includes:
            units.setdefault(name, []).append(path)
        else:
            alone.append(path)
    folder.mkdir(parents=True, exist_ok=True)
    for name, paths in units.items():
        included = [Path(path).relative_to("cext").as_posix() for path in paths]
        unit = folder / f"{name}.c"
        unit.write_text("".join(f'#include "{path}"\n' for path in included))
        alone.append(str(unit))
    return alone


def included(paths):
    """Return what C files include from cext, directly or not, and the files."""
    found, waiting = set(), list(paths)
    while waiting:
        path = waiting.pop()
        # The list of modes is generated, and only the core has it.
        if path in found or not Path(path).exists():
            continue
        found.add(path)
        names = re.findall(r'^#include "(.+)"', Path(path).read_text(), re.MULTILINE)
        waiting += [f"cext/{name}" for name in names]
    return sorted(found)


class BuildPython(build_py):
    """Copy what a mode of the user's own is compiled with, and modes to start from."""

    def run(self):
        """Copy the package, and these C files to refrace/include."""
        super().run()
        if self.editable_mode:
            return  # they are used where they are
        for path in included([*glob("cext/library/*.c"), *MODES]):
            to = Path(self.build_lib, "refrace", "include", *Path(path).parts[1:])
            to.parent.mkdir(parents=True, exist_ok=True)
            self.copy_file(path, str(to))


class BuildCore(build_clib):
    """Build the static library anew, with one compiler a processor."""

    def build_libraries(self, libraries):
        """Compile and archive what is in `libraries`, as setuptools passes it."""
        units = Path(self.build_temp, "units")
        libraries = [
            (name, {**library, "sources": in_units(library["sources"], units)})
            for name, library in libraries
        ]
        # ar would keep the objects of sources that are gone.
        for name, _ in libraries:
            archive = self.compiler.library_filename(name, output_dir=self.build_clib)
            Path(archive).unlink(missing_ok=True)
        compile_some = self.compiler.compile

        def compile_one(source, extra_postargs=(), **settings):
            flags = [*extra_postargs, *OPTIMISE_ONE.get(source, [])]
            return compile_some([source], extra_postargs=flags, **settings)

        def compile_all(sources, **settings):
            with ThreadPoolExecutor(JOBS) as pool:
                objects = pool.map(lambda one: compile_one(one, **settings), sources)
                return [path for paths in objects for path in paths]

        self.compiler.compile = compile_all
        super().build_libraries(libraries)


class BuildModules(build_ext):
    """Build the core before the modules, even if only the modules are asked for."""

    def run(self):
        """Translate the modules to C, and build both."""
        # Here, because a front end runs this file several times and builds only once.
        from Cython.Build import cythonize

        # Cython itself looks only at what a module includes.
        written = glob("build/cython/**/*.c", recursive=True)
        changed = os.path.getmtime(__file__)
        translated = cythonize(
            self.extensions,
            build_dir="build/cython",
            include_path=["src"],
            compiler_directives=DIRECTIVES,
            force=any(os.path.getmtime(path) < changed for path in written),
            nthreads=JOBS,
        )
        for extension, one in zip(self.extensions, translated, strict=True):
            extension.sources = one.sources
        self.run_command("build_clib")
        super().run()

    def build_extension(self, ext):
        """Compile the C files of a module with other flags than Cython's output."""
        written = [path for path in ext.sources if path in WITH_PYTHON]
        ext.sources = [path for path in ext.sources if path not in WITH_PYTHON]
        folder = Path(self.build_temp, "units", ext.name.rpartition(".")[2])
        ext.extra_objects = self.compiler.compile(
            in_units(written, folder),
            output_dir=self.build_temp,
            include_dirs=ext.include_dirs,
            # For once.c: what it calls may throw an exception of C++.
            extra_postargs=[*COMPILE, *OPTIMISE_MODULE, "-fexceptions"],
            depends=ext.depends,
        )
        super().build_extension(ext)


def module(path):
    """Return the extension module of one .pyx file."""
    name = Path(path).stem
    own = [
        one
        for one in WITH_PYTHON
        if re.fullmatch(rf"{name}(_.*)?", Path(Path(one).parts[2]).stem)
    ]
    return Extension(
        Path(path).relative_to("src").with_suffix("").as_posix().replace("/", "."),
        [path, *own],
        include_dirs=INCLUDE_DIRS,
        depends=[*CORE, *MODES, *WITH_PYTHON, *HEADERS, *DECLARATIONS],
        extra_compile_args=[
            *COMPILE,
            *(OPTIMISE_MODULE if name in CONVERT_MUCH else OPTIMISE_CYTHON),
        ],
        extra_link_args=LINK,
    )


# Cython's processes import this file where they are not forked.
if __name__ == "__main__":
    setup(
        libraries=[
            (
                "refrace_core",
                {
                    "sources": CORE,
                    "include_dirs": INCLUDE_DIRS,
                    "cflags": [*COMPILE, *OPTIMISE_CORE],
                    "obj_deps": {"": [*MODES, *HEADERS]},
                },
            )
        ],
        ext_modules=[
            module(path)
            for path in sorted(glob("src/refrace/**/*.pyx", recursive=True))
        ],
        cmdclass={
            "build_clib": BuildCore,
            "build_ext": BuildModules,
            "build_py": BuildPython,
        },
        options={"build_ext": {"parallel": JOBS}},
    )

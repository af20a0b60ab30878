"""The C core and the extension modules; everything else is in pyproject.toml.

The core is compiled once, into a static library.  The linker takes from it what an
extension module refers to, so each module has its own copy of its part of the core.
A new C file, folder or .pyx file needs no line here.

Environment: REFRACE_SANITIZE = "address,undefined" or "thread" builds with gcc's or
clang's sanitizers; REFRACE_WERROR = 1 turns warnings of the C core into errors;
CFLAGS = "-g" keeps the debug information, which is left out otherwise.
"""

import os
import re
from concurrent.futures import ThreadPoolExecutor
from glob import glob
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup
from setuptools.command.build_clib import build_clib
from setuptools.command.build_ext import build_ext

SANITIZE = os.environ.get("REFRACE_SANITIZE", "")
JOBS = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2

WARNINGS = ["-Wall", "-Wextra"]
if os.environ.get("REFRACE_WERROR"):
    WARNINGS.append("-Werror")

COMPILE = ["-std=c11", "-fvisibility=hidden", *WARNINGS]
# The core does the work; the modules only convert arguments and results, and Cython's
# output takes three times as long to compile with -O3, for 2% of the time of a call.
OPTIMISE_CORE, OPTIMISE_MODULE = ["-O3"], ["-O1"]
LINK = ["-pthread"]
if SANITIZE:
    COMPILE += ["-g", "-fno-omit-frame-pointer", f"-fsanitize={SANITIZE}"]
    OPTIMISE_CORE = OPTIMISE_MODULE = ["-O1"]
    LINK += [f"-fsanitize={SANITIZE}"]
elif "-g" not in os.environ.get("CFLAGS", "").split():
    # Python's own flags include -g, which triples the size of the modules.
    COMPILE.append("-g0")


def is_mode(path):
    """Return whether a C file is a mode's algorithm, which the backends include."""
    return re.search(r"^RR_MODE_TABLE", Path(path).read_text(), re.MULTILINE)


C_FILES = [
    path
    for path in sorted(glob("cext/**/*.c", recursive=True))
    if not path.startswith(os.path.join("cext", "tests", ""))
]
MODES = [path for path in C_FILES if is_mode(path)]
CORE = [path for path in C_FILES if path not in MODES]
HEADERS = [
    path
    for suffix in ("h", "def")
    for path in sorted(glob(f"cext/**/*.{suffix}", recursive=True))
]
DECLARATIONS = sorted(glob("src/refrace/**/*.px[di]", recursive=True))


class BuildCore(build_clib):
    """Build the static library anew, with one compiler a processor."""

    def build_libraries(self, libraries):
        """Compile and archive what is in `libraries`, as setuptools passes it."""
        # ar would keep the objects of sources that are gone.
        for name, _ in libraries:
            archive = self.compiler.library_filename(name, output_dir=self.build_clib)
            Path(archive).unlink(missing_ok=True)
        compile_some = self.compiler.compile

        def compile_all(sources, **settings):
            with ThreadPoolExecutor(JOBS) as pool:
                objects = pool.map(lambda one: compile_some([one], **settings), sources)
                return [path for paths in objects for path in paths]

        self.compiler.compile = compile_all
        super().build_libraries(libraries)


class BuildModules(build_ext):
    """Build the core before the modules, even if only the modules are asked for."""

    def run(self):
        """Build both."""
        self.run_command("build_clib")
        super().run()


def module(path):
    """Return the extension module of one .pyx file."""
    return Extension(
        Path(path).relative_to("src").with_suffix("").as_posix().replace("/", "."),
        [path],
        include_dirs=["cext"],
        depends=[*CORE, *MODES, *HEADERS, *DECLARATIONS],
        extra_compile_args=[*COMPILE, *OPTIMISE_MODULE],
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
                    "include_dirs": ["cext"],
                    "cflags": [*COMPILE, *OPTIMISE_CORE],
                    "obj_deps": {"": [*MODES, *HEADERS]},
                },
            )
        ],
        ext_modules=cythonize(
            [
                module(path)
                for path in sorted(glob("src/refrace/**/*.pyx", recursive=True))
            ],
            build_dir="build/cython",
            include_path=["src"],
            nthreads=JOBS,
        ),
        cmdclass={"build_clib": BuildCore, "build_ext": BuildModules},
        options={"build_ext": {"parallel": JOBS}},
    )

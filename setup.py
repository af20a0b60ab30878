"""The C extensions; everything else is in pyproject.toml.

Environment: REFRACE_SANITIZE = "address,undefined" or "thread" builds with gcc's or
clang's sanitizers; REFRACE_WERROR = 1 turns warnings of the C core into errors.
"""

import os
from glob import glob

from Cython.Build import cythonize
from setuptools import Extension, setup

SANITIZE = os.environ.get("REFRACE_SANITIZE", "")

WARNINGS = ["-Wall", "-Wextra"]
if os.environ.get("REFRACE_WERROR"):
    WARNINGS.append("-Werror")

COMPILE = ["-std=c11", "-O3", "-fvisibility=hidden", *WARNINGS]
LINK = ["-pthread"]
if SANITIZE:
    COMPILE += ["-O1", "-g", "-fno-omit-frame-pointer", f"-fsanitize={SANITIZE}"]
    LINK += [f"-fsanitize={SANITIZE}"]

HEADERS = sorted(glob("cext/**/*.h", recursive=True))
INCLUDED = sorted(glob("cext/**/*.def", recursive=True) + glob("cext/modes/*.c"))
DECLARATIONS = sorted(glob("src/refrace/_cext/*.pxd"))

BASE = sorted(glob("cext/base/*.c"))
NATIVE = [
    *BASE,
    "cext/modes/catalogue.c",
    "cext/modes/memory.c",
    "cext/modes/build_native.c",
    *sorted(glob("cext/arena/*.c")),
    *sorted(glob("cext/race/*.c")),
]
EXPLORER = [
    *BASE,
    "cext/modes/build_model.c",
    *sorted(glob("cext/program/*.c")),
    *sorted(glob("cext/explore/*.c")),
]
CONTEST = [
    *BASE,
    "cext/modes/build_native.c",
    "cext/modes/build_model.c",
    *sorted(glob("cext/arena/*.c")),
    "cext/race/overlap.c",
    *sorted(glob("cext/program/*.c")),
    *sorted(glob("cext/contest/*.c")),
]
LESSONS = [
    *BASE,
    *sorted(glob("cext/locks/*.c")),
    *sorted(glob("cext/append/*.c")),
]


def extension(name, sources):
    """One extension module of the package, from its .pyx and its part of the core."""
    return Extension(
        f"refrace.{name}",
        [f"src/refrace/{name.replace('.', '/')}.pyx", *sources],
        include_dirs=["cext"],
        depends=[*HEADERS, *INCLUDED, *DECLARATIONS],
        extra_compile_args=COMPILE,
        extra_link_args=LINK,
    )


setup(
    ext_modules=cythonize(
        [
            extension("_native.program_race", CONTEST),
            extension("_native.objects", NATIVE),
            extension("_native.explorer", EXPLORER),
            extension("_native.lessons", LESSONS),
            extension("_native.refcount", []),
            extension("_native.work", ["cext/work/count.c"]),
        ],
        build_dir="build/cython",
        include_path=["src"],
    )
)

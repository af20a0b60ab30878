"""The runtime itself under AddressSanitizer and UndefinedBehaviorSanitizer.

An extension with hooks has no sanitizer of its own, so only the runtime is built so.
"""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from hunting.schedules.building import build
from hunting.schedules.driving import SCENARIOS

import refrace

ROOT = Path(__file__).parents[3]
NATIVE = Path("refrace", "_native")
FLAGS = ["-shared", "-fPIC", "-g", "-O1", "-std=gnu11", "-fsanitize=address,undefined"]

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(
        sys.platform != "linux"
        or not sysconfig.get_platform().endswith("x86_64")
        or shutil.which("gcc") is None,
        reason="native schedules need gcc, and Linux on x86-64",
    ),
]


def library(name):
    command = ["gcc", f"-print-file-name={name}"]
    found = subprocess.run(command, capture_output=True, text=True, check=True)
    path = Path(found.stdout.strip())
    if not path.is_absolute():
        pytest.skip(f"gcc has no {name}")
    return str(path)


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    """A copy of the package in which the runtime has sanitizers."""
    copy = tmp_path_factory.mktemp("sanitized")
    package = Path(refrace.__file__).parent
    shutil.copytree(package, copy / "refrace", copy_function=os.symlink)
    made = copy / NATIVE / f"schedule{sysconfig.get_config_var('EXT_SUFFIX')}"
    made.unlink()
    source = copy / "schedule.c"
    pyx = ROOT / "src" / NATIVE / "schedule.pyx"
    cython = [sys.executable, "-m", "cython", "-3", "-I", str(ROOT / "src")]
    subprocess.run([*cython, str(pyx), "-o", str(source)], check=True)
    cext = ROOT / "cext"
    sources = [
        *(cext / "cpython" / "schedule").glob("*.c"),
        *(cext / "base").glob("*.c"),
    ]
    include = [f"-I{cext}", f"-I{sysconfig.get_path('include')}"]
    subprocess.run(
        ["gcc", *FLAGS, *include, str(source), *map(str, sources), "-o", str(made)],
        check=True,
    )
    return copy


@pytest.mark.parametrize("form", ["wrong", "correct"])
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_runtime_does_nothing_that_a_sanitizer_reports(package, scenario, form):
    options = {"compares": True, "replays": 3, "most": 300}
    asked = json.dumps([scenario, str(build(form)), options])
    driver = Path(__file__).with_name("driving.py")
    preload = f"{library('libasan.so')}:{library('libubsan.so')}"

    ran = subprocess.run(
        [sys.executable, str(driver), asked],
        capture_output=True,
        text=True,
        env={
            **os.environ,
            "LD_PRELOAD": preload,
            "ASAN_OPTIONS": "detect_leaks=0:handle_segv=0",
            "PYTHONMALLOC": "malloc",
            "PYTHONPATH": f"{package}:{ROOT / 'tests'}",
        },
    )

    assert "{" in ran.stdout, ran.stderr
    reports = [
        line
        for line in ran.stderr.splitlines()
        if "ERROR: AddressSanitizer" in line or "runtime error:" in line
    ]
    assert reports == []

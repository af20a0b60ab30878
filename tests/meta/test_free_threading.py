"""On a free-threaded interpreter, importing refrace leaves the GIL off."""

import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

import refrace

NATIVE = Path(refrace.__file__).parent / "_native"
EXTENSIONS = sorted(stub.stem for stub in NATIVE.glob("*.pyi"))


@pytest.mark.skipif(
    not sysconfig.get_config_var("Py_GIL_DISABLED"), reason="this build has a GIL"
)
@pytest.mark.parametrize("extension", EXTENSIONS)
def test_importing_an_extension_leaves_the_gil_off(extension):
    script = f"import sys, refrace._native.{extension}; print(sys._is_gil_enabled())"

    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        capture_output=True,
        text=True,
        check=True,
    )

    assert run.stdout.strip() == "False"

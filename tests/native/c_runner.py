"""The C tests, built once for all tests and workers that need them."""

import fcntl
import subprocess
import sysconfig
from pathlib import Path

CEXT = Path(__file__).parents[2] / "cext"
BUILD = CEXT.parent / "build" / "cext" / "pytest"


def build_runner():
    """Build the runner with the compiler that this Python was built for."""
    compiler = sysconfig.get_config_var("CC") or "cc"
    BUILD.mkdir(parents=True, exist_ok=True)
    # One worker builds; the others find what it built.
    with (BUILD / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        made = subprocess.run(
            [
                *("make", "-C", CEXT, "-j2", "runner", f"CC={compiler}"),
                # -O1 takes 15 s more to compile, and saves 5 s of the tests.
                *(f"BUILD={BUILD}", "OPTIMISE=-O0"),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
    assert made.returncode == 0, made.stdout + made.stderr
    return BUILD / "runner"

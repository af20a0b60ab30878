"""What a module imports is redirected whatever kind of slot its linker has given it."""

import json
import shutil
import subprocess
import sys
import sysconfig

import pytest
from hunting.schedules.building import build

pytestmark = pytest.mark.skipif(
    sys.platform != "linux"
    or not sysconfig.get_platform().endswith("x86_64")
    or shutil.which("gcc") is None
    or shutil.which("readelf") is None,
    reason="imports are redirected on Linux on x86-64; building needs gcc and binutils",
)

CALLED = "__tsan_func_entry"  # by all code with hooks
API = "PyLong_FromLong"

ADDS = """
import json, sys
from refrace.hunting.schedules import runtime

native = runtime.load()
sys.path.insert(0, sys.argv[1])
import races

it = races.Races()
hooks = runtime.open_process(2)
ran = native.run([it.add, it.count], logged=True)
calls = sorted({str(one.name) for one in native.log() if one.point == "call"})
print(json.dumps({"hooks": hooks, "points": ran.points, "calls": calls}))
"""


def slots(folder):
    """Return the kinds of relocation that imported functions have."""
    (module,) = folder.glob(f"races*{sysconfig.get_config_var('EXT_SUFFIX')}")
    listed = subprocess.run(
        ["readelf", "--relocs", "--wide", str(module)],
        capture_output=True,
        text=True,
        check=True,
    )
    lines = [line.split() for line in listed.stdout.splitlines()]
    return {
        line[4].partition("@")[0]: line[2]
        for line in lines
        if len(line) > 4 and line[2] in ("R_X86_64_JUMP_SLOT", "R_X86_64_GLOB_DAT")
    }


def adds(folder):
    command = [sys.executable, "-c", ADDS, str(folder)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def test_a_build_without_plt_has_the_same_points_as_one_with_it():
    with_plt = build("wrong", "gcc", "-fplt")
    without = build("wrong", "gcc", "-fno-plt")

    assert slots(with_plt)[CALLED] == "R_X86_64_JUMP_SLOT"
    assert slots(without)[CALLED] == "R_X86_64_GLOB_DAT"
    assert "R_X86_64_JUMP_SLOT" not in {
        slots(without)[name] for name in slots(without) if name.startswith("Py")
    }
    assert adds(with_plt) == adds(without)
    assert adds(without)["hooks"] > 0
    assert API in adds(without)["calls"]

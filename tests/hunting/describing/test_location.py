"""Where an instruction is: by symbol, and by line where the tool and the file know."""

import ctypes
import shutil
import subprocess

import pytest

from refrace.hunting.describing import location as module
from refrace.hunting.describing.location import Place, line_of, places_of

SOURCE = """\
int touched(int *value);
int touched(int *value) {
    return *value;
}
"""


@pytest.fixture
def library(tmp_path):
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("no C compiler")
    (tmp_path / "touch.c").write_text(SOURCE)
    file = tmp_path / "touch.so"
    subprocess.run(
        [compiler, "-g", "-O1", "-shared", "-fPIC", "-o", file, tmp_path / "touch.c"],
        check=True,
    )
    return ctypes.CDLL(str(file)), file


def address_of(function):
    return ctypes.cast(function, ctypes.c_void_p).value


def test_an_instruction_has_a_file_an_offset_and_a_symbol(library):
    loaded, file = library

    (place,) = places_of([address_of(loaded.touched)])

    assert place.file == str(file)
    assert place.symbol == "touched+0x0"
    assert 0 < place.offset < file.stat().st_size


@pytest.mark.skipif(shutil.which("addr2line") is None, reason="needs addr2line")
def test_with_debug_information_the_line_is_known(library, tmp_path):
    loaded, _ = library

    (place,) = places_of([address_of(loaded.touched)])

    assert line_of(place) in (
        f"touched at {tmp_path}/touch.c:2",
        f"touched at {tmp_path}/touch.c:3",
    )


@pytest.mark.skipif(shutil.which("addr2line") is None, reason="needs addr2line")
def test_the_line_of_a_file_that_was_built_again_is_the_new_one(library):
    loaded, file = library
    (place,) = places_of([address_of(loaded.touched)])
    before = line_of(place)

    source = file.with_suffix(".c")
    source.write_text("\n" * 7 + SOURCE)
    again = file.with_name("again.so")
    compiler = shutil.which("cc") or shutil.which("gcc")
    subprocess.run(
        [compiler, "-g", "-O1", "-shared", "-fPIC", "-o", again, source], check=True
    )
    again.replace(file)

    line = int(before.rpartition(":")[2])
    assert line_of(place) == f"touched at {source}:{line + 7}"


def test_without_the_tool_the_symbol_and_the_offset_are_shown(library, monkeypatch):
    loaded, _ = library
    monkeypatch.setattr(module.shutil, "which", lambda name: None)
    module._known_lines.cache_clear()

    (place,) = places_of([address_of(loaded.touched)])

    assert line_of(place) == f"touched+0x0 (touch.so+{place.offset:#x})"
    module._known_lines.cache_clear()


def test_an_address_outside_of_all_modules_is_shown_as_it_is():
    assert places_of([7]) == (Place("", 7),)
    assert line_of(Place("", 7)) == "0x7, outside of all modules"


def test_inlined_functions_are_listed_from_the_inside_out():
    lines = [
        "Py_INCREF",
        "/p/object.h:502",
        "push (inlined by)",
        "/p/stack.c:12 (discriminator 2)",
    ]

    assert module._told(lines) == (
        "Py_INCREF at /p/object.h:502, inlined into push (inlined by) at /p/stack.c:12"
    )
    assert module._told(["??", "??:0"]) == ""
    assert module._told(["f", "/p/f.c:?"]) == ""

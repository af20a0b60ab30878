"""The compiler that instruments: what it adds to a command, and what it leaves."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refrace.hunting.instrument import cc

WORDS = st.lists(
    st.sampled_from(["-O2", "x.c", "-o", "x.o", "-Ifoo", "-DX=1", "-fPIC", "-Wall"])
)


@given(WORDS, WORDS)
def test_a_compile_step_gets_the_flags_and_keeps_its_own(before, after):
    given_ = ["gcc", *before, "-c", *after]

    assert cc.command_of(given_) == [*given_, *cc.ADDED]


@given(WORDS)
def test_a_link_step_is_never_instrumented(words):
    command = cc.command_of(["gcc", "-shared", *words, "-Wl,-z,defs"])

    assert command == ["gcc", "-shared", *words]


@given(WORDS, st.sampled_from(["-fsanitize=address", "-fsanitize=thread"]))
def test_flags_of_other_sanitizers_are_dropped(words, flag):
    command = cc.command_of(["gcc", "-shared", flag, *words])

    assert not any(
        word.startswith("-fsanitize") for word in command if "-c" not in words
    )


def run(*arguments, **options):
    return subprocess.run(
        [sys.executable, "-I", cc.__file__, *arguments],
        capture_output=True,
        text=True,
        check=False,
        **options,
    )


def test_it_compiles_and_refers_to_the_hooks(tmp_path):
    source = tmp_path / "x.c"
    source.write_text("int n; void add(void) { n++; }\n")

    done = run("gcc", "-c", "x.c", "-o", "x.o", cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    assert b"__tsan_func_entry" in (tmp_path / "x.o").read_bytes()


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """The folder for copies of sources, in a build in the temporary folder."""
    monkeypatch.setenv(cc.KEEP, str(tmp_path / "kept"))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path / "kept"


def test_it_keeps_copies_of_sources_for_traces(tmp_path, kept):
    (tmp_path / "build" / "src").mkdir(parents=True)
    (tmp_path / "build" / "setup.py").touch()
    (tmp_path / "build" / "src" / "x.c").write_text("int n;\n")

    done = run("gcc", "-c", "src/x.c", "-o", "x.o", cwd=tmp_path / "build")

    assert done.returncode == 0, done.stderr
    assert (kept / "src" / "x.c").read_text() == "int n;\n"
    named = (tmp_path / "build" / "x.o").read_bytes()
    assert str(kept).encode() in named
    assert str(tmp_path / "build").encode() not in named


@pytest.mark.parametrize("absolute", [False, True], ids=["meson", "CMake"])
def test_it_keeps_sources_that_are_outside_of_the_folder_of_the_build(
    tmp_path, kept, absolute
):
    for folder in ("tree/src", "tree/build"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "tree" / "pyproject.toml").touch()
    source = tmp_path / "tree" / "src" / "x.c"
    source.write_text("int n;\n")
    name = str(source) if absolute else "../src/x.c"

    done = run("gcc", "-c", name, "-o", "x.o", cwd=tmp_path / "tree" / "build")

    assert done.returncode == 0, done.stderr
    assert (kept / "src" / "x.c").read_text() == "int n;\n"
    named = (tmp_path / "tree" / "build" / "x.o").read_bytes()
    assert str(kept).encode() in named
    assert str(tmp_path / "tree").encode() not in named


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_files_of_one_name_in_two_folders_are_kept_both(tmp_path, kept, compiler):
    if shutil.which(compiler) is None:
        pytest.skip(f"{compiler} is not installed")
    build = tmp_path / "tree" / "build"
    names = {"../src/x.c": "src/x.c", "src/x.c": "build/src/x.c"}
    outside = tmp_path / "cmake" / "src" / "x.c"  # generated, by a build elsewhere
    (tmp_path / "tree" / "src").mkdir(parents=True)
    (tmp_path / "tree" / "setup.py").touch()
    (build / "src").mkdir(parents=True)
    outside.parent.mkdir(parents=True)

    for number, name in enumerate([*names, str(outside)]):
        (build / name).write_text(f"int n{number};\n")
        done = run(compiler, "-c", name, "-o", f"{number}.o", cwd=build)
        assert done.returncode == 0, done.stderr

    for number, name in enumerate([*names.values(), "others/cmake/src/x.c"]):
        assert (kept / name).read_text() == f"int n{number};\n"
        assert str(kept).encode() in (build / f"{number}.o").read_bytes()


def test_files_that_last_are_not_copied(tmp_path, kept, monkeypatch):
    (tmp_path / "other").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "other"))
    (tmp_path / "x.c").write_text("int n;\n")

    done = run("gcc", "-c", "x.c", "-o", "x.o", cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    assert not kept.exists()
    assert str(tmp_path).encode() in (tmp_path / "x.o").read_bytes()


def test_arguments_in_a_response_file_count_like_others(tmp_path, kept):
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "setup.py").touch()
    (tree / "try.c").write_text("int n; int main(void) { return n++; }\n")
    (tree / "all").write_text("@compile\n-o try.o\n")
    (tree / "compile").write_text("-c 'try'.c -flto\n")
    (tree / "link").write_text('"try.o" -o tr\\y -Wl,-z,defs\n')

    compiled = run("gcc", "@all", cwd=tree)
    linked = run("gcc", "@link", cwd=tree)

    assert (compiled.returncode, linked.returncode) == (0, 0), linked.stderr
    assert subprocess.run([tree / "try"], check=False).returncode == 0
    assert (kept / "try.c").exists()


def test_a_response_file_stays_one_unless_something_in_it_is_dropped(
    tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plain").write_text("-O2 x.o")
    (tmp_path / "dropped").write_text("-flto")
    (tmp_path / "circle").write_text("@circle")

    given_ = ["gcc", "-shared", "@plain", "@dropped", "@circle", "@not-there", "@"]

    expected = ["gcc", "-shared", "@plain", "@circle", "@not-there", "@"]
    assert cc.command_of(given_) == expected


@pytest.mark.parametrize("flag", ["-static", "-static-pie"])
def test_a_static_program_is_linked_as_a_dynamic_one(tmp_path, flag):
    (tmp_path / "try.c").write_text("int n; int main(void) { return n++; }\n")

    compiled = run("gcc", "-c", "try.c", "-o", "try.o", cwd=tmp_path)
    linked = run("gcc", flag, "try.o", "-o", "try", cwd=tmp_path)

    assert (compiled.returncode, linked.returncode) == (0, 0), linked.stderr
    assert subprocess.run([tmp_path / "try"], check=False).returncode == 0


@pytest.mark.parametrize("is_named", [True, False], ids=["clang", "by its answer"])
@pytest.mark.skipif(shutil.which("clang") is None, reason="clang is not installed")
def test_clang_gives_hooks_to_reads_that_a_write_follows(tmp_path, is_named):
    compiler = "clang" if is_named else "./cc"
    (tmp_path / "cc").symlink_to(shutil.which("clang"))
    (tmp_path / "x.c").write_text("long n; void add(void) { n = n + 1; }\n")
    given_ = [compiler, "-c", "x.c", "-O1", *cc.ADDED_FOR_CLANG]

    for command in (given_, given_[:4]):  # the flag may be given only once
        (tmp_path / "x.o").unlink(missing_ok=True)
        done = run(*command, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert b"__tsan_read8" in (tmp_path / "x.o").read_bytes()


def test_a_program_that_tries_the_compiler_is_linked_and_runs(tmp_path):
    (tmp_path / "try.c").write_text("int n; int main(void) { return n++; }\n")

    compiled = run("gcc", "-c", "try.c", "-o", "try.o", cwd=tmp_path)
    linked = run("gcc", "try.o", "-o", "try", cwd=tmp_path)

    assert (compiled.returncode, linked.returncode) == (0, 0), linked.stderr
    assert subprocess.run([tmp_path / "try"], check=False).returncode == 0


@given(WORDS)
def test_an_extension_is_never_linked_to_the_runtime_of_a_sanitizer(words):
    link = [word for word in words if word != "-c"]

    command = cc.command_of(["gcc", "-shared", *link, "x.o", "-o", "x.so"])

    assert "-fsanitize=thread" not in command


def test_without_a_compiler_it_says_how_to_name_one():
    done = run("-c", "x.c")

    assert done.returncode == 2
    assert "refrace cc gcc -c source.c" in done.stderr


def test_a_compiler_that_is_not_there_is_named():
    done = run("no-such-compiler", "-c", "x.c")

    assert done.returncode == 2
    assert "no-such-compiler" in done.stderr
    assert "Traceback" not in done.stderr


def test_it_needs_nothing_of_the_package():
    """An isolated build environment runs it by its path."""
    text = Path(cc.__file__).read_text()

    assert "from refrace" not in text
    assert "import refrace" not in text


def test_link_time_optimisation_is_dropped_since_it_would_lose_the_hooks():
    command = cc.command_of(["gcc", "-flto=auto", "-ffat-lto-objects", "-c", "x.c"])

    assert command == ["gcc", "-c", "x.c", *cc.ADDED]


def of_the_command_line(*arguments, cwd):
    return subprocess.run(
        [sys.executable, "-m", "refrace", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
    )


@pytest.mark.parametrize(
    ("command", "source", "compiler"),
    [("cc", "x.c", []), ("cc", "x.c", ["gcc"]), ("c++", "x.cpp", [])],
)
def test_the_command_line_is_a_compiler_to_name(tmp_path, command, source, compiler):
    (tmp_path / source).write_text("int n; void add(void) { n++; }\n")

    done = of_the_command_line(
        command, *compiler, source, "-c", "-o", "x.o", "-O1", cwd=tmp_path
    )

    assert done.returncode == 0, done.stderr
    assert b"__tsan_func_entry" in (tmp_path / "x.o").read_bytes()


def test_the_command_line_answers_what_a_build_system_asks(tmp_path):
    done = of_the_command_line("cc", "--version", cwd=tmp_path)
    nothing = of_the_command_line("cc", cwd=tmp_path)

    assert done.returncode == 0
    assert "gcc" in done.stdout.lower()
    assert nothing.returncode == 2
    assert "refrace cc gcc -c source.c" in nothing.stderr

"""What breaks the contract of a mode is refused, with the line."""

import re
import shutil

import pytest

import refrace
from refrace.mode_files.mode_text import ModeText
from refrace.mode_files.new_mode import new_mode

TEXT = new_mode("mine")
INCREF = "    /* Another thread can run here. */\n"
LINE = TEXT[: TEXT.index(INCREF)].count("\n") + 1


def refused(text, tmp_path):
    path = tmp_path / "mine.c"
    path.write_text(text)
    with pytest.raises(refrace.InvalidModeFile) as caught:
        refrace.load_mode(path)
    assert caught.value.file == str(path)
    assert str(caught.value).startswith(f"{path}:")
    return caught.value


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("#ifdef __x86_64__\n#endif", "the same text in every build"),
        ("  # if 1\n#endif", "the same text in every build"),
        ("n = RC_NATIVE;", "does not know for which build"),
        ("volatile int64_t *p = 0; (void)p;", "only through the steps of rc_mem.h"),
        ("__atomic_fetch_add(&n, 1, 0);", "only through the steps of rc_mem.h"),
        ('__asm__("");', "only through the steps of rc_mem.h"),
        ("n = *(int64_t *)o;", "a cast to a pointer passes by rc_mem.h"),
        ("n = ((const struct rc_cell *) o)->v;", "a cast to a pointer"),
        ("void *p = o; (void)p;", "hides an access"),
        ("n = (int64_t)(uintptr_t)o;", "depends on an address"),
        ("(void)rr_model_self(o);", "belongs to one build"),
        ("static __thread int64_t t; t++;", "a pure function"),
        (
            "__attribute__((unused)) int64_t spare = 0;",
            "make code run when the mode is loaded",
        ),
        ("%:define SPARE 0", "write it as #"),
    ],
)
def test_text_that_the_contract_forbids_is_refused_with_its_line(line, why, tmp_path):
    error = refused(TEXT.replace(INCREF, f"    {line}\n"), tmp_path)

    assert error.line == LINE
    assert re.search(why, str(error))


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("static int64_t calls; calls++;", "`calls` is a variable that outlives"),
        ("n += (int64_t)malloc(8);", "implicit|undeclared"),
        ("n = 0 +;", "expected expression"),
        ("rc_load_relaxed(o);", "rejects the line"),
        ("extern int getpid(void); n += getpid();", "`getpid` is called, and it is no"),
        ("extern void free(int64_t p); free(n);", "`free` allocates or frees memory"),
    ],
)
def test_code_that_the_contract_forbids_is_refused_with_its_line(
    line, why, tmp_path, can_compile
):
    error = refused(TEXT.replace(INCREF, f"    {line}\n"), tmp_path)

    assert error.line == LINE
    assert re.search(why, str(error))


@pytest.mark.parametrize("header", ["<stdio.h>", '"mine.h"', '"arena/arena.h"'])
def test_a_header_that_is_none_of_a_mode_is_refused(header, tmp_path):
    error = refused(f"#include {header}\n{TEXT}", tmp_path)

    assert error.line == 1
    assert "it is one file" in str(error)


def test_a_file_without_card_or_with_two_ids_is_refused(tmp_path):
    assert "no RR_MODE_CARD" in str(refused("int x;\n", tmp_path))
    two = TEXT.replace("RR_MODE_TABLE(mine", "RR_MODE_TABLE(other")
    assert "both need the same id" in str(refused(two, tmp_path))


def test_comments_and_strings_may_say_anything():
    text = TEXT.replace(INCREF, "    /* #ifdef volatile (int *)o */ // asm\n")
    text = text.replace('"a plain counter"', '"volatile void *, (char *)"')

    assert ModeText.parse(text, "mine.c").id == "mine"


@pytest.mark.parametrize("name", [one.name for one in refrace.modes()])
def test_every_mode_of_refrace_keeps_the_contract_that_is_checked(name):
    assert ModeText.parse(new_mode("copied", name), "copied.c").id == "copied"


def test_a_layout_that_cannot_be_read_is_refused(tmp_path, can_compile):
    text = TEXT.replace('"ob_refcnt: count = the number', '"ob_refcnt count the number')

    assert "the layout of the card is malformed" in str(refused(text, tmp_path))


def test_an_endless_loop_is_a_message_and_does_not_hang(
    tmp_path, can_compile, monkeypatch
):
    monkeypatch.setattr("refrace.mode_files.trial.CPU_SECONDS", 1)
    text = TEXT.replace(
        INCREF, "    for (int64_t i = 0; n == n; i += n & 1) {\n    }\n"
    )

    error = refused(text, tmp_path)

    assert "an endless loop" in str(error)
    assert ", while it explored\n  hold T1.x = A\n" in str(error)


def test_a_crash_is_a_message_and_does_not_end_this_process(tmp_path, can_compile):
    text = TEXT.replace(
        INCREF, "    n += rc_load_relaxed(&rr_thread_of(o, 1 << 30)->announced);\n"
    )

    message = str(refused(text, tmp_path))

    assert "in a child process that tried it out, the mode crashed (SIGSEGV)" in message
    program = message.partition(", while it explored\n")[2]
    assert refrace.Program.parse(program).threads


def test_a_missing_semicolon_before_a_step_is_shown_with_its_line(
    tmp_path, can_compile
):
    text = TEXT.replace("(&o->ob_refcnt);\n" + INCREF, "(&o->ob_refcnt)\n" + INCREF)

    error = refused(text, tmp_path)

    assert error.line in (LINE - 1, LINE + 1)
    assert "rejects the line" in str(error)


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_each_compiler_names_a_variable_and_its_line(compiler, tmp_path, monkeypatch):
    if shutil.which(compiler) is None or shutil.which("nm") is None:
        pytest.skip(f"NOT TESTED: {compiler} or binutils are missing")
    monkeypatch.setenv("CC", compiler)
    text = TEXT.replace(INCREF, "    static int64_t calls; n += calls++;\n")

    error = refused(text, tmp_path)

    assert error.line == LINE
    assert "`calls` is a variable that outlives" in str(error)


def test_a_compiler_that_does_not_end_is_a_message(tmp_path, monkeypatch, can_compile):
    slow = tmp_path / "slow-cc"
    slow.write_text("#!/bin/sh\nexec sleep 60\n")
    slow.chmod(0o755)
    monkeypatch.setenv("CC", str(slow))
    monkeypatch.setattr("refrace.mode_files.compiler.SECONDS", 0.1)
    path = tmp_path / "mine.c"
    path.write_text(TEXT)

    with pytest.raises(refrace.EnvironmentUnfit, match="does not work"):
        refrace.load_mode(path)


def test_a_compiler_that_fails_without_a_complaint_is_no_fault_of_the_file(
    tmp_path, monkeypatch, can_compile
):
    failing = tmp_path / "failing-cc"
    failing.write_text("#!/bin/sh\necho no space left >&2\nexit 3\n")
    failing.chmod(0o755)
    monkeypatch.setenv("CC", str(failing))
    path = tmp_path / "mine.c"
    path.write_text(TEXT)

    with pytest.raises(refrace.EnvironmentUnfit, match="status 3: no space left"):
        refrace.load_mode(path)


def test_without_a_compiler_the_error_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setenv("CC", "")
    monkeypatch.setenv("PATH", str(tmp_path))
    path = tmp_path / "mine.c"
    path.write_text(TEXT)

    with pytest.raises(refrace.EnvironmentUnfit, match="install gcc or clang"):
        refrace.load_mode(path)

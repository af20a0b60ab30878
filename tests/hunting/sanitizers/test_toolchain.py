"""A compiler with a sanitizer: found and tried, or a message with a cure."""

import os
import shutil

import pytest

import refrace
from refrace.hunting.sanitizers.toolchain import environ_of, find_toolchain


def test_an_unknown_sanitizer_is_refused():
    with pytest.raises(refrace.InvalidArgument, match="sanitize='memory' is unknown"):
        find_toolchain("memory")


def test_a_missing_compiler_is_named_with_a_cure():
    with pytest.raises(refrace.EnvironmentUnfit, match="none of no-such-cc was found"):
        find_toolchain("address", "no-such-cc")


def test_a_compiler_without_the_runtime_is_named_with_a_cure(tmp_path):
    compiler = tmp_path / "cc-without-runtime"
    compiler.write_text("#!/bin/sh\necho libasan.so\n")  # as gcc does if there is none
    compiler.chmod(0o755)
    with pytest.raises(refrace.EnvironmentUnfit, match="lacks the runtime library"):
        find_toolchain("address", str(compiler))


@pytest.mark.parametrize("kind", ["address", "thread"])
def test_reports_go_to_the_folder_and_the_first_one_ends_the_process(kind, tmp_path):
    if shutil.which("gcc") is None and shutil.which("clang") is None:
        pytest.skip("needs a C compiler")
    try:
        toolchain = find_toolchain(kind)
    except refrace.EnvironmentUnfit as error:
        pytest.skip(str(error))
    environ = environ_of(toolchain, tmp_path)

    assert os.path.exists(environ["LD_PRELOAD"])
    options = environ["TSAN_OPTIONS" if kind == "thread" else "ASAN_OPTIONS"]
    assert f"log_path={tmp_path}/report" in options
    assert "abort_on_error=1" in options
    assert f"-fsanitize={kind}" in toolchain.build["CFLAGS"]

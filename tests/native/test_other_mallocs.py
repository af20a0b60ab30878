"""The core works with a malloc whose blocks all look like mappings of its own."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

import refrace
from refrace.mode_files.compiler import compiler

ALIGNED_TO_HUGE_PAGES = """
#include <stdlib.h>

void *
aligned_alloc(size_t alignment, size_t bytes)
{
    void *block = NULL;
    (void)alignment;
    return posix_memalign(&block, (size_t)1 << 21, bytes) == 0 ? block : NULL;
}
"""
EXPLORE = """
import refrace
from refrace._native import explorer

found = refrace.explore("hold T1.x = A\\nT1: use x ; decref x", memory="c11")
print(found.verdict, explorer.live_allocations())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="LD_PRELOAD")
@pytest.mark.skipif("LD_PRELOAD" in os.environ, reason="a sanitizer is preloaded")
def test_a_malloc_that_aligns_all_blocks_to_huge_pages_is_no_endless_search(tmp_path):
    try:
        command = compiler()
    except refrace.EnvironmentUnfit as error:
        pytest.skip(str(error))
    source, library = tmp_path / "aligned.c", tmp_path / "aligned.so"
    source.write_text(ALIGNED_TO_HUGE_PAGES)
    subprocess.run(
        [*command, "-shared", "-fPIC", "-o", str(library), str(source)], check=True
    )

    ran = subprocess.run(
        [sys.executable, "-c", EXPLORE],
        env={**os.environ, "LD_PRELOAD": str(library)},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )

    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "safe 0\n", "")

"""The trace of native code in the pages is what a search of today finds."""

import importlib.util
import shutil
import sys
import sysconfig
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"

pytestmark = [
    pytest.mark.skipif(
        sys.platform != "linux" or not sysconfig.get_platform().endswith("x86_64"),
        reason="native schedules need Linux on x86-64",
    ),
    pytest.mark.skipif(
        bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
        reason="without the GIL other schedules come first",
    ),
    pytest.mark.skipif(
        shutil.which("gcc") is None or shutil.which("addr2line") is None,
        reason="NOT TESTED: the trace needs gcc and addr2line",
    ),
]


@pytest.fixture(scope="module")
def module():
    pytest.importorskip("elftools")
    spec = importlib.util.spec_from_file_location(
        "make_native_trace", DOCS / "make_native_trace.py"
    )
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    search, reports = made.hunt_in, []

    def search_once(*arguments, **options):
        reports[:] = reports or [search(*arguments, **options)]
        return reports[0]

    made.hunt_in = search_once
    return made


def test_both_pages_show_the_trace_that_is_found_today(module):
    shown = [
        trace
        for page in module.PAGES
        for trace in module.SHOWN.findall(page.read_text(encoding="utf-8"))
    ]

    assert shown == [f"```text\n{module.drawn()}\n```"] * 2


def test_a_trace_without_the_rows_of_the_count_is_refused(module, monkeypatch):
    monkeypatch.setattr(module, "COUNT", "self->lines")

    with pytest.raises(SystemExit, match=r"0 accesses to self->lines, and needs 4"):
        module.drawn()

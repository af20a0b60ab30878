"""Reports of sanitizers: real ones of gcc and clang, and any text."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refrace.hunting.sanitizers.reports import read_reports

REPORTS = Path(__file__).parent / "reports"

# By file: tool, error, innermost place in the extension, for each report.
READ = {
    "gcc-uaf": [("AddressSanitizer", "heap-use-after-free", "uaf (leaktwin.c:4)")],
    "clang-uaf": [("AddressSanitizer", "heap-use-after-free", "uaf (leaktwin.c:4)")],
    "gcc-over": [("AddressSanitizer", "stack-buffer-overflow", "over (leaktwin.c:5)")],
    "clang-over": [
        (
            "UndefinedBehaviorSanitizer",
            "signed integer overflow: 393216 * 65536 cannot be represented in type "
            "'int'",
            "over (leaktwin.c:5)",
        ),
        (
            "UndefinedBehaviorSanitizer",
            "index 6 out of bounds for type 'int[4]'",
            "over (leaktwin.c:5)",
        ),
        ("AddressSanitizer", "stack-buffer-overflow", "over (leaktwin.c:5)"),
    ],
    "gcc-race": [("ThreadSanitizer", "data race", "add (leaktwin.c:6)")],
}


def read(name):
    return read_reports((REPORTS / f"{name}.txt").read_text())


def test_each_stored_report_has_an_expectation():
    assert {path.stem for path in REPORTS.iterdir()} == READ.keys()


@pytest.mark.parametrize("name", READ)
def test_a_real_report_has_its_tool_its_error_and_its_line(name):
    found = [(each.tool, each.error, str(each.location)) for each in read(name)]

    assert found == READ[name]
    assert all(each.is_ours for each in read(name))


def test_a_use_after_free_says_where_it_was_freed_and_allocated():
    (report,) = read("gcc-uaf")

    assert report.places == (
        "READ of size 1 thread T0: uaf (leaktwin.c:4)",
        "freed by thread T0 here: uaf (leaktwin.c:4)",
        "previously allocated by thread T0 here: uaf (leaktwin.c:4)",
    )
    functions = [frame.function for frame in report.stacks[1].frames]
    assert "cfunction_vectorcall_NOARGS" in functions


def test_a_data_race_names_both_accesses():
    (report,) = read("gcc-race")

    first, second = report.places
    assert first.endswith(": add (leaktwin.c:6)")
    assert second.endswith(": add (leaktwin.c:6)")
    assert second.startswith("Previous ")


def test_a_report_without_debug_information_names_the_module():
    text = (
        "==1==ERROR: AddressSanitizer: SEGV on unknown address 0x0 (pc 0x1)\n"
        "    #0 0x7f26d35d35c1 in work (/site/m.cpython-311.so+0x1253)\n"
        "    #1 0x7f26d35d35c2  (/usr/bin/python3+0x99)\n"
    )
    (report,) = read_reports(text)

    assert report.error == "SEGV"
    assert str(report.location) == "work (m.cpython-311.so)"
    assert not report.is_ours
    assert report.stacks[0].frames[1].function == ""


def test_reports_of_several_processes_in_one_text_are_all_read():
    texts = [(REPORTS / f"{name}.txt").read_text() for name in READ]
    together = read_reports("noise\n" + "\n".join(texts) + "more noise\n")

    assert len(together) == sum(map(len, READ.values()))


@given(st.text() | st.sampled_from([*map(str, REPORTS.iterdir())]), st.data())
def test_no_text_makes_the_reader_fail(text, data):
    """Also one that ends in the middle, as that of a process that was killed."""
    if text.endswith(".txt"):
        text = Path(text).read_text()
        text = text[: data.draw(st.integers(0, len(text)))]
    for report in read_reports(text):
        assert report.text
        assert report.error
        str(report.location)

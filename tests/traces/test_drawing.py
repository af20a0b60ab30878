"""A run as it is drawn: names of words, their parts, files, and where lines break."""

import re
from dataclasses import replace
from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

import refrace
from refrace.display.blocks import Table
from refrace.display.text import render_text

# T2 is not the owner: it counts in the shared word, in files of its own.
BY_TWO = """
hold T1.x = A
hold T2.x = A
T1: decref x
T2: decref x ; quiesce
"""
TRIED = """
obj A stable
hold T1.x = A
borrow T2.x = A
T1: quiesce ; decref x
T2: t = try_incref x
  if t == 1 {
    use x
  }
"""

every_mode = pytest.mark.parametrize("mode", [mode.name for mode in refrace.modes()])


def traces(mode, *programs):
    return [
        trace
        for program in programs
        for trace in refrace.explore(program, mode).traces
        if trace.steps
    ]


@pytest.fixture(scope="module")
def witness():
    """A run through five files, of which three have steps on a line of one number."""
    return refrace.prove("biased_publish_first").witness


def cells(trace):
    """Return the rows of the table in HTML, each a list of its cells."""
    table = trace._repr_html_().partition("<table")[2].partition("</table>")[0]
    return [
        re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row)
        for row in re.findall(r"<tr>(.*?)</tr>", table)
    ]


# ---- which file a line is of


def test_lines_of_several_files_are_distinguished_by_a_letter(witness):
    text = str(witness)
    legend = dict(re.findall(r"^  ([a-z]) = (\S+)$", text, re.MULTILINE))

    assert len(legend) == len({step.c_file for step in witness.steps if step.c_file})
    drawn = re.findall(r"^  +\d+  .*?  ([a-z]):(\d+)", text, re.MULTILINE)
    accesses = [step for step in witness.steps if step.c_file]
    assert [(legend[letter], int(line)) for letter, line in drawn] == [
        (step.c_file, step.c_line) for step in accesses
    ]


def test_lines_of_one_file_need_no_letter():
    trace = refrace.explore(BY_TWO, "unlocked").counterexample()

    assert "  cext/modes/unlocked.c\n" in str(trace)
    assert not re.search(r"\b[a-z]:\d", str(trace))


def test_in_html_every_line_has_the_name_of_its_file(witness):
    last = [row[-1] for row in cells(witness)[1:] if row[0]]

    for step, cell in zip(witness.steps, last, strict=True):
        where = f"{step.c_file.rpartition('/')[2]}:{step.c_line}" if step.c_file else ""
        assert cell.startswith(where)
    assert "<caption" in witness._repr_html_()
    assert "a = " not in witness._repr_html_()


def test_in_html_programs_code_and_tokens_say_that_their_font_has_one_width(witness):
    html = witness._repr_html_()

    assert "<pre>" not in html
    for kept in (str(witness.program), witness.token[:20]):
        before, _, _ = html.partition(escape(kept))
        tag = before[before.rindex("<pre") :]
        assert "font-family:monospace" in tag
        assert "margin:" in tag
    for cell in re.findall(r"<td[^>]*>rc_", html):
        assert "font-family:monospace" in cell


def test_in_html_a_block_is_closer_to_its_sentence_than_to_the_next_one():
    html = refrace.explore(BY_TWO, "unlocked")._repr_html_()

    (above,) = set(re.findall(r'<p style="margin:(\S+) 0 \S+ \d+ch"', html))
    (below,) = set(re.findall(r'<p style="margin:\S+ 0 (\S+) \d+ch"', html))
    assert (above, below) == ("1em", "0.3em")


# ---- what a word holds


def test_a_word_has_the_name_that_it_has_in_c(witness):
    for step in witness.steps:
        for name in re.findall(r"&o->(\w+)", step.c_text or ""):
            row = next(r for r in cells(witness) if r[0] == str(step.number))
            assert f"A.{name}" in row


@every_mode
def test_in_every_mode_the_place_of_a_step_is_the_word_that_its_c_text_names(mode):
    for trace in traces(mode, BY_TWO, TRIED):
        rows = {row[0]: row for row in cells(trace)}
        for step in trace.steps:
            for name in re.findall(r"&o->(ob_\w+)", step.c_text or ""):
                assert f"A.{name}" in rows[str(step.number)], step


def value(mode, place, before, after):
    """Return what is drawn of a step that changes the word at a place so."""
    trace = refrace.explore(BY_TWO, "unlocked").counterexample()
    first = next(step for step in trace.steps if step.c_text)
    changed = replace(
        first,
        place=place,
        before=before,
        after=after,
        c_text="rc_load(...)" if before == after else "rc_cas(...)",
        changes=(),
    )
    drawn = replace(trace, mode=mode, steps=(changed,))
    (row,) = cells(drawn)[1:]
    return row[3].replace("&gt;", ">")


@pytest.mark.parametrize(
    ("mode", "place", "before", "after", "drawn"),
    [
        ("biased", "A.ob_ref_shared", 7, 3, "shared 1 -> 0, merged"),
        ("biased", "A.ob_ref_shared", 3, 3, "shared 0, merged"),
        ("biased", "A.ob_ref_shared", 4, 0, "shared 1 -> 0"),
        ("biased", "A.ob_ref_shared", 5, 7, "shared 1, allows try_incref -> merged"),
        ("biased", "A.ob_ref_shared", 0, 3, "shared 0, state 0 -> merged"),
        ("biased", "A.ob_ref_shared", -3, -3, "shared -1, allows try_incref"),
        ("biased", "A.ob_tid", "T1", None, "T1 -> nobody"),
        ("biased", "A.refcount", 2, 1, "2 -> 1"),
        ("deferred", "A.refcount", 257, 0, "settled 1 -> 0, pins 1 -> 0"),
        ("deferred", "T1.lane[A]", 0, 3, "unsettled 0 -> 1, pinned set"),
        ("deferred", "T1.lane[A]", -1, 0, "unsettled -1 -> 0, pinned cleared"),
        ("deferred", "T1.lane[A]", 0, 0, "0"),
        ("per_thread", "T1.lane[A]", 0, -1, "0 -> -1"),
        ("epoch", "T1.lane[A]", (0, 0), (0, 1), "[0, 0] -> [0, 1]"),
        ("epoch", "T1.announced", 0, None, "0 -> offline"),
        ("sticky", "A.refcount", 1, 0, "1 -> 0"),
        ("sticky", "A.refcount", 0, -(1 << 29), "zero set, count 0"),
        ("sticky", "A.refcount", -(1 << 29), -(1 << 29), "zero, count 0"),
        ("sticky", "A.refcount", -(1 << 29), 1 - (1 << 29), "zero, count 0 -> 1"),
        ("sticky", "A.refcount", 1 << 28, 1 << 28, "pending, count 0"),
        ("sign_split", "A.refcount", -1, -2, "-1 -> -2"),
        ("saturating", "A.refcount", 3, 4, "3 -> 4"),
        ("saturating", "A.refcount", -(3 << 28), -(3 << 28), "sign set"),
        ("immortal", "A.refcount", 2, 3, "2 -> 3"),
        ("immortal", "A.refcount", 3 << 28, 3 << 28, "immortal, count 268435456"),
        ("mixed_width", "A.refcount", 2, 1, "2 -> 1"),
        ("biased_suspend", "T1", "attached", "detached", "attached -> detached"),
        ("a-mode-of-another-refrace", "A.ob_ref_shared", 7, 3, "7 -> 3"),
    ],
)
def test_a_word_is_drawn_by_its_parts(mode, place, before, after, drawn):
    assert value(mode, place, before, after) == drawn


def test_the_data_of_a_trace_keep_the_word_as_it_is():
    trace = refrace.explore(TRIED, "biased").traces[0]
    raw = [
        step["after"]
        for step in trace.to_dict()["steps"]
        if step["place"] == "A.ob_ref_shared"
    ]

    assert raw
    assert all(isinstance(word, int) for word in raw)


def test_a_field_of_an_object_is_not_taken_for_a_word_of_its_count():
    program = "obj A rawfield refcount=7 rawfield tid=3\nborrow T1.o = A\n"
    program += "T1: o.refcount = 3 ; n = o.tid ; dealloc o ; o.refcount = 1\n"
    text = str(refrace.explore(program).counterexample())

    assert re.search(r"A\.refcount +7 -> 3", text)
    assert re.search(r"A\.tid +3 ", text)


def test_the_gil_of_a_mode_is_held_by_a_thread_and_not_by_a_number():
    held = [
        step.after
        for trace in traces("gil", "hold T1.x = A\nT1: incref x")
        for step in trace.steps
        if step.place == "gil"
    ]

    assert set(held) == {"T1", None} or set(held) == {"T1"}


# ---- where a thread is left, and where lines break


def test_the_mark_of_a_preemption_is_the_word_in_html_and_is_explained(witness):
    assert witness.preemptions == 2
    for drawn in (witness, refrace.explore(BY_TWO, "unlocked").counterexample()):
        assert drawn._repr_html_().count(">-- preempted --<") == drawn.preemptions
        (mark,) = set(re.findall(r"-- preempted --|-preempted-|-preempt-", str(drawn)))
        assert f"{mark}: the thread could have gone on" in " ".join(str(drawn).split())


def test_without_a_preemption_none_is_mentioned():
    trace = refrace.explore("hold T1.x = A\nT1: use x").counterexample()

    assert trace.preemptions == 0
    assert "preempt" not in str(trace).replace("no preemption", "")


@pytest.mark.parametrize(
    ("cell", "width", "lines"),
    [
        ("leave: queue_pop_or_close", 10, ["leave:", "queue_pop_", "or_close"]),
        ("leave: queue_pop_or_close", 18, ["leave:", "queue_pop_or_close"]),
        ("decref x: cas_weak", 9, ["decref x:", "cas_weak"]),
        ("biased_count.h:13, gives 1", 9, ["biased_", "count.h:", "13, gives", "1"]),
        ("A.ob_ref_shared", 9, ["A.ob_ref_", "shared"]),
        ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
        ("", 4, [""]),
    ],
)
def test_a_name_is_broken_after_its_marks_and_only_where_it_must(cell, width, lines):
    table = Table(("", ""), [("-", cell)], "<<", limits=(0, width))

    drawn = render_text([table]).splitlines()
    assert [line.lstrip(" -") for line in drawn] == lines


@given(
    st.lists(st.text("ab_:.", min_size=1, max_size=12), max_size=6), st.integers(1, 9)
)
def test_wrapping_loses_no_letter_and_leaves_no_line_too_long(words, width):
    table = Table((), [(" ".join(words), "|")], "<<", limits=(width,))

    lines = [line[2:].rstrip("| ") for line in render_text([table]).splitlines()]
    assert "".join(lines).replace(" ", "") == "".join(words)
    assert all(len(line) <= width for line in lines)


@every_mode
def test_no_line_of_a_run_is_longer_than_80_columns(mode):
    three = "".join(f"hold T{t}.x = LongName\n" for t in (1, 2, 3))
    three += "T1: decref x\nT2: decref x\nT3: quiesce ; decref x ; use x\n"

    for trace in traces(mode, BY_TWO, TRIED, three):
        assert max(map(len, str(trace).splitlines())) <= 80


def test_a_table_has_room_for_the_largest_counts_in_its_ledger():
    trace = traces("unlocked", BY_TWO)[0]
    largest = (-(2**63), 2**63 - 1)
    wide = [replace(step, count=largest, ledger=largest) for step in trace.steps]

    table = str(replace(trace, steps=tuple(wide)))

    assert table.count(str(largest[1])) >= len(wide)

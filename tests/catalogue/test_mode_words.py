"""The words of every mode: their bit fields, as drawn, and as the source has them."""

import html.parser
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import refrace
from refrace import bit_layout as module
from refrace.bit_layout import layout_text, words_of
from refrace.display.bit_fields import BOX_WIDTH, drawn_text
from refrace.display.blocks import Paragraph, WordDrawing
from refrace.display.html import render_html
from refrace.display.text import WIDTH, render_text

CEXT = Path(__file__).parents[2] / "cext" / "modes"

every_mode = pytest.mark.parametrize(
    "mode", refrace.modes(), ids=lambda mode: mode.name
)


@every_mode
def test_a_layout_is_the_text_of_its_words(mode):
    assert layout_text(mode.words) == mode.layout
    assert mode.to_dict()["layout"] == mode.layout


@every_mode
def test_the_words_are_those_that_the_mode_keeps_in_memory(mode):
    """Its card and the table of its operations are written apart."""
    held = [word for word in mode.words if word.holder == "object"]
    lanes = [word.number for word in mode.words if word.holder == "lane"]

    assert sum(word.kind != "lock" for word in held) == mode.memory.words
    assert sum(word.kind == "lock" for word in held) == mode.memory.locks
    assert sum(lanes) == mode.memory.lanes


@every_mode
def test_fields_follow_one_another_from_the_highest_bit_to_the_lowest(mode):
    for word in mode.words:
        if word.kind != "number":
            assert [field.place for field in word.fields] == [""]
            assert word.bits is None
            continue
        assert word.bits == 64
        bits = [
            bit for field in word.fields for bit in range(field.high, field.low - 1, -1)
        ]
        assert bits == list(range(63, -1, -1))
        assert sum(field.takes_rest for field in word.fields) == 1


@every_mode
def test_words_are_named_as_in_the_source(mode):
    source = "".join(path.read_text() for path in sorted(CEXT.glob("object_native.h")))

    for word in mode.words:
        name = word.name.rpartition(".")[2]
        assert re.search(rf"\b(rr_)?{name}\b", source), word.name


@pytest.mark.parametrize(
    ("mode", "field", "low", "file", "constant"),
    [
        # Where a field begins is the value of its lowest bit in the algorithm.
        ("biased", "shared", 2, "biased_family.h", "RR_SHARED_ONE = 4"),
        ("deferred", "settled", 8, "deferred.c", "RR_DEFERRED_ONE = 256"),
        ("deferred", "pins", 0, "deferred.c", "RR_DEFERRED_PIN = 1"),
        ("sticky", "pending", 28, "sticky.c", "RR_STICKY_PENDING = 1 << 28"),
        ("sticky", "zero", 29, "sticky.c", "RR_STICKY_ZERO = -(1 << 29)"),
        ("immortal", "immortal", 29, "immortal.c", "RR_IMMORTAL_LEAST = 1 << 29"),
        ("sign_split", "sign", 29, "../mem/rc_mem.h", "MAX ((INT64_C(1) << 29) - 1)"),
        ("saturating", "sign", 29, "../mem/rc_mem.h", "MAX ((INT64_C(1) << 29) - 1)"),
        ("mixed_width", "high", 28, "../mem/rc_mem.h", "RC_LOW_BITS 28"),
        ("mixed_width", "immortal", 27, "mixed_width.c", "1 << (RC_LOW_BITS - 1)"),
    ],
)
def test_a_field_begins_where_the_source_says(mode, field, low, file, constant):
    (found,) = (
        one
        for word in refrace.mode(mode).words
        for one in word.fields
        if one.name == field
    )

    assert constant in (CEXT / file).read_text()
    assert found.low == low


def fields_of(mode, name, raw):
    """Read a word's fields out of what the explorer saw there, as 64 bits."""
    (word,) = (word for word in refrace.mode(mode).words if word.name == name)
    return {
        field.name: (raw % (1 << 64) >> field.low) % (1 << field.bits)
        for field in word.fields
    }


def steps_of(mode, program, place):
    """Return what was at a place before and after each step of a run."""
    trace = refrace.explore(program, mode).traces[0]
    return [(s.before, s.after) for s in trace.steps if s.place == place]


# Two references, of which one is dropped at the end by nobody: a leak has a trace.
LEAKS = "hold T1.x = A\nhold T2.x = A\nT1: decref x\nT2: incref x; decref x\n"


def test_who_is_not_the_owner_moves_the_shared_field_and_not_the_state():
    seen = [
        raw for pair in steps_of("biased", LEAKS, "A.ob_ref_shared") for raw in pair
    ]

    read = [fields_of("biased", "ob_ref_shared", raw) for raw in seen]
    assert [word["shared"] for word in read] == [0, 1, 1, 1, 1, 0]
    assert {word["state"] for word in read} == {0}


def test_a_pin_lies_below_the_settled_references():
    (before, after), *_ = steps_of("deferred", LEAKS, "A.refcount")

    assert fields_of("deferred", "ob_refcnt", before) == {"settled": 2, "pins": 0}
    assert fields_of("deferred", "ob_refcnt", after) == {"settled": 2, "pins": 1}
    dropped = steps_of("deferred", LEAKS, "T1.lane[A]")[1][1]
    assert fields_of("deferred", "lane", dropped) == {
        "unsettled": (1 << 63) - 1,  # -1: one less than was settled
        "pinned": 1,
    }


def test_a_dead_object_of_sticky_has_its_zero_field_set_and_no_other():
    tried = "hold T1.x = A\nborrow T2.y = A\nT1: decref x\nT2: try_incref y\n"
    trace = refrace.explore(tried, "sticky").traces[-1]
    dead = [s.after for s in trace.steps if s.place == "A.refcount"][-1]

    read = fields_of("sticky", "ob_refcnt", dead)
    assert read == {"zero": (1 << 35) - 1, "pending": 0, "count": 0}


def test_a_shared_object_of_sign_split_has_its_sign_field_set():
    for raw in steps_of("sign_split", LEAKS, "A.refcount")[0]:
        assert fields_of("sign_split", "ob_refcnt", raw)["sign"] == (1 << 35) - 1


@every_mode
def test_a_drawing_has_every_word_and_no_line_is_longer_than_80_columns(mode):
    text = render_text([Paragraph("drawn"), WordDrawing(mode.words)])

    assert max(map(len, text.splitlines())) <= WIDTH
    boxes = [line for line in text.splitlines() if line.endswith("|")]
    assert [line.split("|")[0].strip() for line in boxes] == [
        word.label for word in mode.words
    ]
    for line, word in zip(boxes, mode.words, strict=True):
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        assert cells == [field.name for field in word.fields]
    assert len({len(line) for line in boxes}) == 1


def test_a_drawing_has_the_bit_numbers_under_the_bars():
    drawn = drawn_text(
        words_of("ob_x: count rest = so many | flags 2 = two | one 1 = a")
    )

    box, scale = drawn.splitlines()
    assert box == "ob_x " + f"| {'count':41}| flags | one |"
    assert scale == " " * 6 + f"63{'3':>40} 2     1     0"


names = st.from_regex(r"[a-z][a-z-]{0,9}[a-z]", fullmatch=True).filter(
    lambda name: name not in module.WHOLE
)
meanings = st.from_regex(r"[a-z][a-z0-9 :,<(]{0,40}[a-z]", fullmatch=True)


@st.composite
def layouts(draw):
    parts = []
    for _ in range(draw(st.integers(1, 4))):
        name = draw(st.from_regex(r"(thread\.|domain\.)?[a-z]{1,7}", fullmatch=True))
        number = draw(st.sampled_from(["", "[2]", "[9]"]))
        n = draw(st.integers(1, module.MOST_FIELDS))
        if n == 1:
            kind = draw(st.sampled_from(module.WHOLE) | names)
            fields = [f"{kind} = {draw(meanings)}"]
        else:
            widths = draw(st.lists(st.integers(1, 21), min_size=n - 1, max_size=n - 1))
            widths.insert(draw(st.integers(0, n - 1)), "rest")
            fields = [f"{draw(names)} {width} = {draw(meanings)}" for width in widths]
        parts.append(f"{name}{number}: {' | '.join(fields)}")
    return "; ".join(parts)


@given(layouts())
def test_any_layout_comes_back_from_its_words_and_fits_80_columns(layout):
    words = words_of(layout)

    assert layout_text(words) == layout
    assert sum(bits or 0 for bits in (word.bits for word in words)) % 64 == 0
    lines = drawn_text(words).splitlines()
    assert max(map(len, lines)) + 2 <= WIDTH
    for line in lines:
        if line.endswith("|"):
            assert len(line[line.index("|") :]) == BOX_WIDTH


@pytest.mark.parametrize(
    ("layout", "said"),
    [
        ("", "expected a name and its fields"),
        ("ob_refcnt", "expected a name and its fields"),
        ("ob_refcnt: count", "expected name, width, = and a meaning"),
        ("ob_refcnt: count 64 = all", "the only field takes the whole word"),
        ("ob_refcnt: a = one | b rest = two", "each of several fields has a width"),
        ("ob_refcnt: a 1 = one | b 2 = two", "one of several fields takes the rest"),
        ("ob_refcnt: a rest = one | b rest = two", "one of several fields takes"),
        ("ob_refcnt: a 64 = one | b rest = two", "more than 64 bits"),
        ("ob_refcnt: lock 1 = one | b rest = two", "a word of its own"),
        ("a_name_that_is_too_long: count = all", "too long to draw"),
        ("ob_refcnt: far-too-long = all", "too long to draw"),
        (
            "ob_refcnt: " + " | ".join(f"a {w} = x" for w in (1, 1, 1, 1, "rest")),
            "too many fields",
        ),
    ],
)
def test_a_layout_that_is_none_is_refused_with_its_reason(layout, said):
    with pytest.raises(ValueError, match=re.escape(said)):
        words_of(layout)


class Tables(html.parser.HTMLParser):
    """Sum the spans of each row of the first table."""

    def __init__(self):
        super().__init__()
        self.rows, self.texts, self.tables = [], [], 0

    def handle_starttag(self, tag, attrs):
        self.tables += tag == "table"
        if self.tables == 1 and tag == "tr":
            self.rows.append(0)
        elif self.tables == 1 and tag in {"td", "th"}:
            self.rows[-1] += int(dict(attrs).get("colspan", 1))

    def handle_data(self, data):
        self.texts.append(data)


@every_mode
def test_in_a_notebook_a_card_is_a_table_with_a_cell_for_each_field(mode):
    parser = Tables()
    parser.feed(mode._repr_html_())

    assert set(parser.rows) == {BOX_WIDTH + 1}
    assert len(parser.rows) == sum(1 + (w.kind == "number") for w in mode.words)
    for word in mode.words:
        assert word.label in parser.texts
        assert all(field.name in parser.texts for field in word.fields)
    assert mode.source in parser.texts


def test_text_in_a_drawing_is_not_markup():
    words = words_of("ob_x: count = <b>")

    assert "<b>" not in render_html([WordDrawing(words)])

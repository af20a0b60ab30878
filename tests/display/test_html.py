"""Blocks as HTML: what is in backticks is code, and no text can become markup."""

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refrace.display.blocks import Details, Paragraph, Preformatted, Table
from refrace.display.html import prose, render_html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("drop `x` first", "drop <code>x</code> first"),
        ("``x`` and `y`", "<code>x</code> and <code>y</code>"),
        ("if `a < b`", "if <code>a &lt; b</code>"),
        ("one ` alone", "one ` alone"),
        ("two `` alone", "two `` alone"),
        ("`<b>`", "<code>&lt;b&gt;</code>"),
    ],
)
def test_what_is_in_backticks_is_code(text, html):
    assert prose(text) == html


@given(st.text(alphabet="`<>&\"'ab /\n", max_size=30))
def test_a_sentence_has_no_other_markup_and_loses_only_backticks(text):
    html = prose(text)

    assert set(re.findall(r"<[^>]*>", html)) <= {"<code>", "</code>"}
    assert html.count("<code>") == html.count("</code>")
    words = unescape(re.sub(r"<[^>]*>", "", html))
    assert words.replace("`", "") == text.replace("`", "")


def test_every_place_for_prose_has_code_and_none_for_a_program():
    html = render_html(
        [
            Paragraph("the `answer`"),
            Paragraph("a `paragraph`"),
            Table(("a `header`",), [("a `cell`",)], caption="a `caption`"),
            Details("a `summary`", [Paragraph("`inside`")]),
            Preformatted("`program`"),
            Table(("x",), [("`code`",)], is_code=True),
        ]
    )

    assert re.findall(r"<code>(\w+)</code>", html) == [
        *("answer", "paragraph", "caption", "header", "cell", "summary", "inside"),
    ]
    assert re.findall(r"`\w+`", html) == ["`program`", "`code`"]

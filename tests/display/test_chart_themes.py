"""Charts follow the theme of their page, and are legible in both."""

import re
from html import escape
from xml.etree import ElementTree

import pytest
from display.pictures.test_themes import MARK, TEXT, contrast
from display.test_charts import CHARTS

from refrace.display.charts.theme import (
    CLASS,
    FAINT,
    PAPER,
    chart_file_style,
    chart_page_style,
    dark_of,
)

pytest.importorskip("vl_convert")


@CHARTS
def test_a_notebook_gets_a_picture_in_the_theme_of_its_page_and_no_script(chart):
    bundle = chart._repr_mimebundle_()

    assert set(bundle) == {"text/html", "text/plain"}
    html = bundle["text/html"]
    assert "<script" not in html
    (element,) = re.findall(r"<svg[^>]*>", html)
    assert f'aria-label="{escape(bundle["text/plain"])}"' in element
    ElementTree.fromstring(html[html.index("<svg") : html.rindex("</div>")])
    for sign in ('[data-jp-theme-light="false"]', '[data-theme="dark"]'):
        assert f"{sign} .{CLASS}" in html


@CHARTS
def test_every_colour_of_a_chart_has_a_dark_one_with_contrast(chart):
    """Texts at least 4.5 and marks at least 3 on the paper of both themes."""
    html = chart._repr_mimebundle_()["text/html"]
    svg = ElementTree.fromstring(html[html.index("<svg") : html.rindex("</div>")])
    used = {
        (colour, element.tag.endswith("text"))
        for element in svg.iter()
        for what in ("fill", "stroke")
        if (colour := element.get(what, "none")) not in {"none", "transparent"}
    }
    assert len(used) >= 5
    for colour, is_text in used:
        assert f'[fill="{colour}"]{{fill:var(' in chart_page_style()
        assert f'[stroke="{colour}"]{{stroke:{dark_of(colour)}}}' in chart_file_style()
        if colour in {PAPER, FAINT}:
            continue
        least = TEXT if is_text else MARK
        assert contrast(colour, PAPER) >= least
        assert contrast(dark_of(colour), dark_of(PAPER)) >= least


@CHARTS
def test_a_chart_in_a_file_follows_the_setting_of_the_reader(chart, tmp_path):
    for name in ("chart.svg", "chart.html"):
        chart.save(tmp_path / name)
        text = (tmp_path / name).read_text(encoding="utf-8")
        assert text.count(chart_file_style()) == 1
    assert ElementTree.parse(tmp_path / "chart.svg").getroot().tag.endswith("svg")

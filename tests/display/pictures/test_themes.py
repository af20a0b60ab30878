"""Colours: legible in both themes, and never the only sign."""

import re
from itertools import product

import pytest
from display.pictures.results import MAKERS, result
from display.pictures.svg_facts import roles

import refrace
from refrace.display.pictures.theme import COLOURS, page_style

TEXT = 4.5
MARK = 3.0

PALE = [role for role in COLOURS if role.endswith("-pale")]


def luminance(colour):
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [
        c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_contrast_of_black_on_white_is_21():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("front", "back"),
    [
        *product(("ink", "soft", "good", "warn", "bad"), ("paper", "panel")),
        *product(("ink",), PALE),
        *(("good", "good-pale"), ("warn", "warn-pale"), ("bad", "bad-pale")),
        *product(("paper",), ("t1", "t2", "t3", "t4", "bad")),
    ],
)
def test_text_has_a_contrast_of_at_least_four_and_a_half(front, back, theme):
    assert contrast(COLOURS[front][theme], COLOURS[back][theme]) >= TEXT


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    "role", ["t1", "t2", "t3", "t4", "line", "good", "warn", "bad"]
)
def test_marks_have_a_contrast_of_at_least_three(role, theme):
    assert contrast(COLOURS[role][theme], COLOURS["paper"][theme]) >= MARK


@pytest.mark.parametrize("name", MAKERS)
def test_pictures_write_text_only_in_roles_whose_contrast_is_checked(name):
    for fills, strokes in roles(result(name).svg(), "text"):
        assert len(fills) == 1
        assert set(fills) <= {"ink", "soft", "good", "warn", "bad", "paper"}
        assert set(strokes) <= {"paper", *PALE}


@pytest.mark.parametrize("name", MAKERS)
def test_a_picture_in_one_theme_has_the_colours_of_that_theme_only(name):
    for theme, other in (("light", 1), ("dark", 0)):
        used = set(re.findall(r'(?:fill|stroke)="(#\w+)"', result(name).svg(theme)))
        assert used <= {pair[1 - other] for pair in COLOURS.values()}
        assert "<style" not in result(name).svg(theme)


def test_a_picture_in_a_file_follows_the_setting_of_the_reader():
    svg = result("lost").svg()

    (style,) = re.findall(r"<style>(.*?)</style>", svg)
    assert style.startswith("@media (prefers-color-scheme:dark)")
    for role, (light, dark) in COLOURS.items():
        assert f".f-{role}{{fill:{dark}}}" in style
        assert (
            light not in style
            or light == dark
            or light in {d for _, d in COLOURS.values()}
        )


def test_an_unknown_theme_is_an_error_with_the_choices():
    with pytest.raises(refrace.InvalidArgument, match=r"did you mean 'dark'.*'auto'"):
        result("lost").svg("darkk")


@pytest.mark.parametrize(
    "sign",
    [
        '[data-jp-theme-light="false"]',
        '[data-theme="dark"]',
        ".vscode-dark",
        "body.dark",
    ],
)
def test_pages_that_say_that_they_are_dark_get_dark_pictures(sign):
    """Jupyter, Sphinx with furo, VS Code, marimo: whatever the system's setting is."""
    rule = page_style().partition(f"{sign} .rf")[2]
    assert COLOURS["paper"][1] in rule.partition("}")[0]


def test_parts_of_a_bar_differ_in_name_and_pattern():
    """Stripes for leaked objects and dots for those freed early, besides colour."""
    svg = result("race").svg()
    shown = refrace.race("atomic", objects=10).svg()

    assert {"f-good-pale", "f-warn-pale", "f-bad-pale"} <= set(
        re.findall(r"f-[a-z]+-pale", svg + shown)
    )
    for words in ("intact", "leaked", "freed early"):
        assert words in svg
    assert 's-warn" fill="none"' in svg
    assert 's-bad" fill="none"' in svg

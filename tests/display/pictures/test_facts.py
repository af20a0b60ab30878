"""Text, HTML, SVG and JSON of a result state the same facts."""

import json
import re
from html import unescape

import pytest
from display.pictures.results import MAKERS, TRACES, result
from display.pictures.svg_facts import description, texts

from refrace.traces.step_cells import cells_of


def words(name):
    """Return text, HTML without markup, and SVG of a result, each as one line."""
    found = result(name)
    # What the text has in backticks is code in HTML.
    html = re.sub(r"</?code>", "`", found._repr_html_())
    html = unescape(re.sub(r"<[^>]+>", " ", html))
    svg = " ".join([*texts(found.svg()), description(found.svg())])
    return [" ".join(form.split()) for form in (str(found), html, svg)]


@pytest.mark.parametrize("name", MAKERS)
def test_every_form_has_the_answer_or_its_finding(name):
    found = result(name)
    text, html, svg = words(name)

    assert text.startswith(found.answer)
    assert found.answer in html
    assert found.answer in svg or found.findings[0].message in svg
    assert json.loads(found.to_json())["judgement"] == found.judgement


def test_every_form_of_an_exploration_has_the_number_and_probability_of_each_outcome():
    found = result("exploration")
    stored = {
        frozenset(outcome["kinds"]): outcome
        for outcome in json.loads(found.to_json())["outcomes"]
    }
    for kinds, outcome in found.outcomes.items():
        kept = stored[frozenset(map(str, kinds))]
        assert kept["interleavings"] == outcome.interleavings
        assert kept["probability"] == str(outcome.probability)
        for form in words("exploration"):
            assert f"{outcome.interleavings:,}" in form
            assert str(outcome.probability) in form
            assert all(kind in form for kind in kinds)


@pytest.mark.parametrize("name", TRACES)
def test_every_form_of_a_trace_has_every_step_with_its_place_and_value(name):
    trace = result(name)
    described = description(trace.svg())
    drawn = texts(trace.svg())
    _, html, _ = words(name)
    for step in trace.steps:
        cells = cells_of(step, trace.word_layout)
        thread = f"Step {step.number}: {step.thread} {cells.does}"
        assert thread in described
        assert str(step.number) in drawn
        assert cells.does in drawn
        assert cells.does in html
        if cells.place and cells.value and mark_is_drawn(step):
            assert cells.value in described
            assert cells.value in html


def mark_is_drawn(step):
    """Return whether the value of the step is that of a word, and not of a lock."""
    return step.place != step.object and "lock" not in step.operation + (
        step.c_text or ""
    )


def test_every_form_of_a_race_has_what_became_of_the_objects():
    race = result("race")
    stored = json.loads(race.to_json())
    for form in words("race"):
        for name, count in (
            ("intact", race.intact),
            ("leaked", race.leaked),
            ("freed early", race.freed_early),
        ):
            assert f"{name} {count:,}" in form
    assert stored["leaked"] == race.leaked
    assert stored["freed_early"] == race.freed_early


def test_parts_of_a_race_are_drawn_apart_and_never_summed():
    race = result("race")
    svg = race.svg()
    assert description(svg).count("objects (") == len(race.parts)


def test_every_form_of_a_proof_has_the_size_of_each_part():
    proof = result("proof")
    for form in words("proof"):
        for part in proof.parts:
            assert f"{part.explored:,}" in form


def test_every_form_of_a_comparison_has_the_cost_of_each_row():
    comparison = result("comparison")
    _, _, svg = words("comparison")
    for row in comparison.rows:
        assert re.search(rf"{row.mode} [\d.,]+x", svg)


def test_every_form_of_a_deadlock_has_every_thread_of_the_ring():
    report = result("deadlock")
    drawn = texts(report.svg())
    for edge in report.cycle:
        assert f"thread {edge.thread}" in drawn
        assert f"lock {edge.holds}" in drawn


def test_every_form_of_growth_has_the_figures_of_each_row():
    growth = result("growth")
    for row in growth.rows:
        for form in words("growth"):
            assert f"{row.interleavings:,}" in form
            assert f"{row.states:,}" in form
            assert f"{float(row.probability):.4f}" in form
            assert f"{row.natural_corrupt:,}/{row.natural_rounds:,}" in form


def test_every_form_of_a_timeline_has_the_stretches_of_each_thread():
    timeline = result("timeline")
    text, html, svg = words("timeline")
    for thread in range(timeline.race.threads):
        n = sum(one.thread == thread for one in timeline.stretches)
        inside = f"{timeline.inside_ns(thread) / 1000:,.1f} us"
        assert f"T{thread + 1} {n} {inside}" in text
        assert f"T{thread + 1} {n} {inside}" in html
        assert f"T{thread + 1}: {n} stretches" in svg

"""Charts of comparisons: what they show, where they are written, what is refused."""

import builtins
import functools
import json
import re
import subprocess
import sys

import pytest

import refrace
from refrace.cli import main
from refrace.display.charts import save_chart
from refrace.display.charts.theme import PAPER
from refrace.environment import Environment
from refrace.lessons.parallelism_report import ParallelismReport
from refrace.lessons.parallelism_row import Pair, ParallelismRow
from refrace.races import compare
from refrace.races.comparison_report import Comparison
from refrace.races.comparison_row import ComparisonRow

pytest.importorskip("altair")

HERE = Environment("3.11.0", True, 2, "Linux x86_64")


def row(
    mode,
    threads,
    objects,
    ratio,
    *,
    owner="racing",
    correct=True,
    corrupted=0,
    overlap=0.9,
):
    return ComparisonRow(
        mode=mode,
        claims_correct=correct,
        memory=refrace.Memory(words=1, locks=0, lanes=0, bytes=8, lane_bytes=0),
        threads=threads,
        objects=objects,
        owner=owner,
        settled=100,
        corrupted=corrupted,
        freed_late=0,
        late_s=0.0,
        ns_per_operation=refrace.Spread(ratio / 2, ratio / 4, ratio, 11),
        ratio=refrace.Spread(ratio, ratio * 0.9, ratio * 1.2, 11),
        scaling=refrace.Spread(1.0, 0.9, 1.1, 11),
        overlap=overlap,
    )


ROWS = (
    row("lock", 1, "private", 20.0),
    row("lock", 2, "shared", 60.0, overlap=0.0),
    row("lock", 2, "private", 40.0),
    row("plain", 1, "private", 1.0, correct=False),
    row("plain", 2, "shared", 7.5, correct=False, corrupted=83),
    row("plain", 2, "private", 3.0, correct=False),
)
COMPARISON = Comparison(ROWS, 11, 11, HERE)


def workload(name, many_wall_s, many_cpu_s, **more):
    pair = Pair(1.0, 1.0, many_wall_s, many_cpu_s)
    return ParallelismRow(name, name, "gil", 2, 10, (pair,) * 3, **more)


YARDSTICK = workload("yardstick", 1.0, 2.0)
PARALLELISM = ParallelismReport(
    threads=2,
    rounds=3,
    rows=(
        workload("serial", 2.0, 2.0),
        ParallelismRow("absent", "absent", "gil", 2, 0, (), skipped="not installed"),
        workload("parallel", 1.0, 2.0),
    ),
    yardstick=YARDSTICK,
    workloads_requested=3,
    environment=HERE,
)


def layers(chart):
    """The layers of a chart by their mark; of the texts the first."""
    named = {}
    for layer in chart.to_dict()["spec"]["layer"]:
        named.setdefault(layer["mark"]["type"], layer)
        if layer["mark"]["type"] == "rule" and "x2" in layer["encoding"]:
            named["spread"] = layer
    return named


def data(chart):
    spec = chart.to_dict()
    values = spec.get("data", spec["spec"].get("data"))["values"]
    assert values
    return values


def test_every_row_is_a_point_with_its_ratio_quartiles_and_claim():
    values = data(COMPARISON.plot())

    assert [
        (v["mode"], v["case"], v["ratio"], v["low"], v["high"], v["claim"])
        for v in values
    ] == [
        (r.mode, r.case, r.ratio.median, r.ratio.low, r.ratio.high, r.claim)
        for r in ROWS
    ]
    assert {v["case"] for v in values} == {
        "1 thread, latency",
        "2 threads, same object, latency",
        "2 threads, own objects, latency",
    }


def test_costs_lie_on_a_logarithmic_scale_with_a_title():
    axis = layers(COMPARISON.plot())["point"]["encoding"]["x"]

    assert axis["field"] == "ratio"
    assert axis["scale"]["type"] == "log"
    assert axis["axis"]["title"] == "cost relative to unlocked on one thread (log)"


def test_modes_stand_in_one_order_the_cheapest_first():
    assert layers(COMPARISON.plot())["point"]["encoding"]["y"]["sort"] == [
        "plain",
        "lock",
    ]


def test_there_is_a_panel_for_each_case_in_the_order_of_the_report():
    facet = COMPARISON.plot().to_dict()["facet"]

    assert facet["field"] == "case"
    assert facet["sort"] == [
        "1 thread, latency",
        "2 threads, same object, latency",
        "2 threads, own objects, latency",
    ]


def test_objects_made_by_another_have_a_panel_next_to_the_owners():
    stranger = row("biased", 1, "private", 9.0, owner="elsewhere")
    chart = COMPARISON.replace(rows=(*ROWS, stranger)).plot()

    assert chart.to_dict()["facet"]["sort"][:2] == [
        "1 thread, latency",
        "1 thread, not the owner, latency",
    ]
    assert data(chart)[-1]["case"] == "1 thread, not the owner, latency"


def test_spread_goes_from_quartile_to_quartile():
    encoding = layers(COMPARISON.plot())["spread"]["encoding"]

    assert (encoding["x"]["field"], encoding["x2"]["field"]) == ("low", "high")


def test_claims_differ_in_colour_and_in_shape():
    """Blue and vermilion of Okabe and Ito; in grey the shapes remain."""
    encoding = layers(COMPARISON.plot())["point"]["encoding"]

    assert encoding["color"]["scale"] == {
        "domain": ["correct", "broken"],
        "range": ["#0072B2", "#D55E00"],
    }
    assert encoding["shape"]["scale"]["range"] == ["circle", "diamond"]


def test_threads_that_hardly_met_make_a_hollow_point_and_a_remark():
    chart = COMPARISON.plot()
    met = {(v["mode"], v["case"]): v["met"] for v in data(chart)}

    assert [key for key, value in met.items() if not value] == [
        ("lock", "2 threads, same object, latency")
    ]
    fill = layers(chart)["point"]["encoding"]["fill"]
    assert (fill["condition"]["test"], fill["value"]) == ("datum.met", PAPER)
    assert "Hollow" in str(chart.to_dict()["title"])
    whole = COMPARISON.replace(rows=ROWS[3:]).plot()
    assert "Hollow" not in str(whole.to_dict()["title"])


def test_corruption_is_reported_next_to_the_point():
    labels = [v["label"] for v in data(COMPARISON.plot())]

    assert labels == ["20x", "60x", "40x", "1x", "7.5x, 83% corrupt", "3x"]


def test_figures_stand_on_the_side_with_more_room():
    """From 0.9 to 72 on a logarithmic scale: the middle is 8.05."""
    sides = {v["label"]: v["side"] for v in data(COMPARISON.plot())}

    assert sides["7.5x, 83% corrupt"] == "left"  # the text begins at its left
    assert sides["20x"] == "right"


def test_the_same_comparison_gives_the_same_chart_also_from_json():
    stored = Comparison.from_json(COMPARISON.to_json())

    assert stored.plot().to_dict() == COMPARISON.plot().to_dict()


def test_a_workload_has_a_point_for_its_cores_and_one_for_its_speedup():
    """Twice the work in twice the time is one core; in the same time, two."""
    values = data(PARALLELISM.plot())

    assert [(v["workload"], v["panel"], v["median"], v["verdict"]) for v in values] == [
        ("serial", "cores used", 1.0, "serial"),
        ("serial", "speedup against one thread", 1.0, "serial"),
        ("parallel", "cores used", 2.0, "parallel"),
        ("parallel", "speedup against one thread", 2.0, "parallel"),
    ]


def test_a_machine_that_lent_no_cores_gives_no_verdict():
    busy = PARALLELISM.replace(yardstick=workload("yardstick", 2.0, 2.0))

    assert {v["verdict"] for v in data(busy.plot())} == {"no answer"}


@pytest.mark.parametrize(
    "empty", [COMPARISON.replace(rows=()), PARALLELISM.replace(rows=())]
)
def test_nothing_measured_is_nothing_to_plot(empty):
    with pytest.raises(refrace.InvalidArgument, match="nothing to plot"):
        empty.plot()


def test_importing_and_reporting_loads_no_altair():
    script = (
        "import sys, refrace; from refrace.races.comparison_report import Comparison\n"
        "str(Comparison.from_json(sys.stdin.read()))\n"
        "print('altair' in sys.modules)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script],
        input=COMPARISON.to_json(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout == "False\n"


def without(monkeypatch, package):
    real = builtins.__import__

    def refuse(name, *arguments, **options):
        if name.split(".")[0] == package:
            raise ImportError(f"No module named {name!r}")
        return real(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", refuse)


@pytest.mark.parametrize("report", [COMPARISON, PARALLELISM])
def test_without_altair_the_error_says_how_to_install_it(report, monkeypatch):
    without(monkeypatch, "altair")

    with pytest.raises(refrace.MissingPackage, match=r"pip install 'refrace\[plot\]'"):
        report.plot()


@pytest.fixture
def compared(monkeypatch):
    """The command without the measuring; counts how often it would measure."""
    calls = []

    @functools.wraps(compare.compare)
    def fake_compare(*arguments, **options):
        calls.append(arguments)
        return COMPARISON

    monkeypatch.setattr("refrace.races.compare.compare", fake_compare)
    return calls


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        ("costs.html", b"<!DOCTYPE html>"),
        ("costs.json", b"{"),
        ("COSTS.SVG", b"<svg"),
        ("costs.png", b"\x89PNG"),
    ],
)
def test_the_command_writes_the_chart_and_prints_its_report(
    name, begins, compared, tmp_path, capsys
):
    if name.lower().endswith((".svg", ".png")):
        pytest.importorskip("vl_convert")
    path = tmp_path / name

    assert main(["compare", "--plot", str(path), "--json"]) == 3  # one row never met
    assert path.read_bytes().lstrip().startswith(begins)
    assert json.loads(capsys.readouterr().out)["format"] == "refrace/comparison"


@pytest.mark.parametrize("name", ["costs.gif", "costs", ".png", "missing/costs.html"])
def test_a_file_that_cannot_be_a_chart_is_refused_before_measuring(
    name, compared, tmp_path, capsys
):
    assert main(["compare", "--plot", str(tmp_path / name)]) == 2
    assert name.removeprefix("missing/") in capsys.readouterr().err
    assert compared == []


def test_an_image_without_its_package_is_refused_before_measuring(
    compared, tmp_path, capsys, monkeypatch
):
    monkeypatch.setattr("refrace.display.charts.files.find_spec", lambda name: None)

    assert main(["compare", "--plot", str(tmp_path / "costs.png")]) == 4
    assert "vl-convert-python" in capsys.readouterr().err
    assert compared == []


def test_a_file_that_cannot_be_written_any_more_is_reported_after_the_report(
    monkeypatch, tmp_path, capsys
):
    path = tmp_path / "costs.html"

    @functools.wraps(compare.compare)
    def fake_compare(*arguments, **options):
        path.mkdir()  # while it is measured
        return COMPARISON

    monkeypatch.setattr("refrace.races.compare.compare", fake_compare)

    assert main(["compare", "--plot", str(path)]) == 2
    out, err = capsys.readouterr()
    assert "7.5" in out
    assert str(path) in err


CHARTS = pytest.mark.parametrize(
    "chart", [COMPARISON.plot(), PARALLELISM.plot()], ids=["costs", "parallelism"]
)


@CHARTS
def test_a_page_loads_nothing_so_that_it_shows_without_a_network(chart, tmp_path):
    pytest.importorskip("vl_convert")
    for name in ("by_file.html", "by_hand.html"):
        path = tmp_path / name
        save_chart(chart, path) if name == "by_file.html" else chart.save(str(path))
        page = path.read_text(encoding="utf-8")
        assert not re.findall(r"<(?:script|link)[^>]*(?:src|href)=", page)
        assert "cdn.jsdelivr" not in page


@CHARTS
def test_a_notebook_gets_what_the_user_has_asked_altair_for(chart):
    altair = pytest.importorskip("altair")
    with altair.renderers.enable("json"):
        bundle = chart._repr_mimebundle_()
    bundle = bundle[0] if isinstance(bundle, tuple) else bundle

    assert "text/html" not in bundle


@CHARTS
def test_each_panel_has_its_axis_and_the_edges_have_room_for_wider_letters(chart):
    spec = chart.to_dict()

    assert spec["resolve"]["axis"]["x"] == "independent"
    assert spec["columns"] == 2
    # A name of 23 letters, at half an em, in letters a fifth wider.
    assert spec["padding"]["left"] >= 23 * 12 / 2 / 5


def test_verdicts_differ_in_colour_and_in_shape():
    encoding = layers(PARALLELISM.plot())["point"]["encoding"]

    for channel in ("color", "shape"):
        assert encoding[channel]["scale"]["domain"] == ["serial", "parallel"]
        assert len(set(encoding[channel]["scale"]["range"])) == 2

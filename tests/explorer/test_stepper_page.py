"""The stepper in a real browser: clicks, keys, counts, and tokens that replay."""

import shutil
from pathlib import Path

import pytest
from display.pictures.results import BORROWED, LOST
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import refrace
from refrace.display.pictures.theme import COLOURS
from refrace.display.stepper.embedding import data_text, module_text, style_text
from refrace.strategies import programs
from refrace.traces.schedule import labels_of

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
BROWSER = next(filter(None, map(shutil.which, NAMES)), None)
ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update"),
    "--disable-sync",
]


@pytest.fixture(scope="module")
def browser():
    driver = pytest.importorskip(
        "playwright.sync_api", reason="NOT TESTED: playwright is not installed"
    )
    with driver.sync_playwright() as play:
        found = BROWSER or play.chromium.executable_path
        if not Path(found).exists():
            pytest.skip("NOT TESTED: there is no Chromium or Chrome here")
        opened = play.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def page(browser):
    opened = browser.new_page()
    problems = []
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.on(
        "request",
        lambda asked: (
            asked.url.startswith(("file:", "about:", "data:"))
            or problems.append(asked.url)
        ),
    )
    yield opened
    assert problems == []


def show(page, stepper, folder):
    path = folder / "page.html"
    stepper.save(path)
    page.goto(path.as_uri())
    return page.locator("[data-refrace-stepper]")


def do(page, call):
    return page.evaluate(
        f"document.querySelector('[data-refrace-stepper]').stepper.{call}"
    )


def test_clicks_lead_to_a_corruption_and_back(page, tmp_path):
    root = show(page, refrace.step(LOST, "unlocked"), tmp_path)
    head = root.locator(".rs-head")
    assert "4 of 6 runs go wrong" in head.inner_text()

    for thread in ("T1", "T2", "T2"):
        root.locator(".rs-choice", has_text=thread).first.click()
    assert "From here, the only run goes wrong" in head.inner_text()
    root.locator(".rs-choice").first.click()

    assert "This run goes wrong: leak" in head.inner_text()
    assert "A count\t1" in root.inner_text().replace(" \u2190 2", "")
    assert root.locator(".rs-choice").count() == 0

    for _ in range(4):
        root.get_by_role("button", name="Back").click()
    assert "4 of 6 runs go wrong" in head.inner_text()
    root.get_by_role("button", name="Forward").click()
    assert "2 of 3 runs go wrong" in head.inner_text()


def test_keys_do_what_the_buttons_do(page, tmp_path):
    root = show(page, refrace.step(LOST, "unlocked"), tmp_path)
    root.focus()
    head = root.locator(".rs-head")

    page.keyboard.press("End")
    assert "leak" in head.inner_text()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("u")
    assert do(page, "run.at") == 2
    page.keyboard.press("ArrowRight")
    assert do(page, "run.at") == 3
    page.keyboard.press("Home")
    assert do(page, "run.at") == 0
    page.keyboard.press("2")
    assert do(page, "run.taken") == [4]


def test_every_control_can_be_reached_with_the_tab_key(page, tmp_path):
    root = show(page, refrace.step(LOST, "unlocked"), tmp_path)
    root.focus()
    reached = []
    for _ in range(8):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.dataset.key"))

    assert {"counterexample", "copy", "goal", "take-0", "take-4"} <= set(reached)


def test_the_focus_can_be_seen_on_every_control(page, tmp_path):
    root = show(page, refrace.step(LOST, "unlocked"), tmp_path)
    root.focus()
    for _ in range(6):
        page.keyboard.press("Tab")
        outline = page.evaluate(
            "(({outlineStyle, outlineWidth}) => [outlineStyle, outlineWidth])"
            "(getComputedStyle(document.activeElement))"
        )
        assert outline == ["solid", "3px"]


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_nothing_moves_for_readers_who_want_no_motion(browser, tmp_path, motion):
    page = browser.new_page(reduced_motion=motion)
    show(page, refrace.step(LOST, "unlocked"), tmp_path)
    moving = page.evaluate(
        """() => [...document.querySelectorAll('*')].map((e) => getComputedStyle(e))
            .filter((s) => s.transitionDuration !== '0s' || s.animationName !== 'none'
                || s.scrollBehavior !== 'auto').length"""
    )
    page.close()
    assert (moving == 0) == (motion == "reduce")


@pytest.mark.parametrize(
    "saved",
    [
        lambda: refrace.step(BORROWED),
        lambda: refrace.explore(BORROWED, "biased"),
        lambda: refrace.explain_pattern("borrow-then-incref"),
        lambda: refrace.mode("biased").plot(),
    ],
    ids=["stepper", "exploration", "pattern", "mode"],
)
def test_a_page_fits_on_a_phone_with_legible_pictures(browser, tmp_path, saved):
    page = browser.new_page(viewport={"width": 400, "height": 800})
    saved().save(tmp_path / "page.html")
    page.goto((tmp_path / "page.html").as_uri())
    width, sizes = page.evaluate(
        """() => [document.documentElement.scrollWidth,
          [...document.querySelectorAll('svg.rf text')].filter(
            (text) => text.checkVisibility()).map(
            (text) => parseFloat(getComputedStyle(text).fontSize)
              * text.ownerSVGElement.getBoundingClientRect().width
              / text.ownerSVGElement.viewBox.baseVal.width)]"""
    )
    page.close()
    assert width <= 400
    assert min(sizes, default=13) >= 7.5


def test_the_focus_stays_on_a_button_that_was_pressed(page, tmp_path):
    root = show(page, refrace.step(LOST, "unlocked"), tmp_path)
    root.locator("[data-key=take-4]").first.focus()
    page.keyboard.press("Enter")

    assert page.evaluate("document.activeElement.dataset.key") == "take-4"


def test_a_goal_hides_the_counts_and_judges_the_run(page, tmp_path):
    root = show(page, refrace.step(LOST, "unlocked"), tmp_path)
    head = root.locator(".rs-head")

    root.get_by_label("Goal").select_option("fail")
    assert "runs go wrong" not in root.inner_text()
    for code in (0, 0):
        root.locator(f"[data-code='{code}']").click()
    while root.locator(".rs-choice").count():
        root.locator(".rs-choice").first.click()
    assert "It was decided in step 2" in head.inner_text()

    root.get_by_label("Goal").select_option("safe")
    while root.locator(".rs-choice").count():
        root.locator(".rs-choice").first.click()
    assert "You did it, in" in head.inner_text()


def test_the_graph_has_every_state_and_the_walked_path(page, tmp_path):
    stepper = refrace.step(LOST, "unlocked")
    root = show(page, stepper, tmp_path)
    do(page, "counterexample()")

    graph = root.locator(".rs-graph svg")
    assert graph.locator("g").count() == stepper.states
    assert graph.locator("line.s-ink").count() == 4
    ends = [
        kinds
        for kinds, edges in zip(
            stepper.data["kinds"], stepper.data["edges"], strict=True
        )
        if kinds or not edges
    ]
    titles = graph.locator("g title").all_text_contents()
    assert titles.count("leak") == ends.count(["leak"])
    assert titles.count("intact") == ends.count([])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_is_legible_in_both_themes(browser, tmp_path, scheme):
    page = browser.new_page(color_scheme=scheme)
    show(page, refrace.step(BORROWED), tmp_path)
    colours = page.evaluate(
        """() => [...document.querySelectorAll('.rs *')].filter(
            (e) => [...e.childNodes].some(
                (n) => n.nodeType === 3 && n.textContent.trim()
              )
              && !(e instanceof SVGElement) && e.offsetParent && !e.disabled
              && e.tagName !== 'SCRIPT'
          ).map((e) => {
            let back = e;
            const clear = 'rgba(0, 0, 0, 0)';
            while (getComputedStyle(back).backgroundColor === clear) {
              back = back.parentElement;
            }
            return [getComputedStyle(e).color, getComputedStyle(back).backgroundColor];
          })"""
    )
    page.close()

    def luminance(colour):
        linear = []
        for part in colour.removeprefix("rgb(").rstrip(")").split(","):
            c = int(part) / 255
            low = c <= 0.03928
            linear.append(c / 12.92 if low else ((c + 0.055) / 1.055) ** 2.4)
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    assert len(colours) > 30
    for front, back in set(map(tuple, colours)):
        light, dark = sorted((luminance(front), luminance(back)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, (front, back)


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    program=programs(),
    mode=st.sampled_from([mode.name for mode in refrace.modes()]),
    choice=st.randoms(use_true_random=False),
)
def test_the_page_agrees_with_the_explorer_on_every_step_of_a_program(
    page, tmp_path_factory, program, mode, choice
):
    """Choices, counts, preemptions, and a token that Python makes the same."""
    assume(refrace.mode(mode).has_operations_of(program))
    try:
        stepper = refrace.step(program, mode, max_states=1500)
    except refrace.LimitReached:
        assume(False)
    show(page, stepper, tmp_path_factory.mktemp("page"))
    told = stepper.data
    state, codes = 0, []
    while True:
        shown = page.locator(".rs-choice").evaluate_all(
            "(all) => all.map((one) => Number(one.dataset.code))"
        )
        assert shown == [code for code, _, _ in told["edges"][state]]
        trace = stepper.trace(codes)
        assert do(page, "run.preemptions") == trace.preemptions
        kind = None if trace.finding is None else str(trace.finding.kind)
        if [kind] == (told["kinds"][state] or [None])[:1]:
            assert do(page, "token()") == trace.token
        replayed = refrace.replay(do(page, "token()"))
        assert replayed.schedule == labels_of(codes, told["threads"])
        if not shown or len(codes) == 25:
            break
        code, state, _ = choice.choice(told["edges"][state])
        page.locator(f".rs-choice[data-code='{code}']").click()
        codes.append(code)


WIDGET_IN_A_SHADOW_TREE = """([module, style, data]) => {
  const tree = document.body.appendChild(document.createElement("div"))
    .attachShadow({ mode: "open" });
  tree.innerHTML = `<style>${style}</style><div></div>`;
  const traits = { data, codes: [] };
  const model = { get: (name) => traits[name], set() {}, save_changes() {}, on() {} };
  const url = URL.createObjectURL(new Blob([module], { type: "text/javascript" }));
  return import(url).then(({ default: widget }) => {
    widget.render({ model, el: tree.querySelector("div") });
    window.paper = () =>
      getComputedStyle(tree.querySelector(".rs")).getPropertyValue("--rf-paper");
  });
}"""


def test_a_widget_in_a_shadow_tree_has_the_theme_of_the_page(browser):
    page = browser.new_page(color_scheme="dark")
    page.set_content('<body data-theme="light"></body>')
    data = data_text(refrace.step(LOST, "unlocked").data)

    page.evaluate(WIDGET_IN_A_SHADOW_TREE, [module_text(), style_text(), data])
    assert page.evaluate("paper()") == COLOURS["paper"][0]

    for theme, paper in zip(("dark", "light"), reversed(COLOURS["paper"]), strict=True):
        page.evaluate(f"document.body.dataset.theme = '{theme}'")
        page.wait_for_function(f"paper() === '{paper}'")
    page.close()

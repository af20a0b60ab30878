"""The stepper's graph agrees with the explorer: choices, values, exact counts."""

import json
import zlib

import pytest
from display.pictures.results import BORROWED, CROSSED, LOST
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import refrace
from refrace.explorer.model.step_counts import counted
from refrace.explorer.session import session_of
from refrace.explorer.stepper import stepper_of
from refrace.strategies import programs
from refrace.traces.schedule import codes_of
from refrace.traces.token import steps_digest

MODES = [mode.name for mode in refrace.modes()]
GILS = st.sampled_from(["released", "held"])
MOST = 2000


def wrong_runs(found):
    counts = [one.interleavings for kinds, one in found.outcomes.items() if kinds]
    return None if None in counts else sum(counts)


def number(text):
    return None if text is None else int(text)


def made_and_there(objects, named):
    made = [known for name, known in objects.items() if name not in named]
    return sorted(known for known in made if known[0] != "freed")


def tried(program, mode, gil):
    """Return the session and the stepper of a program; None if it is too large."""
    assume(refrace.mode(mode).has_operations_of(program))
    session = session_of(program, mode, gil)
    try:
        return session, stepper_of(session, (), MOST)
    except refrace.LimitReached:
        assume(False)


def check_the_first_state(program, mode, gil):
    _, stepper = tried(program, mode, gil)
    found = refrace.explore(program, mode, gil)

    assert number(stepper.data["runs"][0]) == found.interleavings
    assert number(stepper.data["wrong"][0]) == wrong_runs(found)


any_exploration = given(programs(), st.sampled_from(MODES), GILS)


@settings(max_examples=25)
@any_exploration
def test_the_first_state_has_the_exact_numbers_of_an_exploration(program, mode, gil):
    check_the_first_state(program, mode, gil)


@pytest.mark.soak
@settings(max_examples=300, deadline=None)
@any_exploration
def test_the_first_state_has_the_exact_numbers_of_many_more(program, mode, gil):
    check_the_first_state(program, mode, gil)


@given(programs(), st.sampled_from(MODES), GILS, st.data())
def test_every_step_of_a_run_has_the_choices_and_values_of_a_replay(
    program, mode, gil, data
):
    session, stepper = tried(program, mode, gil)
    told = stepper.data
    state, codes = 0, []
    while told["edges"][state] and len(codes) < 60:
        assert [code for code, _, _ in told["edges"][state]] == session.choices(codes)
        code, state, which = data.draw(st.sampled_from(told["edges"][state]))
        codes.append(code)
        replay = session.replay(codes)
        values = {
            name: told["values"][value]
            for name, value in zip(
                told["variables"], told["states"][state], strict=False
            )
            if value >= 0
        }
        objects = {
            name: (known.status, str(known.count), str(known.ledger))
            for name, known in replay.state.objects.items()
        }
        shown = {
            variable.removesuffix(" status"): (
                status,
                values[variable.replace(" status", " count")],
                values[variable.replace(" status", " true count")],
            )
            for variable, status in values.items()
            if variable.endswith(" status")
        }
        named = {node.name for node in program.facts.objects}
        for name in named:
            assert shown[name] == objects[name]
        # Runs that differ in the names of what they made, or in what is gone, are one.
        assert made_and_there(shown, named) == made_and_there(objects, named)
        step = replay.steps[-1]
        assert told["threads"][told["steps"][which]["thread"]] == step.thread
        assert told["steps"][which]["line"] == step.program_line
        if replay.ended:
            kinds = {str(finding.kind) for finding in replay.findings}
            assert set(told["kinds"][state]) == kinds
    if not told["edges"][state]:
        assert session.choices(codes) == []


@given(programs(), st.sampled_from(MODES))
def test_the_counterexample_is_as_small_as_that_of_the_explorer(program, mode):
    _, stepper = tried(program, mode, "released")
    found = refrace.explore(program, mode)
    shortest = stepper.data["shortest"]

    assert (shortest is None) == (found.verdict == "safe")
    # A run goes on after a latent finding, and the stepper shows it to its end.
    if found.traces and not any(finding.kind.is_latent for finding in found.findings):
        first = found.counterexample()
        trace = stepper.trace()
        assert (trace.preemptions, len(trace.steps)) == (
            first.preemptions,
            len(first.steps),
        )


def joined(first, second, length):
    """The CRC-32 of two texts in a row: it is linear but for a constant."""
    zeros = bytes(length)
    return zlib.crc32(zeros, first) ^ zlib.crc32(zeros) ^ second


@pytest.mark.parametrize(
    ("program", "mode"),
    [(LOST, "unlocked"), (BORROWED, "biased"), (CROSSED, "atomic")],
)
def test_the_parts_of_the_steps_make_the_digest_of_the_token(program, mode):
    """What the page does with them, without a browser."""
    stepper = refrace.step(program, mode)
    told = stepper.data
    codes = told["shortest"] or []
    while len(codes) < 30 and (edges := edges_after(told, codes)):
        codes = [*codes, edges[0][0]]
    trace = stepper.trace(codes)
    assert len(trace.steps) == len(codes) >= 4

    state = digest = 0
    for code, step in zip(codes, trace.steps, strict=True):
        (edge,) = [one for one in told["edges"][state] if one[0] == code]
        state = edge[1]
        known = (str(step.number).encode(), str(step.preempts).lower().encode())
        first, second, third = told["steps"][edge[2]]["digest"]
        for part in (
            first,
            (zlib.crc32(known[0]), len(known[0])),
            second,
            (zlib.crc32(known[1]), len(known[1])),
            third,
        ):
            digest = joined(digest, *part)
    assert digest == steps_digest(trace.steps)


def edges_after(told, codes):
    state = 0
    for code in codes:
        (state,) = [edge[1] for edge in told["edges"][state] if edge[0] == code]
    return told["edges"][state]


def test_two_threads_that_drop_one_reference_each():
    stepper = refrace.step(LOST, "unlocked")
    told = stepper.data

    assert (told["runs"][0], told["wrong"][0]) == ("6", "4")
    after = [target for _, target, _ in told["edges"][0]]
    assert [(told["runs"][s], told["wrong"][s]) for s in after] == [("3", "2")] * 2
    assert len(told["shortest"]) == 4


def test_a_state_shows_locals_locks_and_store_buffers():
    told = refrace.step(CROSSED).data
    assert {"T1 mine", "T2 other", "A.m", "B.m", "A count"} <= set(told["variables"])

    late = """
    slot S = null
    T1: x = new A ; put x ; S = x
    T2: y = S
    """
    told = refrace.step(late).data
    shown = told["variables"].index("T1 store buffer")
    values = {
        told["values"][state[shown]] for state in told["states"] if len(state) > shown
    }
    assert values == {"[]", "[A]"}


def test_a_deadlock_says_which_thread_waits_for_which_lock():
    told = refrace.step(CROSSED).data
    said = [waits for waits in told["waits"] if waits]

    assert said == [
        ["T1 waits for B.m, which T2 holds", "T2 waits for A.m, which T1 holds"]
    ]


def test_a_lock_keeps_its_name_where_objects_have_no_lock_of_their_own():
    finding = refrace.explore(
        "slot S = A\nlock K L\n"
        "T1: lock K ; lock L ; unlock L ; unlock K\n"
        "T2: lock L ; lock K ; unlock K ; unlock L"
    ).findings[0]

    assert "T1 waits for L, which T2 holds, and T2 waits for K" in str(finding)


def test_cycles_have_infinitely_many_runs_and_livelocks_one():
    assert [one.runs for one in counted([[1, 2], [0], []], [False, False, True])] == [
        None,
        None,
        1,
    ]
    stuck = counted([[1, 2], [], [2]], [False, False, False])
    assert (stuck[0].runs, stuck[0].wrong) == (2, 1)
    assert stuck[2].is_stuck


def test_a_trace_begins_its_stepper_with_its_own_steps():
    trace = refrace.explore(BORROWED, "biased").counterexample()
    told = trace.stepper().data

    assert told["begins"] == list(codes_of(trace.schedule, told["threads"]))


def test_an_exploration_gives_the_stepper_of_its_program():
    found = refrace.explore(BORROWED, "biased")

    assert found.stepper().data == refrace.step(BORROWED, "biased").data


def test_the_data_is_json_and_its_size_is_stated():
    stepper = refrace.step(BORROWED)

    assert json.loads(json.dumps(stepper.data)) == stepper.data
    assert f"{stepper.states} states, {stepper.size_bytes:,} bytes" in repr(stepper)


def test_a_page_shows_the_program_and_the_counterexample_without_scripts(tmp_path):
    path = tmp_path / "page.html"
    refrace.step(LOST, "unlocked").save(path)
    page = path.read_text(encoding="utf-8")

    before_script = page.partition('<script type="module">')[0]
    assert "decref x" in before_script
    assert "<svg" in before_script
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")


def test_the_page_of_an_exploration_has_the_stepper_and_that_of_a_large_one_not():
    small = refrace.explore(LOST, "unlocked")
    assert "data-refrace-stepper" in small.html()
    assert "<script" not in small._repr_html_()

    stopped = refrace.explore(LOST, "unlocked", max_states=2)
    assert "data-refrace-stepper" not in stopped.html()


def test_text_of_a_program_cannot_end_the_data_of_a_page():
    stepper = refrace.step("int N = 0\nT1: n = N ; assert n < 1\n")
    html = stepper._repr_html_()
    data = html.partition('type="application/json">')[2].partition("</script>")[0]

    assert "<" not in data
    assert json.loads(data) == stepper.data


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        ((3,), refrace.InvalidArgumentType, "program=3 is an int"),
        (("T1: x",), refrace.InvalidProgram, "line 1"),
        ((LOST, "nolock"), refrace.UnknownMode, "nolock"),
        ((LOST, "atomic", "free"), refrace.InvalidArgument, "gil='free' is unknown"),
    ],
)
def test_a_wrong_argument_is_an_error_with_a_cure(arguments, kind, message):
    with pytest.raises(kind, match=message):
        refrace.step(*arguments)


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        ({"max_states": 0}, refrace.InvalidArgument, "max_states=0 is out of range"),
        (
            {"max_states": 3},
            refrace.LimitReached,
            "more than 3 states; raise max_states",
        ),
        ({"schedule": ["T9"]}, refrace.InvalidData, "schedule.0. is 'T9'"),
        ({"schedule": ["T1"] * 9}, refrace.InvalidArgument, "no schedule of the"),
    ],
)
def test_a_wrong_option_is_an_error_with_a_cure(options, kind, message):
    with pytest.raises(kind, match=message):
        refrace.step(LOST, "unlocked", **options)


def test_a_program_with_a_misuse_is_an_error_that_names_the_run():
    with pytest.raises(refrace.InvalidProgram, match="refrace replay rr1:"):
        refrace.step("lock L\nT1: unlock L\n")


@pytest.mark.parametrize("name", ["x.svg", "x"])
def test_a_stepper_is_saved_as_a_page_only(name, tmp_path):
    with pytest.raises(refrace.InvalidArgument, match=r"use one of \.html"):
        refrace.step(LOST).save(tmp_path / name)


def test_a_widget_has_the_data_and_the_steps_on_display():
    pytest.importorskip("anywidget")
    stepper = refrace.explore(LOST, "unlocked").counterexample().stepper()
    widget = stepper.widget()

    assert json.loads(widget.data) == stepper.data
    assert widget.codes == stepper.data["begins"]
    assert stepper.trace(widget.codes).finding.kind == "leak"


def test_a_widget_without_its_package_is_an_error_with_a_cure(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "anywidget", None)
    with pytest.raises(
        refrace.MissingPackage, match=r"pip install 'refrace\[notebook\]'"
    ):
        refrace.step(LOST).widget()


def test_marimo_displays_the_widget():
    pytest.importorskip("anywidget")
    stepper = refrace.step(LOST)

    assert json.loads(stepper._display_().data) == stepper.data


def test_marimo_displays_html_where_there_are_no_widgets(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "anywidget", None)
    stepper = refrace.step(LOST)

    assert stepper._display_()._repr_html_() == stepper._repr_html_()

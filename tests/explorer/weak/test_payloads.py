"""The number of a payload: read and written plainly, so that accesses can race."""

from __future__ import annotations

import random

import pytest
from explorer.weak.runs import TEXTS, random_threads
from reference.axioms import Axioms, Event

import refrace
from refrace import strategies
from refrace.explorer.replay import replay

SHARED = "obj A rc 1\nslot S = A\nborrow T1.x = A\nborrow T2.x = A\n"
PASSED_ON = SHARED + (
    "int F = 0\n"
    "T1: poke x 7 ; F = 1 {write}\n"
    "T2: n = F {read} ; if n == 1 {{ v = peek x ; assert v == 7 }}"
)


def kinds(text, memory="c11", **options):
    explored = refrace.explore(text, memory=memory, **options)
    assert explored.is_conclusive
    return {str(finding.kind) for finding in explored.findings}


# ------------------------------------------------------------- what it means


@pytest.mark.parametrize(
    ("write", "read", "runs"),
    [
        ("release", "acquire", {frozenset(): 4}),
        ("relaxed", "acquire", {frozenset(): 3, frozenset({"data-race"}): 1}),
        ("release", "relaxed", {frozenset(): 3, frozenset({"data-race"}): 1}),
    ],
)
def test_a_number_is_passed_on_by_release_and_acquire_only(write, read, runs):
    text = PASSED_ON.format(write=write, read=read)
    explored = refrace.explore(text, memory="c11")

    found = explored.outcomes.items()
    assert {kinds: one.interleavings for kinds, one in found} == runs
    assert kinds(text, "sc") == set()


@pytest.mark.parametrize(
    ("first", "second", "races"),
    [
        ("poke x 1", "poke x 2", True),
        ("poke x 1", "n = peek x", True),
        ("poke x 1", "use x", True),
        ("put x", "n = peek x", True),
        ("n = peek x", "m = peek x", False),
        ("n = peek x", "use x", False),
    ],
)
def test_two_accesses_race_if_one_writes(first, second, races):
    text = f"{SHARED}T1: {first}\nT2: {second}"

    assert kinds(text) == ({"data-race"} if races else set())


def test_with_sequential_consistency_a_write_is_at_once_and_updates_get_lost():
    text = f"""{SHARED}int DONE = 0
    T1: n = peek x ; poke x n + 1 ; d = finc DONE
    T2: n = peek x ; poke x n + 1 ; await DONE
      m = peek x ; assert m == 2 or m == 1
    """
    assert kinds(text, "sc") == set()
    assert kinds(text.replace(" or m == 1", ""), "sc") == {"wrong-value"}


def test_a_lock_orders_updates():
    update = "lock L ; n = peek x ; poke x n + 1 ; unlock L ; d = finc DONE"
    text = f"""{SHARED}lock L
    int DONE = 0
    T1: {update} ; if d == 2 {{ n = peek x ; assert n == 2 }}
    T2: {update} ; if d == 2 {{ n = peek x ; assert n == 2 }}
    """
    assert kinds(text) == kinds(text, "sc") == set()


@pytest.mark.parametrize("memory", ["sc", "c11"])
@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("T1: x = null ; n = peek x", "null-dereference"),
        ("T1: x = null ; poke x 1", "null-dereference"),
        ("hold T1.x = A\nT1: decref x ; n = peek x", "use-after-free"),
        ("hold T1.x = A\nT1: decref x ; poke x 1", "use-after-free"),
        ("T1: x = raw_new M ; n = peek x ; decref x", "uninitialised-use"),
        ("T1: x = raw_new M ; init x ; n = peek x ; assert n == 0 ; decref x", None),
        ("T1: x = malloc M ; poke x 3 ; n = peek x ; assert n == 3 ; free x", None),
        ("hold T1.x = A\nT1: poke x 5 ; decref x\n"
         "y = renew A ; n = peek y ; assert n == 0 ; decref y", None),
    ],
)  # fmt: skip
def test_a_number_is_in_the_memory_of_its_object(text, kind, memory):
    assert kinds(text, memory) == ({kind} if kind else set())


def test_equal_objects_with_other_numbers_are_not_the_same_state():
    text = """
    slot S = A
    T1: x = S ; poke x 1
    T2: x = S ; n = peek x ; m = peek x ; assert n == m
    """
    assert kinds(text, "sc") == {"wrong-value"}


# ------------------------------------------------------------- names and errors


def test_the_words_are_still_names():
    program = refrace.Program.parse(
        "int peek = 0\nobj poke rawfield peek=1\nslot payload = poke\n"
        "T1: x = payload ; peek = 2 ; n = x.peek ; assert n == 1 ; m = peek x\n"
        "  assert m == 0"
    )
    assert refrace.explore(program).proved
    assert refrace.Program.parse(str(program)) == program
    assert refrace.Program.from_json(program.to_json()) == program


def test_a_field_of_the_same_name_is_another_place():
    text = """
    obj A rawfield payload=4
    slot S = A
    T1: x = S ; poke x 1 ; n = x.payload ; m = peek x ; assert n == 4 and m == 1
    """
    assert kinds(text) == kinds(text, "sc") == set()


@pytest.mark.parametrize(
    "step",
    ["n = peek", "peek x", "poke x", "poke x x", "poke x null", "n = peek x relaxed",
     "n = poke x 1", "n = peek S"],
)  # fmt: skip
def test_a_step_that_is_written_wrongly_is_refused(step):
    with pytest.raises(refrace.InvalidProgram) as caught:
        refrace.Program.parse(f"slot S = A\nT1: x = S ; {step}")

    assert "line 2" in str(caught.value)


def test_a_pointer_that_only_runs_find_is_no_number():
    text = "slot S = A\nint N = 0\nT1: x = S ; n = N ; N = 1 ; poke x n"

    assert kinds(text) == set()


# ------------------------------------------------------- traces, tokens, walks


def test_a_trace_shows_the_number_and_its_token_replays():
    text = PASSED_ON.format(write="relaxed", read="acquire")
    (trace,) = refrace.explore(text, memory="c11").traces

    assert trace.steps[0].place == "A.payload"
    assert (trace.steps[0].before, trace.steps[0].after) == (0, 7)
    assert "poke x 7" in str(trace.finding)
    assert replay(trace.token).steps == trace.steps
    assert "A.payload" in trace.svg()
    assert refrace.Trace.from_json(trace.to_json()) == trace


def test_samples_checks_and_walks_know_the_number():
    text = PASSED_ON.format(write="relaxed", read="acquire")

    sampled = refrace.sample(text, memory="c11", runs=300, seed=1)
    assert {str(one.kind) for one in sampled.findings} == {"data-race"}
    assert refrace.check(text, memory="c11").findings == ()  # one thread at a time
    walk = refrace.step(text, memory="c11").walk()
    walk.take(walk.choices[0].code)
    assert ("A.payload", "7", "0") in walk.variables()


def test_a_race_of_the_program_on_threads_has_an_outcome_that_is_predicted():
    text = PASSED_ON.format(write="release", read="acquire")
    report = refrace.race("atomic", program=text, rounds=200)

    assert report.findings == ()


# --------------------------------------------------------- against other checkers

PLAIN = {"P": "p{n} = peek x", "Q": "poke x {n}"}


def with_payloads(rng, most):
    """Return random threads in which some accesses are of one payload."""
    threads = []
    for t, events in enumerate(random_threads(rng, most)):
        made = []
        for i, event in enumerate(events):
            if rng.random() < 0.4:
                made.append(Event(f"{t}.{i}", t, rng.choice("PQ"), "", "plain"))
            else:
                made.append(event)
        threads.append(made)
    return threads


def program_of(threads):
    """Return its text; each thread keeps what it has read until the end."""
    lines = ["int X = 0", "int Y = 0", "obj A rc 1", "slot S = A"]
    lines += [f"borrow T{t}.x = A" for t in range(len(threads))]
    for t, events in enumerate(threads):
        lines.append(f"T{t}:")
        for i, event in enumerate(events):
            form = TEXTS.get(event.kind) or PLAIN[event.kind]
            number = 10 * t + i + 1
            lines.append("  " + form.format(c=event.cell, o=event.order, n=number))
    return "\n".join(lines)


def claimed(threads, reads):
    """Return the program, with the claim that no run reads just these writes."""
    lines, ends = program_of(threads).split("\n"), []
    lines[4:4] = [f"int E{t}{i} = 0" for t, i in reads]
    for t, i in reads:
        at = lines.index(f"  p{10 * t + i + 1} = peek x", lines.index(f"T{t}:"))
        lines.insert(at + 1, f"  E{t}{i} = p{10 * t + i + 1} plain")
    for (t, i), number in reads.items():
        ends.append(f"  e{t}{i} = E{t}{i}")
        reads[t, i] = f"e{t}{i} != {number}"
    return "\n".join([*lines, "end:", *ends, f"  assert {' or '.join(reads.values())}"])


def compare(seeds, most):
    """Compare verdicts and what is read; return how many programs race and do not."""
    n_racing = n_read = 0
    for seed in seeds:
        threads = with_payloads(random.Random(seed), most)
        axioms = Axioms(threads)
        read = [axioms.payload_reads(graph) for graph in axioms.graphs()]
        text = program_of(threads)
        races = None in read
        assert kinds(text) == ({"data-race"} if races else set()), text
        n_racing += races
        if races or not any(read):
            continue
        for one in {tuple(sorted(each.items())) for each in read}:
            numbers = {
                tuple(map(int, name.split("."))): (
                    0 if source is None else number_of(source)
                )
                for name, source in one
            }
            n_read += 1
            assert kinds(claimed(threads, numbers)) == {"wrong-value"}, text
    return n_racing, n_read


def number_of(name):
    t, i = map(int, name.split("."))
    return 10 * t + i + 1


def test_random_programs_race_and_read_as_the_axioms_say():
    n_racing, n_read = compare(range(150), 5)

    assert n_racing > 50
    assert n_read > 10


@pytest.mark.soak
@pytest.mark.parametrize("first", range(1000, 3000, 1000))
def test_more_random_programs_race_and_read_as_the_axioms_say(first):
    n_racing, n_read = compare(range(first, first + 1000), 6)

    assert min(n_racing, n_read) > 100


def test_generated_programs_for_c11_use_numbers():
    from hypothesis import Phase, find, settings

    uses_both = find(
        strategies.programs(memory="c11", features=["buffers"]),
        lambda program: program.facts.uses("peek") and program.facts.uses("poke"),
        settings=settings(max_examples=5000, phases=[Phase.generate], database=None),
    )
    assert refrace.Program.parse(str(uses_both)) == uses_both


def test_the_block_of_a_container_has_no_number():
    program = "vec C = [A] room 1\nT1: p = items C ; n = peek p"
    with pytest.raises(
        refrace.InvalidProgram, match="which has no number; read and write"
    ):
        refrace.explore(program)


def test_a_trace_tells_the_number_from_a_field_that_is_named_payload():
    trace = refrace.explore(
        "obj A rawfield payload=0\nhold T1.x = A\nT1: poke x 7 ; x.payload = 1"
    ).traces[0]

    places = [step.place for step in trace.steps]
    assert "A.(payload)" in places
    assert "A.payload" in places

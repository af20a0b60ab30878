"""Replaced storage and memory without a count, and both explorers agree on them."""

import pytest
from explorer.model.compare import (
    COMPARED,
    legal_programs,
    replay_all_findings,
    same_answers,
)
from explorer.model.generate_storage import random_blocks, random_memory, random_writes
from explorer.model.models import GILS, explore

import refrace

PROGRAMS_PER_TEST = 16
PROGRAMS_PER_SOAK = 150


def kinds_of(text, mode="atomic", gil="released"):
    found = refrace.explore(text, mode, gil=gil)
    assert found.limit is None
    return {str(kind) for outcome in found.outcomes for kind in outcome}


READER = """
vec C = [A] room {room}
hold T2.y = B
T1: p = items C ; {between} x = at p 0 ; use x
T2: append C y
"""


def reader(room, between=""):
    return READER.format(room=room, between=between)


def test_a_reader_of_a_replaced_block_touches_freed_memory():
    trace = refrace.explore(reader("1")).counterexample()

    assert trace.finding.kind == "use-after-free"
    assert "T1 took C.items from C in step 1" in trace.finding.message
    assert "T2 freed C.items in step 2" in trace.finding.message


def test_a_block_with_room_is_not_replaced():
    assert kinds_of(reader("2")) == set()


def test_a_delayed_free_waits_for_the_reader():
    assert kinds_of(reader("1 delayed")) == set()


@pytest.mark.parametrize("point", ["quiesce ;", "detach ; attach ;"])
@pytest.mark.parametrize("mode", ["atomic", "biased", "epoch"])
def test_a_delayed_free_waits_only_for_the_next_quiescent_point(mode, point):
    assert "use-after-free" in kinds_of(reader("1 delayed", point), mode)


def test_a_delayed_free_waits_for_no_thread_that_was_detached():
    text = """
    vec C = [A] room 1 delayed
    int READY = 0
    hold T2.y = B
    T1: p = items C ; detach ; READY = 1 ; x = at p 0 ; attach
    T2: await READY ; append C y
    """

    assert kinds_of(text) == {"use-after-free"}


def test_a_length_and_a_block_of_different_generations_are_out_of_bounds():
    text = """
    rawvec C = [A, B] room 2 delayed
    slot S = A
    slot R = B
    T1: n = len C ; p = items C
      if n > 1 {
        x = at p 1
      }
    T2: resize C 1
    """
    found = refrace.explore(text)

    assert {f.kind for f in found.findings} == {"out-of-bounds"}
    assert "past the end of the block C.items2" in found.findings[0].message


def test_what_a_smaller_block_cuts_off_keeps_its_count():
    assert kinds_of("vec C = [A] room 1\nT1: resize C 0") == {"leak"}


def test_an_item_read_through_a_block_is_borrowed():
    text = """
    vec C = [A] room 1
    T1: p = items C ; x = at p 0 ; if x != null { incref x ; use x ; decref x }
    T2: y = pop C ; if y != null { decref y }
    """
    assert "use-after-free" in kinds_of(text.replace("; if", "\n if"))


WRITER = """
vec C = [A] room {room}
hold T1.y = B
T1: p = items C ; at p {index} = y
T2: {other}
"""


def written(room="1", index="0", other="n = len C"):
    return WRITER.format(room=room, index=index, other=other)


def test_a_write_through_a_block_changes_the_item_and_no_count():
    text = "vec C = [A] room 1\nhold T1.y = B\nT1: p = items C ; x = at p 0 ; "
    text += "at p 0 = y ; decref x\nend: z = get C 0 ; use z"

    assert kinds_of(text) == set()
    assert kinds_of(text.replace("; decref x", "")) == {"leak"}


def test_a_write_into_a_replaced_block_is_lost_or_touches_freed_memory():
    assert "use-after-free" in kinds_of(written(other="resize C 2"))
    delayed = written("1 delayed", other="resize C 2") + "raw R = B\n"
    seen = "end: z = get C 0 ; r = R ; assert z == r"

    assert kinds_of(delayed) == {"leak"}
    assert kinds_of(delayed + seen) == {"leak", "wrong-value"}  # B is no item


@pytest.mark.parametrize("index", ["1", "(-1)"])
def test_a_write_outside_of_the_block_is_out_of_bounds(index):
    finding = refrace.explore(written(index=index)).counterexample().finding

    assert finding.kind == "out-of-bounds"
    assert "writes past the end of the block C.items" in finding.message


def test_a_place_behind_the_last_item_can_be_written_and_is_no_item():
    text = "vec C = [] room 1\nhold T1.y = B\nT1: p = items C ; at p 0 = y ; n = len C"
    text += " ; assert n == 0 ; x = at p 0 ; use x"

    assert kinds_of(text) == {"leak"}


def test_what_is_written_through_a_block_is_published():
    text = "vec C = [null] room 1\nT1: y = new T ; p = items C ; at p 0 = y ; incref y"
    text += " ; decref y\nT2: x = get C 0 ; if x != null { use x }"

    assert kinds_of(text, "sign_split") == set()


def test_a_write_through_what_is_no_block_is_an_error_of_the_program():
    text = "vec C = [] room 1\nhold T1.y = B\nT1: b = malloc Buf ; at b 0 = y"

    with pytest.raises(refrace.InvalidProgram, match="what is not the block"):
        refrace.explore(text)


def test_a_container_without_room_has_the_same_states_as_before():
    text = "vec C = [A]\nhold T1.y = B\nT1: append C y ; x = get C 0\nT2: n = len C"

    plain = explore(text)
    roomy = explore(text.replace("[A]", "[A] room 2"))
    assert (plain.states, plain.transitions) == (roomy.states, roomy.transitions)
    assert plain.outcomes == roomy.outcomes


# ------------------------------------------------------------- without a count

OWNED = "raw R = null\nT1: b = malloc Buf ; R = b ; {}"


@pytest.mark.parametrize(
    ("body", "kinds"),
    [
        ("use b ; R = null ; free b", set()),
        ("free b ; use b", {"use-after-free"}),
        ("free b ; free b", {"double-free"}),
        ("R = null", {"leak"}),
        ("gil", set()),
        ("detach ; free b ; attach", set()),
        ("put b ; free b ; fence", {"use-after-free"}),
    ],
)
@pytest.mark.parametrize("mode", ["atomic", "biased", "sign_split"])
def test_memory_without_a_count_is_used_freed_and_lost(mode, body, kinds):
    assert kinds_of(OWNED.format(body), mode) == kinds


def test_memory_that_exists_from_the_start():
    text = "obj U uncounted rawfield n=3\nraw R = U\nT1: b = R ; k = b.n ; free b"

    assert kinds_of(f"{text} ; assert k == 3") == set()
    assert kinds_of(f"{text}\nT2: c = R ; use c") == {"use-after-free"}


@pytest.mark.parametrize(
    ("body", "match"),
    [
        ("incref b", "memory that has no count"),
        ("dealloc b", "memory that has no count"),
        ("c = upgrade R", "memory that has no count"),
        ("x = at b 0", "what is not the block"),
        ("p = items C ; free p", "which only the container does"),
    ],
)
def test_what_memory_without_a_count_cannot_do_is_an_error_of_the_program(body, match):
    text = f"vec C = [] room 1\n{OWNED.format(body)}"

    with pytest.raises(refrace.InvalidProgram, match=match):
        refrace.explore(text)


def test_the_words_of_memory_are_names_where_nothing_follows():
    text = "slot items = A\nT1: at = items ; resize = at ; use resize"

    assert str(refrace.Program.parse(text)).splitlines()[2:] == [
        "  at = items",
        "  resize = at",
        "  use resize",
    ]


def test_real_threads_meet_replaced_storage_too():
    race = refrace.race("atomic", program=reader("1"), rounds=300, seed=1)
    predicted = refrace.explore(reader("1"))

    assert race.disputed == 0
    assert set(race.outcomes) <= set(predicted.outcomes)


def test_a_run_on_replaced_storage_is_sampled_and_replayed():
    found = refrace.sample(reader("1"), runs=200, seed=1).findings
    trace = refrace.explore(reader("1")).counterexample()

    assert [finding.kind for finding in found] == ["use-after-free"]
    assert refrace.replay(trace.token).steps == trace.steps


# ------------------------------------------------------- against the reference


def agree(generate, seeds, mode, gil):
    answers = same_answers(generate, seeds, mode, gil, True)
    seen = {kind for answer in answers.values() if answer for kind in answer[0]}

    assert len(answers) > len(seeds) // 2
    return seen


@pytest.mark.parametrize(("mode", "gil"), [("atomic", "held"), ("biased", "released")])
@pytest.mark.parametrize("generate", [random_blocks, random_memory, random_writes])
def test_generated_programs_have_the_same_answer(generate, mode, gil):
    seen = agree(generate, range(PROGRAMS_PER_TEST), mode, gil)

    assert {"use-after-free", "leak"} <= seen


@pytest.mark.soak
@pytest.mark.parametrize("gil", GILS)
@pytest.mark.parametrize("mode", COMPARED)
@pytest.mark.parametrize("generate", [random_blocks, random_memory, random_writes])
def test_thousands_of_generated_programs_have_the_same_answer(generate, mode, gil):
    first = 1000 * (1 + COMPARED.index(mode))
    agree(generate, range(first, first + PROGRAMS_PER_SOAK), mode, gil)


@pytest.mark.parametrize("generate", [random_blocks, random_memory, random_writes])
def test_every_run_to_a_finding_replays_to_it(generate):
    for seed, text in legal_programs(generate, range(12)):
        replay_all_findings(text, "biased", "released", f"{generate.__name__}({seed})")

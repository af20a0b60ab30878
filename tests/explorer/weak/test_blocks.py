"""Containers whose items lie in a block, under C11: the items, and its address."""

from __future__ import annotations

import random

import pytest
from explorer.model.generate_storage import random_blocks, random_writes
from explorer.weak.test_litmus_lines import LINES, Litmus
from explorer.weak.walks import explored, walked

import refrace

PLACES = "XYZ"


def kinds(program, memory="c11", mode="atomic"):
    explored = refrace.explore(program, mode, memory=memory)
    assert explored.is_conclusive
    return {str(finding.kind) for finding in explored.findings}


# ------------------------------------------------------------- items as locations


def in_a_block(litmus):
    """Return a litmus test with items in place of cells, and objects as values."""
    cells = sorted({s.event.cell for s in litmus.by_name.values() if s.event.cell})
    place = {cell: i for i, cell in enumerate(cells)}
    values = range(8)
    kept = [name for name in litmus.outcome if name not in place]
    lines = [f"rawvec C = [{', '.join('N0' for _ in cells)}] room {len(cells)}"]
    lines += [f"slot IS{n} = N{n}" for n in values]
    lines += [f"raw KEPT_{name} = null" for name in kept]
    for t in range(len(litmus.threads)):
        lines += [f"borrow T{t}.v{n} = N{n}" for n in values]
    for t, thread in enumerate(litmus.threads):
        lines += [f"T{t}:", "p = items C relaxed"]
        for s in thread:
            order = s.event.order
            if s.event.kind == "F":
                lines.append(s.text)
            elif s.event.kind == "W":
                lines.append(f"at p {place[s.event.cell]} = v{s.change.value} {order}")
            else:
                lines.append(f"{s.local} = at p {place[s.event.cell]} {order}")
        lines += [
            f"KEPT_{s.local} = {s.local} plain" for s in thread if s.local in kept
        ]
    lines += ["end:", "p = items C"]
    for name, value in litmus.outcome.items():
        read = f"at p {place[name]}" if name in place else f"KEPT_{name}"
        lines += [f"last_{name} = {read}", f"is_{name} = IS{value}"]
    differs = [f"last_{name} != is_{name}" for name in litmus.outcome]
    return "\n".join([*lines, f"assert {' or '.join(differs)}"])


WITHOUT_CHANGES = [
    line for line in LINES if not any(word in line for word in ("swap", "finc", "fadd"))
]


@pytest.mark.parametrize("line", WITHOUT_CHANGES)
def test_an_item_is_a_location_like_a_cell(line):
    litmus = Litmus(line)

    assert kinds(in_a_block(litmus)) == (
        {"wrong-value"} if litmus.is_possible else set()
    )


@pytest.mark.parametrize(
    ("store", "load", "is_safe"),
    [
        ("at p 0 = n release", "at p 0 acquire", True),
        ("at p 0 = n relaxed", "at p 0 acquire", False),
        ("at p 0 = n release", "at p 0 relaxed", False),
        ("append C n", "at p 0 acquire", True),
        ("append C n", "at p 0 relaxed", False),
        ("append C n", "at p 0", True),
    ],
)
def test_an_object_is_published_by_an_item(store, load, is_safe):
    program = f"""rawvec C = [] room 1
        T1: n = new M ; p = items C relaxed ; {store}
        T2: p = items C relaxed ; y = {load} ; if y != null {{ use y }}
    """
    assert kinds(program) - {"leak"} == (set() if is_safe else {"data-race"})


@pytest.mark.parametrize(
    ("first", "second", "races"),
    [
        ("y = at p 0 plain", "y = at p 0 relaxed", False),
        ("y = at p 0 plain", "at p 0 = x relaxed", True),
        ("at p 0 = x plain", "y = at p 0", True),
        ("at p 0 = x plain", "at p 1 = x plain", False),
        ("at p 0 = x relaxed", "at p 0 = x relaxed", False),
        ("y = at p 0 plain", "append C x", False),
        ("y = at p 1 plain", "append C x", True),
        ("y = get C 0", "append C x", False),
    ],
)
def test_plain_accesses_of_an_item_race(first, second, races):
    program = f"""vec C = [A] room 2
        slot S = A
        borrow T1.x = A
        borrow T2.x = A
        T1: p = items C ; {first}
        T2: p = items C ; {second}
    """
    found = kinds(program) - {
        "count-too-low"
    }  # what `append` adds is counted by nobody

    assert found == ({"data-race"} if races else set())


def test_the_orders_of_items_are_read_and_written():
    program = refrace.Program.parse(
        "vec C = [A] room 1\nT1: p = items C acquire ; x = at p 0 relaxed ; "
        "at p 0 = x release ; y = at p 0 - 1 plain"
    )
    assert refrace.Program.parse(str(program)) == program
    assert refrace.Program.from_json(program.to_json()) == program
    steps = program.threads[0].body
    assert [step.order for step in steps] == ["acquire", "relaxed", "release", "plain"]


# ------------------------------------------------------------- replaced blocks

REPLACED = """vec C = [A] room 1{delayed}
hold T2.y = B
T1: {read}
T2: {write}
"""
UNUSABLE = {"use-after-free"}
FREED = {*UNUSABLE, "unsynchronised-free"}
LOCKED = "lock L ; {} ; unlock L"


@pytest.mark.parametrize(
    ("delayed", "read", "write", "found"),
    [
        ("", "p = items C ; x = at p 0", "append C y", FREED),
        ("", "p = items C acquire ; x = at p 0 relaxed", "append C y", FREED),
        # It may also see the new block before what initialises it.
        ("", "p = items C relaxed ; x = at p 0", "append C y", {*FREED, "data-race"}),
        (" delayed", "p = items C ; x = at p 0", "append C y", set()),
        (" delayed", "p = items C acquire ; x = at p 0 relaxed", "append C y", set()),
        (" delayed", "p = items C relaxed ; x = at p 0", "append C y", {"data-race"}),
        (" delayed", "p = items C ; quiesce ; x = at p 0", "append C y", UNUSABLE),
        (
            " delayed",
            "p = items C ; x = at p 0 ; quiesce",
            "append C y ; quiesce",
            set(),
        ),
        ("", "x = get C 0", "append C y", set()),
        ("", "n = len C", "append C y", set()),
    ],
)
def test_a_block_is_freed_after_every_access_that_is_ordered_before(
    delayed, read, write, found
):
    assert kinds(REPLACED.format(delayed=delayed, read=read, write=write)) == found


# Whoever was quiescent before may see the new block before what initialises it.
@pytest.mark.parametrize(
    ("order", "found"), [("acquire", set()), ("relaxed", {"data-race"})]
)
def test_who_was_quiescent_after_a_replacement_reads_no_freed_block(order, found):
    read = f"p = items C {order} ; x = at p 0 relaxed"
    writer = "vec C = [A] room 1 delayed\nT1: resize C 2 ; quiesce\n"

    assert kinds(f"{writer}T2: quiesce ; {read}") == found
    for mode in ("atomic", "biased_suspend", "epoch"):
        assert kinds(f"{writer}T2: detach ; attach ; {read}", mode=mode) == found
    assert kinds(f"{writer}T2: p = items C ; quiesce ; x = at p 0") == {
        "use-after-free"
    }
    # One who was quiescent is behind the replacement, not behind what another has done.
    others = "int N = 0\nT2: N = 1 plain ; quiesce\nT3: quiesce ; n = N plain"
    assert kinds(writer + others) == {"data-race"}


def test_a_lock_orders_accesses_and_the_replacement():
    read = LOCKED.format("p = items C relaxed ; x = at p 0 relaxed")
    write = LOCKED.format("append C y")
    program = "lock L\n" + REPLACED.format(delayed="", read=read, write=write)

    assert kinds(program) == set()
    assert kinds(program.replace(write, "append C y")) >= FREED


@pytest.mark.parametrize(
    ("store", "load", "found"),
    [
        ("release", "acquire", set()),
        ("release", "relaxed", {"data-race", "use-after-free"}),
        ("relaxed", "acquire", {"data-race", "use-after-free"}),
    ],
)
def test_the_old_pointer_may_be_read_after_the_replacement(store, load, found):
    program = f"""vec C = [A] room 1
        int F = 0
        T1: resize C 2 ; F = 1 {store}
        T2: f = F {load}
          if f == 1 {{ p = items C relaxed ; x = at p 0 relaxed }}
    """
    assert kinds(program) == found
    assert kinds(program, "sc") == set()


def test_a_trace_names_the_block_and_the_old_pointer():
    program = REPLACED.format(
        delayed="", read="p = items C relaxed ; x = at p 0", write="append C y"
    )
    for trace in refrace.explore(program, memory="c11").traces:
        assert refrace.replay(trace.token) == trace
        assert refrace.Trace.from_json(trace.to_json()) == trace
        assert "C" in trace.svg()


# ------------------------------------------------------------- generated programs

ORDERED = {
    "p = items C": ("plain", "relaxed", "acquire", "seq_cst"),
    "y = at p 0": ("relaxed", "acquire", "seq_cst"),
    "y = at p 1": ("relaxed", "acquire", "seq_cst"),
    "at p 0 = x": ("relaxed", "release", "seq_cst"),
    "at p 1 = x": ("relaxed", "release", "seq_cst"),
}


def with_orders(program, rng):
    """Write orders behind some of its steps."""
    for step, orders in ORDERED.items():
        parts = program.split(step)
        program = parts[0] + "".join(
            f"{step} {rng.choice(orders)}{part}" if part[:1] in " \n;" else step + part
            for part in parts[1:]
        )
    return program


def compare(seeds, make):
    """Compare the models and the form of memory; return how many programs go wrong."""
    n_corrupt = 0
    for seed in seeds:
        program = make(seed)
        strong = refrace.explore(program)
        weak = refrace.explore(program, memory="c11")
        if not (strong.is_conclusive and weak.is_conclusive):
            continue
        n_corrupt += weak.verdict == "corrupt"
        # Every run is one of C11, up to where two accesses race.
        assert strong.verdict != "corrupt" or weak.verdict == "corrupt", program
        races = {str(finding.kind) for finding in weak.findings} & {
            "data-race",
            "unsynchronised-free",
        }
        if not races:
            assert kinds(program) == kinds(program, "sc"), program
    return n_corrupt


def compare_forms(seeds, make):
    n = 0
    for seed in seeds:
        program = make(seed)
        if "T3:" in program:
            continue
        program = with_orders(program, random.Random(seed))
        runs = refrace.explore(program, memory="c11").interleavings
        if runs is None or runs > 100:
            continue
        n += 1
        together = explored(program)
        assert together == explored(program, symmetry=False) == walked(program), program
    return n


@pytest.mark.parametrize("make", [random_blocks, random_writes])
def test_generated_programs_have_every_outcome_of_sequential_consistency(make):
    assert compare(range(30), make) > 5


@pytest.mark.parametrize("make", [random_blocks, random_writes])
def test_the_form_of_memory_changes_no_outcome_of_generated_programs(make):
    assert compare_forms(range(30), make) > 5

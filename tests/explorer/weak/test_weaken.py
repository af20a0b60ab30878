"""Each memory order of a mode, weakened: by `weaken`, and in files of their own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import refrace
from refrace.catalogue.mode import mode
from refrace.explorer.memory import Memory
from refrace.explorer.scenarios import scenarios_of
from refrace.explorer.session import Session
from refrace.explorer.weaken import _Work
from refrace.explorer.weakening import Site, weaker_orders
from refrace.mode_files.compiler import compiler

TWINS = sorted(Path(__file__).with_name("twins").glob("*.c"))
DROP = "hold T1.x = A\nhold T2.x = A\nT1: use x ; decref x\nT2: use x ; decref x\n"
LOOK = """
hold T1.x = A
hold T2.x = A
T1: use x ; decref x
T2: n = unique x ; if n == 1 { put x } ; decref x
"""


def kinds(program: str, site: Site, order: str, which: str = "atomic") -> set[str]:
    """Return what goes wrong in a mode with one order weakened."""
    session = Session(
        refrace.Program.parse(program),
        mode(which),
        memory=Memory("c11", 8, (site.weakened(order),)),
    )
    return set(session.search(10_000, 60, 2**28).kinds)


def sites(program: str, which: str = "atomic") -> dict[str, Site]:
    """Return the places of a mode that a program reaches, by the C text's start."""
    session = Session(refrace.Program.parse(program), mode(which), memory=Memory("c11"))
    assert not session.search(10_000, 60, 2**28).kinds
    return {site[2].partition("(")[0]: Site(*site) for site in session.sites()}


def test_the_last_decrement_needs_its_release_and_its_fence():
    found = sites(DROP)

    assert set(found) == {"rc_fetch_add_release", "rc_fence_acquire"}
    for site in found.values():
        (order,) = weaker_orders(site)
        assert kinds(DROP, site, order) == {"unsynchronised-free"}


def test_a_sole_owner_needs_an_acquire_to_write():
    site = sites(LOOK)["rc_load_acquire"]

    assert kinds(LOOK, site, "relaxed") == {"data-race"}


@pytest.mark.parametrize("which", ["biased", "biased_suspend"])
def test_a_sole_owner_in_biased_needs_an_acquire_after_another_has_counted(which):
    (program,) = (
        one.text for one in scenarios_of("c11") if one.name == "counted-then-unique"
    )
    looks = [
        line
        for line in mode(which).orders.tried
        if line.text == "rc_load_acquire(&o->ob_ref_shared)"
    ]
    found = {
        line.line: kinds(
            program, Site(line.file, line.line, line.text, line.order), "relaxed", which
        )
        for line in looks
    }

    (needed,) = (number for number, wrong in found.items() if wrong == {"data-race"})
    assert {line.verdict for line in looks if line.line == needed} == {"needed"}


def test_an_owner_whose_own_count_is_zero_needs_an_acquire_to_free():
    (program,) = (
        one.text for one in scenarios_of("c11") if one.name == "borrower-counts"
    )
    site = sites(program, "biased")["rc_load_acquire"]

    assert kinds(program, site, "relaxed", "biased") == {"unsynchronised-free"}


@pytest.mark.parametrize(
    ("text", "order", "weaker"),
    [
        ("rc_load_acquire(c)", "acquire", ["relaxed"]),
        ("rc_store_release(c, v)", "release", ["relaxed"]),
        ("rc_fetch_add_acq_rel(c, d)", "acq_rel", ["acquire", "release"]),
        ("rc_fetch_add_relaxed(c, d)", "relaxed", []),
        ("rc_load_seq_cst(c)", "seq_cst", ["acquire"]),
        ("rc_store_seq_cst(c, v)", "seq_cst", ["release"]),
        ("rc_fence_acquire(c)", "acquire", ["relaxed"]),
        ("rc_fence_seq_cst(c)", "seq_cst", ["acq_rel"]),
    ],
)
def test_an_order_becomes_weaker_by_one_step(text, order, weaker):
    assert list(weaker_orders(Site("f.c", 1, text, order))) == weaker


def test_without_time_nothing_is_decided_and_the_report_says_so():
    report = refrace.weaken("atomic", max_seconds=0)

    assert report.limit == "seconds"
    assert not report.is_sufficient
    assert not report.conclusive
    assert "unfinished" in report.answer
    assert refrace.read_result(report.to_json()) == report


def test_a_mode_that_is_broken_as_it_is_shows_that_first():
    report = refrace.weaken("unlocked")

    assert not report.is_sufficient
    assert report.witness is not None
    assert "broken as it is" in report.answer
    text = str(report)
    assert str(report.witness.program).splitlines()[0] in text
    assert report.witness.finding.message in " ".join(text.split())
    assert "cext/modes/unlocked.c" in text
    assert "Needed" not in text


@pytest.fixture
def acquired_twice(tmp_path, monkeypatch):
    try:
        compiler()
    except refrace.EnvironmentUnfit as error:
        pytest.skip(str(error))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return refrace.load_mode(Path(__file__).parent / "doubled" / "acquired_twice.c")


def weakened(which, programs, monkeypatch):
    """Weaken a mode with these programs only."""
    monkeypatch.setattr(_Work, "_programs", lambda self: list(programs))
    return refrace.weaken(which)


def test_two_orders_that_stand_in_for_each_other_are_not_both_left_out(
    acquired_twice, monkeypatch
):
    report = weakened(acquired_twice, [DROP], monkeypatch)

    verdicts = {(one.text.partition("(")[0], one.weaker): one for one in report.orders}
    assert {key: one.verdict for key, one in verdicts.items()} == {
        ("rc_fetch_add_acq_rel", "acquire"): "needed",
        ("rc_fetch_add_acq_rel", "release"): "not needed",
        ("rc_fence_acquire", "none"): "not needed",
    }
    assert report.together is False
    assert report.together_witness.finding.kind == "unsynchronised-free"
    assert report.answer.endswith("these programs, but not all together.")
    assert "With all 2 weaker at once, a program goes wrong:" in str(report)
    assert refrace.read_result(report.to_json()) == report


def test_orders_that_no_program_needs_can_all_be_left_out(acquired_twice, monkeypatch):
    alone = "hold T1.x = A\nT1: use x ; decref x"
    report = weakened(acquired_twice, [alone], monkeypatch)

    assert {one.verdict for one in report.orders} == {"not needed"}
    assert (report.together, report.together_witness) == (True, None)
    assert report.answer.endswith(
        "3 make no difference in these programs, also together."
    )
    assert "weaker at once, nothing goes wrong either." in " ".join(str(report).split())
    assert refrace.read_result(report.to_json()) == report


def test_an_interrupt_while_all_are_weaker_leaves_each_alone_decided(
    acquired_twice, monkeypatch
):
    def interrupt(self):
        raise KeyboardInterrupt

    alone = "hold T1.x = A\nT1: use x ; decref x"
    monkeypatch.setattr(_Work, "_try_together", interrupt)
    with pytest.raises(refrace.Interrupted) as caught:
        weakened(acquired_twice, [alone], monkeypatch)

    report = caught.value.report
    assert {one.verdict for one in report.orders} == {"not needed"}
    assert (report.together, report.limit) == (None, "interrupt")
    assert "could be weaker at once was not decided." in " ".join(str(report).split())


def test_without_time_for_the_run_the_sentence_ends_there(acquired_twice, monkeypatch):
    alone = "hold T1.x = A\nT1: use x ; decref x"
    report = weakened(acquired_twice, [alone], monkeypatch)

    found = replace(report, together=False, together_witness=None)

    assert "weaker at once, a program goes wrong." in " ".join(str(found).split())


def test_of_fewer_than_two_orders_nothing_is_said_together(monkeypatch):
    report = weakened("atomic", [DROP], monkeypatch)

    assert {one.verdict for one in report.orders} == {"needed"}
    assert report.together is None
    assert "at once" not in str(report)


@pytest.mark.soak
def test_every_order_of_atomic_is_needed():
    report = refrace.weaken("atomic")

    assert report.is_sufficient
    assert report.is_minimal
    assert refrace.read_result(report.to_json()) == report


@pytest.mark.soak
@pytest.mark.parametrize("path", TWINS, ids=lambda path: path.stem)
def test_a_twin_with_one_order_too_weak_falls_under_c11_only(
    path, tmp_path, monkeypatch
):
    try:
        compiler()
    except refrace.EnvironmentUnfit as error:
        pytest.skip(str(error))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    twin = refrace.load_mode(path)

    assert refrace.prove(twin).proved
    proof = refrace.prove(twin, memory="c11")
    assert not proof.proved
    assert proof.witness.finding.kind in ("unsynchronised-free", "data-race")
    assert "C11" in twin.limits
    assert twin.limits in " ".join(str(twin).split())


@pytest.mark.soak
@pytest.mark.parametrize(
    "name",
    [one.name for one in refrace.modes() if one.claim == "correct"],
)
def test_every_correct_mode_is_proved_under_c11(name, proof_of):
    proof = proof_of(name, "c11")

    assert proof.proved, str(proof)


@pytest.mark.soak
@pytest.mark.parametrize(
    "name", [one.name for one in refrace.modes() if one.claim == "broken"]
)
def test_every_broken_mode_falls_under_c11(name, proof_of):
    assert proof_of(name, "c11").witness is not None

"""The recorded verdicts on the memory orders of each mode, on cards and on a page."""

import importlib.util
import json
from pathlib import Path

import pytest

import refrace
from refrace.catalogue import recorded_orders as recorded
from refrace.explorer.order_source import functions_of

ROOT = Path(__file__).parents[2]
RECORDS = [one for mode in refrace.modes() if (one := mode.orders) is not None]

each = pytest.mark.parametrize("one", RECORDS, ids=lambda one: one.mode)


def test_only_correct_modes_have_a_record():
    assert {one.mode for one in RECORDS} >= {"atomic", "atomic_cas", "sticky"}
    assert all(refrace.mode(one.mode).claim == "correct" for one in RECORDS)


@each
def test_the_recorded_lines_are_those_of_the_source(one):
    """A mode that changes needs a new record: run `make orders`."""
    for line in one.source:
        text = (ROOT / line.file).read_text(encoding="utf-8").splitlines()
        assert text[line.line - 1] == line.text, "run `make orders`"
    known = {(line.file, line.line): line.text for line in one.source}
    for order in one.orders:
        begins = order.text.partition("(")[0]
        assert begins in known[order.file, order.line]


@each
def test_an_order_that_is_needed_has_a_program_and_a_kind(one):
    for order in one.tried:
        assert order.verdict in ("needed", "not needed")
        assert (order.verdict == "needed") == (order.program is not None)
        assert (order.kind is not None) == (order.program is not None)
        assert order.note or order.verdict == "needed", "say why it is not needed"


def test_a_recorded_program_goes_wrong_with_the_weaker_order_only():
    from refrace.explorer.memory import Memory
    from refrace.explorer.session import session_of
    from refrace.explorer.weakening import Site

    for order in refrace.mode("atomic").orders.tried:
        weaker = "relaxed" if order.weaker == "none" else order.weaker
        site = Site(order.file, order.line, order.text, order.order)
        kinds = [
            session_of(order.program, "atomic", "released", Memory("c11", 15, made))
            .search(10_000, 60, 2**28)
            .kinds
            for made in ((), (site.weakened(weaker),))
        ]
        assert kinds[0] == []
        assert order.kind in kinds[1]


@each
def test_the_card_has_the_verdict_on_each_order(one):
    mode = refrace.mode(one.mode)
    text, html = str(mode), mode._repr_html_()
    assert f"refrace weaken {one.mode} computes it again" in " ".join(text.split())
    for order in one.tried:
        assert f"/* {order.said} */" in text
        assert order.said.replace(">", "&gt;") in html
    assert mode.to_dict()["orders"]["mode"] == one.mode


def test_a_mode_without_a_record_says_how_to_make_one():
    text = " ".join(str(refrace.mode("unlocked")).split())
    assert "orders not recorded: refrace weaken unlocked" in text


def test_the_page_is_written_from_the_record(monkeypatch):
    """A mode without a record is not on it until `make orders` runs."""
    spec = importlib.util.spec_from_file_location(
        "make_orders", ROOT / "docs" / "make_orders.py"
    )
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    recorded_modes = [one.mode for one in RECORDS]
    monkeypatch.setattr(script, "correct_modes", lambda: recorded_modes)
    assert script.PAGE.read_text(encoding="utf-8") == script.page(RECORDS)
    assert recorded.ORDERS_FILE.read_text(encoding="utf-8") == recorded.orders_text(
        RECORDS
    )


def test_a_damaged_record_is_refused(tmp_path, monkeypatch):
    file = tmp_path / "orders.json"
    file.write_text(json.dumps({"format": "refrace/recorded-orders", "version": 2}))
    monkeypatch.setattr(recorded, "ORDERS_FILE", file)
    with pytest.raises(refrace.InvalidData, match="'version': 2"):
        _ = refrace.mode("atomic").orders


def test_the_functions_around_some_lines_of_c():
    body = "static int\nf(void)\n{\n    g();\n\n    h();\n}\n"
    text = f"int a;\n\n/* About f. */\n{body}int b;\n"
    shown = list(functions_of("f.c", text, {9}))
    assert [line.line for line in shown] == list(range(3, 11))
    assert shown[0].text == "/* About f. */"

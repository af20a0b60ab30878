"""All modes show themselves as one table, and stay a tuple."""

import refrace


def test_the_modes_print_as_a_table_that_names_each_with_its_claim():
    lines = str(refrace.modes()).splitlines()

    assert max(map(len, lines)) <= 80
    shown = [tuple(line.split()[:2]) for line in lines]
    for mode in refrace.modes():
        assert (mode.name, mode.claim) in shown


def test_in_a_notebook_the_modes_are_a_table_too():
    html = refrace.modes()._repr_html_()

    assert "<table" in html
    assert all(mode.name in html for mode in refrace.modes())


def test_the_modes_are_a_tuple_like_any_other():
    assert isinstance(refrace.modes(), tuple)
    assert refrace.modes() == tuple(refrace.modes())
    assert refrace.modes()[1:2] == (refrace.modes()[1],)

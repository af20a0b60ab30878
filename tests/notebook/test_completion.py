"""Completion in a cell of the magic."""

import pytest
from IPython.core.completer import provisionalcompleter

from refrace import modes
from refrace.notebook.completion import OPTIONS, completions
from refrace.notebook.magics import RefraceMagics
from refrace.programs.vocabulary import DECLARATION_WORDS, WORD_OPERATIONS


def completed(text):
    """What the last word of a program in a cell can become."""
    cell = f"%%refrace\n{text}"
    return completions(cell, len(cell))[1]


@pytest.mark.parametrize(
    ("text", "includes", "excludes"),
    [
        ("", {"hold", "slot", "fn"}, {"incref", "if"}),
        ("ho", {"hold"}, {"borrow"}),
        ("T1: inc", {"incref", "incfetch"}, {"decref"}),
        ("T1: use x ; re", {"repeat", "return", "remove"}, set()),
        ("T1: x = n", {"new", "null"}, {"not"}),
        ("slot SHARED = A\nT1: x = SH", {"SHARED"}, set()),
        ("T1: x = new M\n  decref ", {"x", "null"}, {"incref"}),
        ("obj A fin", {"final"}, set()),
        ("obj A rc 2 ", {"stable", "max"}, {"incref"}),
        ("T1: if x != null a", {"and"}, set()),
        ("T1: if x { inc", {"incref"}, set()),
        ("T1: use x\nT2: decref x\nfn f: decref se", {"self"}, set()),
        ("T1: use x\nsl", {"slot"}, set()),
    ],
)
def test_a_word_becomes_what_can_stand_there(text, includes, excludes):
    found = set(completed(text))

    assert includes <= found
    assert not excludes & found


def test_a_name_that_is_being_typed_is_not_its_own_completion():
    assert "SHAR" not in completed("slot SHARED = A\nT1: x = SHAR")
    assert completed("T1: use unseen") == []


def test_the_cursor_may_be_in_the_middle_of_the_cell():
    cell = "%%refrace\nslot S = A\nT1: inc\nT2: x = S"
    word, found = completions(cell, cell.index("inc") + 3)

    assert (word, found) == ("inc", ["incfetch", "incref"])


def test_comments_are_not_completed():
    assert completed("T1: use x  # inc") == []


def test_names_in_comments_do_not_count():
    assert "banana" not in completed("# banana\nT1: use ban")


def test_options_and_their_values_are_completed():
    def line(text):
        return completions(text, len(text))

    names = sorted(mode.name for mode in modes())
    assert line("%%refrace --mo") == ("--mo", ["--mode"])
    assert line("%%refrace --mode ") == ("", names)
    assert line("%%refrace -m atomic_") == (
        "atomic_",
        [name for name in names if name.startswith("atomic_")],
    )
    assert line("%%refrace --gil=h") == ("h", ["held"])


def test_every_option_that_is_completed_exists():
    told = RefraceMagics.refrace.__doc__

    assert not [option for option in OPTIONS if option not in told]


def test_ipython_offers_the_words_and_nothing_of_its_own(shell):
    shell.user_ns["increment"] = 1

    def offered(cell):
        with provisionalcompleter():
            found = shell.Completer.completions(cell, len(cell))
            return [(cell[: one.start] + one.text) for one in found]

    assert offered("%%refrace\nT1: inc") == [
        "%%refrace\nT1: incfetch",
        "%%refrace\nT1: incref",
    ]
    assert offered("%%refrace --mode=unlo")[0] == "%%refrace --mode=unlocked"
    assert "increment" in offered("inc")


def test_every_word_of_the_language_is_offered_somewhere():
    offered = set(completed("")) | set(completed("T1: ")) | set(completed("T1: x = "))

    assert offered >= (WORD_OPERATIONS | DECLARATION_WORDS)

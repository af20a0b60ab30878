"""The magics, in a session of IPython."""

import subprocess
import sys

import pytest

import refrace
from refrace.programs.steps import OPERATIONS

LOST = """hold T1.x = A
hold T2.x = A
T1: decref x
T2: decref x
"""
WRONG = """hold T1.x = A
T1: use x ; decreff x
"""


def outcome(shell, cell):
    ran = shell.run_cell(cell)
    assert ran.success, ran.error_in_exec or ran.error_before_exec
    return ran.result


def error(shell, cell):
    ran = shell.run_cell(cell)
    assert not ran.success
    return ran.error_in_exec


def test_a_cell_is_explored_and_the_exploration_is_its_value(shell):
    found = outcome(shell, f"%%refrace --mode unlocked\n{LOST}")

    assert isinstance(found, refrace.Exploration)
    assert (found.mode, found.gil, found.interleavings) == ("unlocked", "released", 6)
    assert found.outcomes == refrace.explore(LOST, "unlocked").outcomes


def test_the_options_reach_the_explorer(shell):
    held = outcome(shell, f"%%refrace -m unlocked --gil held\n{LOST}")
    limited = outcome(shell, f"%%refrace -m unlocked --max-states 3\n{LOST}")
    weak = outcome(shell, f"%%refrace --memory c11\n{LOST}")

    assert (held.verdict, held.gil) == ("safe", "held")
    assert (limited.limit, limited.max_states) == ("states", 3)
    assert weak == refrace.explore(LOST, memory="c11").replace(
        elapsed_s=weak.elapsed_s, peak_bytes=weak.peak_bytes
    )


def test_an_option_keeps_the_result_in_a_variable(shell):
    result = outcome(shell, f"%%refrace --mode unlocked --as lost\n{LOST}")

    assert shell.user_ns["lost"] is result


def test_the_result_is_displayed_as_its_text(shell, capsys):
    found = outcome(shell, f"%%refrace --mode unlocked\n{LOST}")

    assert str(found).splitlines()[0] in capsys.readouterr().out


def test_an_error_is_underlined_at_its_column(shell, capsys):
    raised = error(shell, f"%%refrace\n{WRONG}")
    shown = capsys.readouterr().out.splitlines()

    assert isinstance(raised, refrace.InvalidProgram)
    at = next(n for n, line in enumerate(shown) if "decreff x" in line)
    carets = shown[at + 1].replace("\x1b[1;31m", "").replace("\x1b[0m", "")
    assert (raised.line, raised.column) == (2, 13)
    place = shown[at].index("decreff")
    assert carets == " " * 4 + "|" + " " * (place - 5) + "^" * len("decreff")
    assert "Traceback" not in "\n".join(shown)


def test_an_error_in_the_run_shows_the_run(shell, capsys):
    raised = error(shell, "%%refrace\nlock L\nT1: unlock L")

    assert raised.trace is not None
    assert str(raised.trace) in capsys.readouterr().out


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (f"%%refrace --mode nonsense\n{LOST}", "mode='nonsense' is unknown"),
        (f"%%refrace --gil loose\n{LOST}", "invalid choice: 'loose'"),
        (f"%%refrace --as 2x\n{LOST}", "'2x' is no name of a variable"),
        (f"%%refrace a.race\n{LOST}", "reads the program in the cell"),
        ("%refrace missing.race", "missing.race"),
    ],
)
def test_wrong_usage_is_one_line_with_the_cure(shell, capsys, cell, said):
    error(shell, cell)
    shown = capsys.readouterr()

    assert said in shown.err
    assert "Traceback" not in shown.out + shown.err


def test_a_file_is_explored_by_the_line_magic(shell, tmp_path):
    (tmp_path / "lost.race").write_text(LOST)

    found = outcome(shell, f"%refrace {tmp_path}/lost.race --mode unlocked")

    assert found.verdict == "corrupt"


def test_a_wrong_file_is_underlined_too(shell, tmp_path, capsys):
    (tmp_path / "wrong.race").write_text(WRONG)

    error(shell, f"%refrace {tmp_path}/wrong.race")

    assert "^^^^^^^" in capsys.readouterr().out


def test_the_stepper_is_displayed_on_request(shell, capsys):
    outcome(shell, f"%%refrace --mode unlocked --step\n{LOST}")

    assert "Stepper of a program in unlocked" in capsys.readouterr().out


def test_the_magic_alone_lists_every_word_of_the_language(shell, capsys):
    outcome(shell, "%refrace")
    shown = capsys.readouterr().out

    assert not [row.form for row in OPERATIONS.values() if row.form not in shown]


def test_the_help_explains_every_option(shell):
    told = shell.find_line_magic("refrace").__doc__

    for option in ("--mode", "--gil", "--max-states", "--max-seconds", "--as"):
        assert option in told


def test_the_extension_can_be_unloaded_and_loaded_again(shell):
    before = len(shell.Completer.custom_matchers)
    shell.run_line_magic("unload_ext", "refrace")
    assert shell.find_cell_magic("refrace") is None
    assert len(shell.Completer.custom_matchers) == before - 1

    shell.run_line_magic("load_ext", "refrace")
    assert shell.find_cell_magic("refrace") is not None
    assert len(shell.Completer.custom_matchers) == before


def test_a_verb_loads_neither_ipython_nor_pygments():
    script = (
        "import sys, refrace\n"
        "refrace.explore('hold T1.x = A\\nT1: decref x')\n"
        "print({'IPython', 'pygments'} & set(sys.modules))"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)

    assert ran.stdout == "set()\n"


def test_results_are_shown_as_text_in_a_terminal_session(shell):
    found = refrace.explore(LOST, "unlocked")
    results = [found, found.traces[0], refrace.prove("atomic", max_seconds=0.01)]
    for result in results:
        data, _ = shell.display_formatter.format(result)
        assert data["text/plain"] == str(result)

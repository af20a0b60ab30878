"""Every command that reads a file, given odd ones: an answer or a message, no crash."""

import io
import sys

import pytest
from soak.odd_inputs import odd_inputs

from refrace.cli import main
from refrace.cli.exit_codes import ExitCode

pytestmark = pytest.mark.soak

INPUTS = odd_inputs()
COMMANDS = {
    "explore": ["explore", "--max-seconds", "2"],
    "sample": ["sample", "--max-seconds", "1", "--runs", "20"],
    "replay": ["replay"],
    "race": ["race", "atomic", "--rounds", "2", "--program"],
}
EXPECTED = (ExitCode.CLEAN, ExitCode.FINDINGS, ExitCode.USAGE, ExitCode.INCONCLUSIVE)


class _Stdin(io.TextIOWrapper):
    pass


@pytest.mark.parametrize("is_piped", [False, True], ids=["file", "pipe"])
@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("name", INPUTS)
def test_an_odd_input_gets_an_answer_or_a_message(
    name, command, is_piped, tmp_path, monkeypatch, capsys
):
    path = tmp_path / "odd"
    path.write_bytes(INPUTS[name])
    monkeypatch.setattr(sys, "stdin", _Stdin(io.BytesIO(INPUTS[name])))

    code = main([*COMMANDS[command], "-" if is_piped else str(path)])

    printed = capsys.readouterr()
    assert code in EXPECTED
    assert not any(ord(c) < 32 and c != "\n" for c in printed.err), "control characters"
    assert len(printed.err) < 1500
    if code == ExitCode.FINDINGS:
        assert printed.out
    elif not printed.out:
        assert printed.err.strip() not in ("", "refrace:")

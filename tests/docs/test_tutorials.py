"""The tutorials: every step runs, in order, in an empty folder."""

import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

PAGES = Path(__file__).parents[2] / "docs" / "tutorials"

# A block of code, and the words before it that say what to do with it.
STEP = re.compile(
    r"(?:[Ss]ave\s+(?:(?:it|this)\s+)?as\s+`(?P<save>[^`]+)`:|"
    r"In `(?P<file>[^`]+)`, replace `(?P<function>\w+)`:)?"
    r"\n\n```(?P<kind>\w*)\n(?P<text>.*?)```",
    re.DOTALL,
)


def steps_of(page):
    return [match.groupdict() for match in STEP.finditer(page)]


def replaced(source, function, text):
    """Return a C file with another definition of a static function, or of its table."""
    definition = re.compile(
        rf"^(?:static [^\n;]*\n{function}\(.*?^\}}|{function}\([^;]*;)\n",
        re.M | re.DOTALL,
    )
    new, n = definition.subn(lambda _: text, source)
    assert n == 1, function
    return new


class Reader:
    """Does what a page says, and keeps how each command ended."""

    def __init__(self, folder):
        self.folder = folder
        self.ended = []

    def follow(self, step):
        if step["save"]:
            (self.folder / step["save"]).write_text(step["text"])
        elif step["function"]:
            path = self.folder / step["file"]
            path.write_text(replaced(path.read_text(), step["function"], step["text"]))
        elif step["kind"] == "sh":
            for line in step["text"].splitlines():
                self.run(line)
        elif step["kind"] == "python":
            path = self.folder / "from_the_page.py"
            path.write_text(step["text"])
            self.run(f"python {path.name}")

    def run(self, line):
        start = {"python": "", "refrace": "-m refrace"}
        word, rest = line.split(" ", 1)
        if line.startswith("refrace hunt"):
            # The first hunt must not be over too early if the machine is busy; the
            # second one finds nothing.
            is_first = line not in (command for command, *_ in self.ended)
            rest += f" --seconds {10 if is_first else 2}"
        command = f"'{sys.executable}' {start[word]} {rest}"
        done = subprocess.run(
            command,
            shell=True,
            cwd=self.folder,
            env={
                **os.environ,
                "REFRACE_HOME": str(self.folder / ".refrace"),
                "XDG_CACHE_HOME": str(self.folder / ".cache"),
            },
            capture_output=True,
            text=True,
            timeout=300,
        )
        self.ended.append((line, done.returncode, done.stdout, done.stderr))


@pytest.fixture(scope="module")
def hunt(tmp_path_factory):
    pytest.importorskip("cloudpickle", reason="NOT TESTED: cloudpickle is missing")
    # Not imported here, where another test may have imported distutils.
    if find_spec("setuptools") is None:
        pytest.skip("NOT TESTED: setuptools is missing")
    reader = Reader(tmp_path_factory.mktemp("tutorial"))
    for step in steps_of((PAGES / "hunt.md").read_text()):
        reader.follow(step)
    return reader.ended


def test_every_command_ends_as_the_page_says(hunt):
    """The first hunt finds something; after the fix, nothing does."""
    codes = [code for _, code, _, _ in hunt]

    assert codes == [0, 0, 1, 0, 0, 0], hunt


def test_both_bugs_are_found_and_nothing_is_left_after_the_fix(hunt):
    first, second = (out for line, _, out, _ in hunt if line.startswith("refrace"))

    assert re.search(r"(use-after-free|over-decref) in .*peek", first)
    assert re.search(r"(leak|never-freed) in .*push", first)
    assert second.startswith("subject.py:Stack: nothing found in")


def test_the_first_try_shows_none_of_the_bugs(hunt):
    assert hunt[1][2] == "a a\n"


def test_the_page_shows_the_words_that_the_hunts_print(hunt):
    """A kind may differ, since a bug shows in several ways; the other words may not."""
    page = (PAGES / "hunt.md").read_text()
    shown = [step["text"] for step in steps_of(page) if step["kind"] == "text"]
    printed = " ".join("".join(out for _, _, out, _ in hunt).split())

    assert len(shown) == 3
    for label in ("programs", "rounds", "time", "processes", "stored"):
        assert f"  {label} " in shown[2]
        assert f" {label} " in printed
    for words in (
        "Seen again in",
        "Nearest pattern of the gallery",
        "At 95% confidence",
    ):
        assert words in " ".join(shown)
        assert words in printed


def design_up_to(heading, folder):
    """Follow the tutorial on schemes up to a heading; return its reader and blocks."""
    if shutil.which("nm") is None or shutil.which("cc") is None:
        pytest.skip("NOT TESTED: a C compiler or binutils are missing")
    page = (PAGES / "design-a-scheme.md").read_text().partition(heading)[0]
    reader = Reader(folder)
    for step in steps_of(page):
        reader.follow(step)
    return reader, [step["text"] for step in steps_of(page) if step["kind"] == "text"]


def check_design(reader, shown):
    """Each attempt to prove prints the block of text that follows it on the page."""
    attempts = [one for one in reader.ended if one[0].startswith("refrace prove")]
    assert len(attempts) == len(shown)
    for (_, code, printed, errors), text in zip(attempts, shown, strict=True):
        assert text in printed, errors
        assert code == (0 if text == "fails.\n" else 1)


def test_the_first_two_schemes_are_refuted_by_the_programs_on_the_page(tmp_path):
    reader, shown = design_up_to("## 3.", tmp_path)

    check_design(reader, shown)
    assert len(shown) == 2


@pytest.mark.soak
def test_seven_schemes_are_refuted_or_proved_as_the_page_says(tmp_path):
    reader, shown = design_up_to("## The price", tmp_path)

    check_design(reader, shown)
    weakened = [one for one in reader.ended if one[0].startswith("refrace weaken")]
    assert [code for _, code, _, _ in weakened] == [1, 0]
    assert "broken as it is: data-race" in weakened[0][2]
    assert [text == "fails.\n" for text in shown] == [False] * 4 + [True, False, True]


def test_every_link_to_a_file_leads_to_one():
    for page in PAGES.glob("*.md"):
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
            assert (page.parent / target).exists(), (page.name, target)

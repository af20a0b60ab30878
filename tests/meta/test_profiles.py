"""Properties run with as many examples as were asked for."""

import re
from pathlib import Path

TESTS = Path(__file__).parents[1]


def test_no_module_changes_the_profile_of_those_that_are_collected_after_it():
    changing = [
        str(path.relative_to(TESTS))
        for path in sorted(TESTS.rglob("*.py"))
        if re.search(r"\bload_profile\(", path.read_text())
    ]

    assert changing == ["conftest.py"]

"""The C extension of the examples: buggy code misbehaves, fixed code does not."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from refrace import gallery

FOLDER = Path(__file__).parents[2] / "examples" / "capi"
SLUGS = ["borrow-across-callback", "borrow-across-gil-release", "wrong-release-order"]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A copy of the example with its module built in place without warnings."""
    folder = tmp_path_factory.mktemp("capi") / "capi"
    shutil.copytree(FOLDER, folder)
    run = subprocess.run(
        [sys.executable, "setup.py", "-q", "build_ext", "--inplace"],
        cwd=folder,
        env={**os.environ, "CFLAGS": "-Werror"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert run.returncode == 0, run.stderr
    return folder


@pytest.fixture(scope="module")
def shown(built):
    """What show.py prints, by pattern and form."""
    run = subprocess.run(
        [sys.executable, "show.py"],
        cwd=built,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert run.returncode == 0, run.stderr
    lines = [line.split(":", 1) for line in run.stdout.splitlines()]
    return {tuple(what.split()): said.strip() for what, said in lines}


def test_the_patterns_are_of_the_gallery_and_happen_with_the_gil():
    assert all(gallery[slug].with_gil for slug in SLUGS)


def test_all_patterns_are_shown_in_both_forms(shown):
    assert list(shown) == [
        (slug, form) for slug in SLUGS for form in ("buggy", "fixed")
    ]


@pytest.mark.parametrize("slug", SLUGS[:2])
def test_a_borrowed_item_is_gone_and_a_counted_one_is_not(slug, shown):
    assert shown[slug, "fixed"] == "the item"
    # The content of freed memory is unspecified, but it is not the item.
    assert shown[slug, "buggy"] != "the item"


def test_a_finaliser_sees_the_dying_value_only_in_the_wrong_order(shown):
    slug = "wrong-release-order"

    assert shown[slug, "buggy"] == "the finaliser saw the dying value"
    assert shown[slug, "fixed"] == "the finaliser saw nothing"


def test_the_readme_shows_what_is_printed(shown):
    readme = (FOLDER / "README.md").read_text()
    for (slug, form), said in shown.items():
        if form == "fixed":
            assert f"{slug:26} {form}: {said}" in readme

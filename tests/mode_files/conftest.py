"""A cache folder of the tests' own, and C files to load."""

import shutil

import pytest

import refrace
from refrace.mode_files.compiler import compiler
from refrace.mode_files.new_mode import new_mode


@pytest.fixture(autouse=True, scope="session")
def cache(tmp_path_factory):
    """Keep compiled modes out of the user's cache; compile each once in a session."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder))
        yield folder / "refrace" / "modes"


@pytest.fixture(scope="session")
def can_compile():
    """Skip where modes cannot be compiled."""
    try:
        compiler()
    except refrace.EnvironmentUnfit as error:
        pytest.skip(str(error))
    if shutil.which("nm") is None:
        pytest.skip("binutils are not installed")


@pytest.fixture(scope="session")
def plain(can_compile, tmp_path_factory):
    """The mode of the template, loaded."""
    path = tmp_path_factory.mktemp("modes") / "plain.c"
    path.write_text(new_mode("plain"))
    return refrace.load_mode(path)

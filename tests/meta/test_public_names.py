"""The public names: one list, all of them there, all of them explained."""

import ast
import inspect
import tomllib
from enum import Enum
from pathlib import Path

import pytest

import refrace

ROOT = Path(__file__).parents[2]
NAMES = [name for name in refrace.__all__ if name != "__version__"]


@pytest.mark.parametrize("name", NAMES)
def test_a_public_name_resolves_and_has_a_docstring(name):
    value = getattr(refrace, name)
    if inspect.isclass(value) or callable(value) or inspect.ismodule(value):
        documented = value
    else:
        documented = type(value)
    assert documented.__doc__
    # A dataclass without one gets its signature instead of words.
    assert not documented.__doc__.startswith(f"{name}(")


@pytest.mark.parametrize("name", NAMES)
def test_public_methods_have_docstrings(name):
    value = getattr(refrace, name)
    if not inspect.isclass(value):
        return
    for member in vars(value):
        if member.startswith("_") or (issubclass(value, Enum) and member.isupper()):
            continue
        what = inspect.getattr_static(value, member)
        if inspect.isroutine(what) or isinstance(what, property | classmethod):
            assert inspect.getdoc(getattr(value, member)), f"{name}.{member}"


def test_the_lists_of_public_names_agree():
    """What is public, where it lives at run time, and what a type checker sees."""
    homes = refrace._HOME_OF | dict.fromkeys(refrace._MODULES, "")

    tree = ast.parse(Path(refrace.__file__).read_text())
    for_checkers = {
        alias.asname or alias.name: node.module.removeprefix("refrace").lstrip(".")
        for block in tree.body
        if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING"
        for node in ast.walk(block)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }

    assert sorted(homes) == sorted(NAMES)
    assert for_checkers == homes


def test_dir_shows_every_public_name():
    assert set(refrace.__all__) <= set(dir(refrace))


def test_dir_shows_nothing_that_the_module_only_works_with():
    modules = {"gallery", "strategies"}
    own = [name for name in dir(refrace) if not name.startswith("__")]

    assert set(own) <= set(refrace.__all__) | modules


def test_a_name_that_is_none_is_an_attribute_error_that_names_it():
    with pytest.raises(AttributeError, match="no attribute 'rase'"):
        _ = refrace.rase


def test_the_version_is_that_of_the_metadata():
    metadata = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert refrace.__version__ == metadata["project"]["version"]


def test_the_test_extra_and_the_test_group_are_the_same_list():
    metadata = tomllib.loads((ROOT / "pyproject.toml").read_text())
    extra = metadata["project"]["optional-dependencies"]["test"]
    assert extra == metadata["dependency-groups"]["test"]

"""Every kind of result can be read back without knowing its kind."""

import ast
from pathlib import Path

import pytest
from display.pictures.results import MAKERS, result

import refrace
from refrace.stored_results import FORMATS

PACKAGE = Path(refrace.__file__).parent


def formats_of_the_package():
    """Return each class that has a `format_name`, by that name."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        module = ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                for item in node.body:
                    if (
                        isinstance(item, ast.AnnAssign)
                        and ast.unparse(item.target) == "format_name"
                        and item.value is not None
                    ):
                        found[ast.literal_eval(item.value)] = f"{module}.{node.name}"
    return found


def test_every_format_is_in_the_list_of_formats():
    assert formats_of_the_package() == FORMATS


@pytest.mark.parametrize("name", MAKERS)
def test_a_stored_result_is_read_back_as_it_was(name):
    found = result(name)

    assert refrace.read_result(found.to_json()) == found
    assert refrace.read_result(found.to_json().encode()) == found


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x", "not JSON: .*; pass the output of to_json"),
        (b"\xff", "not JSON: "),
        ("[]", "format is None, which is no result"),
        ("{}", "format is None"),
        ('{"format": 3}', "format is 3"),
        (
            '{"format": "refrace/rase"}',
            r"'refrace/rase' \(did you mean 'refrace/race'\?\)",
        ),
        ('{"format": "refrace/race"}', "version is None"),
        ('{"format": 1, "format": 2}', "'format' occurs twice"),
        ("[" * 100_000, "not JSON"),
    ],
)
def test_anything_but_a_stored_result_is_an_error_with_a_cure(text, message):
    with pytest.raises(refrace.InvalidData, match=message):
        refrace.read_result(text)


def test_anything_but_text_is_an_error_with_a_cure():
    with pytest.raises(
        refrace.InvalidArgumentType, match="text=3 is an int; pass the JSON"
    ):
        refrace.read_result(3)

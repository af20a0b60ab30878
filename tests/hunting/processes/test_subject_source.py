"""How a subject gets into a fresh process."""

import importlib.util
import sys

import pytest

from refrace.errors import InvalidArgument
from refrace.hunting.processes.subject_source import SubjectSource, can_be_imported


class Importable:
    """A class of a module that pytest loads under a name that cannot be imported."""


def test_a_lambda_travels_by_value():
    ten = 10
    source = SubjectSource.of(lambda x: x + ten)

    assert source.load()(1) == 11


def test_a_class_of_a_module_that_no_fresh_process_finds_travels_by_value(tmp_path):
    file = tmp_path / "lonely.py"
    file.write_text("class Lonely:\n    value = 3\n")
    spec = importlib.util.spec_from_file_location("lonely", file)
    module = importlib.util.module_from_spec(spec)
    sys.modules["lonely"] = module
    try:
        spec.loader.exec_module(module)
        assert not can_be_imported(module)
        source = SubjectSource.of(module.Lonely)
    finally:
        del sys.modules["lonely"]

    assert source.name == "lonely:Lonely"
    assert source.load().value == 3


def test_a_class_of_the_standard_library_travels_by_reference():
    from collections import OrderedDict

    source = SubjectSource.of(OrderedDict)

    assert source.load() is OrderedDict
    assert len(source.pickled) < 100


def test_modules_of_packages_and_builtin_modules_can_be_imported():
    import json.decoder
    import time

    assert can_be_imported(json.decoder)
    assert can_be_imported(time)
    assert can_be_imported(sys)


def test_what_cannot_be_pickled_is_refused_with_a_cure():
    import threading

    lock = threading.Lock()

    with pytest.raises(InvalidArgument, match="cannot be sent to another process"):
        SubjectSource.of(lambda x: lock)


def test_a_file_can_be_named_and_may_import_its_neighbours(tmp_path):
    (tmp_path / "neighbour_of_it.py").write_text("VALUE = 5\n")
    file = tmp_path / "subject_in_file.py"
    file.write_text("import neighbour_of_it\nclass A:\n    class B: v = 5\n")
    before = list(sys.path)
    try:
        assert SubjectSource(f"{file}:A.B").load().v == 5
        with pytest.raises(InvalidArgument, match="has no 'C'"):
            SubjectSource(f"{file}:A.C").load()
    finally:
        sys.path[:] = before

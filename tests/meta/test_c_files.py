"""No circle of C files: neither by what they include nor by what they call."""

import re
import subprocess
from collections import defaultdict
from graphlib import CycleError, TopologicalSorter

import pytest
from native.c_runner import CEXT, build_runner


def sources(*kinds):
    paths = (path for kind in kinds for path in CEXT.rglob(kind))
    return sorted(path for path in paths if path.relative_to(CEXT).parts[0] != "tests")


def names_of(object_file):
    """Give the global names that an object file defines, and those that it needs."""
    listed = subprocess.run(
        ["nm", "-g", str(object_file)], check=True, capture_output=True, text=True
    )
    pairs = [line.split()[-2:] for line in listed.stdout.splitlines()]
    needed = {name for kind, name in pairs if kind == "U"}
    return {name for _, name in pairs} - needed, needed


def circle_of(graph):
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return " -> ".join(error.args[1])
    return None


@pytest.fixture(scope="module")
def calls():
    """Give for each C file the files whose names it needs: {file: {file: names}}."""
    built = build_runner().parent
    defined, needed = {}, {}
    for source in sources("*.c"):
        name = str(source.relative_to(CEXT))
        compiled = (built / name).with_suffix(".o")
        if compiled.exists():  # a mode is compiled as a part of build_*.c
            has, needed[name] = names_of(compiled)
            defined.update(dict.fromkeys(has, name))
    graph = defaultdict(lambda: defaultdict(set))
    for name, missing in needed.items():
        for symbol in missing & defined.keys():
            graph[name][defined[symbol]].add(symbol)
    return graph


def test_no_circle_of_files_by_calls(calls):
    assert len(calls) > 40
    assert circle_of({name: set(below) for name, below in calls.items()}) is None


def test_no_circle_of_files_by_includes():
    graph = {}
    for path in sources("*.c", "*.h", "*.def"):
        included = re.findall(r'^\s*#\s*include\s+"([^"]+)"', path.read_text(), re.M)
        graph[str(path.relative_to(CEXT))] = set(included)
    assert circle_of(graph) is None


def test_a_circle_would_be_seen():
    assert circle_of({"a.c": {"b.c"}, "b.c": {"c.c"}, "c.c": {"a.c"}}) is not None

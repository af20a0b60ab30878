"""Which module of refrace may import which, by the sources and one list of layers."""

import ast
import re
import sys
from fnmatch import fnmatchcase
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "src" / "refrace"

# The layers, lowest first: packages, and modules at the root.  A module imports its own
# layer and those before it, be it at once, in a function or for a type checker.
LAYERS = [
    "errors",
    "bit_layout",
    "_native",
    "_base",
    "findings",
    "environment",
    "display",
    "canaries",
    "programs",
    "catalogue",
    "lessons",
    "traces",
    "explorer",
    "races",
    "mode_files",
    "gallery",
    "subjects",
    "strategies",
    "hunting",
    "story",
    "stored_results",
    "notebook",
    "",  # the package itself: the public names
    "cli",
    "pytest_plugin",
    "__main__",
]

# Packages that work without the extension modules: what they import, they import at
# first use.
LOADS_NO_EXTENSION = [
    *("errors", "bit_layout", "_base", "findings", "environment", "display"),
    *("programs", "catalogue", "traces", "gallery.collection", "gallery.model"),
    *("canaries.hook", "canaries.protocols", "canaries.record", "canaries.spec"),
]
# The helper that starts threads is an extension for the sake of Ctrl-C.
LOADS_ONE = "_base.threads"

# Verbs as methods, which nothing else goes upwards for: `Program.check` is
# `refrace.check`, `Trace.stepper` is `refrace.step`, and `Mode.plot` runs the mode's
# operations.  The call is in the body, the others are types of the signature.
UPWARDS = {
    "catalogue.card": {"explorer.mode_picture": "lazy"},
    "traces.trace": {"explorer.stepper": "lazy"},
    "programs.program": {
        "explorer.check": "lazy",
        "explorer.check_report": "typing",
        "catalogue.mode": "typing",
    },
}

# Packages that are not the standard library, and the only modules that may have them.
OTHERS = {
    "cattrs": ["gallery.reading"],
    "click": ["cli", "cli.*", "__main__"],
    "rich": ["cli", "cli.*", "__main__"],
    "cloudpickle": [
        "subjects.values",
        "hunting.processes.subject_source",
        "hunting.processes.subject_pickle",
    ],
    "hypothesis": ["strategies", "strategies.*", "hunting.planted"],
    "IPython": ["notebook", "notebook.*"],
    "platformdirs": ["mode_files.library"],
    "pygments": ["programs.highlighting"],
    "pytest": ["pytest_plugin"],
}
# Used where it is installed; imported at the moment of use only.
OPTIONAL = {
    "altair",
    "anywidget",
    "elftools",
    "numpy",
    "traitlets",
    "vl_convert",
    "watchfiles",
}

MOST_AT_THE_ROOT = 8


def modules(*suffixes):
    """Every module of the package, by its name within it ("" is the package)."""
    named = {}
    for suffix in suffixes:
        for path in sorted(PACKAGE.rglob(f"*{suffix}")):
            parts = path.relative_to(PACKAGE).with_suffix("").parts
            parts = parts[:-1] if parts[-1] == "__init__" else parts
            named[".".join(parts)] = path
    return named


MODULES = modules(".py")
EXTENSIONS = modules(".pyx")
ALL = [name for name in MODULES if name]


def matches(module, patterns):
    return any(fnmatchcase(module, pattern) for pattern in patterns)


def layer_of(module):
    return module.split(".")[0]


def is_type_checking(node):
    return isinstance(node, ast.If) and ast.unparse(node.test) in {
        "TYPE_CHECKING",
        "typing.TYPE_CHECKING",
    }


def is_name_of_a_module(value):
    start, _, within = str(value).partition("refrace.")
    return not start and within != "" and (within in MODULES or within in EXTENSIONS)


@cache
def imports_of(module):
    """Return all (imported name, "eager", "lazy", "typing" or "named", line).

    A module whose name stands in a string is imported by that name somewhere; the own
    package is named for the data that lies in it.
    """

    def walk(node, when):
        if is_type_checking(node):
            when = "typing"
        elif isinstance(node, ast.Constant) and is_name_of_a_module(node.value):
            if not f"refrace.{module}".startswith(f"{node.value}."):
                yield node.value, "named", node.lineno
        elif when == "eager" and isinstance(
            node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
        ):
            when = "lazy"
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, when, node.lineno
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}:{node.lineno}: a relative import"
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                within = name.removeprefix("refrace.")
                is_module = within in MODULES or within in EXTENSIONS
                yield name if is_module else node.module, when, node.lineno
        for child in ast.iter_child_nodes(node):
            yield from walk(child, when)

    return list(walk(ast.parse(MODULES[module].read_text()), "eager"))


def imports_within(module):
    for name, when, line in imports_of(module):
        if name == "refrace" or name.startswith("refrace."):
            yield name.removeprefix("refrace").removeprefix("."), when, line


def test_no_two_modules_import_one_another_over_any_number_of_steps():
    """All imports count: also those in functions and those for type checkers."""
    graph = {
        module: {name for name, _, _ in imports_within(module)}
        - UPWARDS.get(module, {}).keys()
        for module in MODULES
    }
    TopologicalSorter(graph).prepare()  # CycleError if there is a way back


def test_every_module_has_its_place_in_the_list_of_layers():
    assert {layer_of(name) for name in [*MODULES, *EXTENSIONS]} == set(LAYERS)


def test_a_module_imports_no_layer_above_its_own():
    above = [
        f"{module or 'refrace'} (line {line}) imports {imported} ({when})"
        for module in MODULES
        for imported, when, line in imports_within(module)
        if LAYERS.index(layer_of(imported)) > LAYERS.index(layer_of(module))
        and UPWARDS.get(module, {}).get(imported) != when
    ]
    assert above == []


def test_every_exception_from_the_layers_is_needed():
    for module, names in UPWARDS.items():
        assert set(names) <= {name for name, _, _ in imports_within(module)}


def test_importing_data_loads_no_extension():
    """Over any number of steps, through what is imported at once."""
    data = [
        name
        for name in ALL
        if {name, layer_of(name)} & {*LOADS_NO_EXTENSION} and name != LOADS_ONE
    ]
    assert len(data) > 50
    seen, rest = set(), data
    while rest:
        name = rest.pop()
        if name in seen or name not in MODULES:
            continue
        seen.add(name)
        loaded = {other for other, when, _ in imports_within(name) if when == "eager"}
        assert not loaded & EXTENSIONS.keys(), f"{name} loads {loaded}"
        rest += loaded


def test_other_packages_are_imported_only_where_they_belong():
    imports = [(module, *one) for module in MODULES for one in imports_of(module)]
    assert len(imports) > len(MODULES)
    for module, name, when, line in imports:
        top = name.split(".")[0]
        place = f"{module or 'refrace'} (line {line}) imports {top}"
        if when == "typing" or top == "refrace" or top in sys.stdlib_module_names:
            continue
        if top in OPTIONAL:
            assert when == "lazy", f"{place} at once; it may be missing"
            continue
        assert top in OTHERS, f"{place}, which is no dependency"
        assert matches(module, OTHERS[top]), f"{place}; only {OTHERS[top]} may"


def test_the_package_itself_imports_nothing_of_its_own_and_little_else():
    assert {name for name, when, _ in imports_of("") if when == "eager"} <= {
        "__future__",
        "importlib",
        "typing",
    }


def test_the_root_has_few_modules_and_none_that_is_private():
    root = {path.stem for path in PACKAGE.glob("*.py")}
    assert len(root) <= MOST_AT_THE_ROOT
    assert {name for name in root if name.startswith("_")} == {"__init__", "__main__"}


@pytest.mark.parametrize("extension", sorted(EXTENSIONS))
def test_a_binding_imports_no_python_of_the_package(extension):
    """It decides nothing, so it needs no defaults, checks or words from there."""
    source = EXTENSIONS[extension].read_text()
    imported = re.findall(r"^\s*(?:from|import)\s+(refrace\S*)\s+import", source, re.M)
    assert imported == []
    declared = re.findall(r"^\s*from\s+(refrace\S*)\s+cimport", source, re.M)
    assert all(name.startswith("refrace._cext") for name in declared)


def test_declarations_of_c_are_found_by_the_name_of_their_header():
    headers = {path.stem for path in (PACKAGE.parents[1] / "cext").rglob("*.h")}
    for path in (PACKAGE / "_cext").glob("*.pxd"):
        externs = re.findall(r'cdef extern from "([^"]+)"', path.read_text())
        assert all(Path(header).stem == path.stem for header in externs), path
        assert not externs or path.stem in headers

"""Which module of refrace may import which: read off the sources, held to one table."""

import ast
import re
import sys
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "src" / "refrace"

EXTENSIONS = {path.stem for path in PACKAGE.glob("*.pyx")}

# The layers, lowest first, by module name within refrace.  Each may import its own
# layer and those that stand before it here; what no line names is a verb or helps one.
LAYERS = {
    "data": [
        "errors",
        "findings",
        "environment",
        "spread",
        "words",
        "recorded",
        "recorded_costs",
        "_recorded_files",
        "_ranges",
        "_shown",
        "_files",
        "_interpreters",
        "_validate",
        "_bounds",
        "_codec",
        "_explain",
        "_explain.*",
        "_schedules",
        "_token_words",
        "_tokens",
        "_render",
        "_render.*",
        "_plot",
        "_plot.*",
        "programs",
        "programs.*",
        "reports",
        "reports.*",
        "gallery",
        "gallery.*",
    ],
    "extension": sorted(EXTENSIONS),
    # Data too, but told by the extension at first use: the one list of modes is in C.
    "catalogue": ["catalogue", "_mixed_up"],
    "verb": ["*"],
    "leaf": [
        "__main__",
        "cli",
        "cli.*",
        "notebook",
        "notebook.*",
        "pytest_plugin",
        "strategies",
        "strategies.*",
    ],
}
ORDER = list(LAYERS)

# Data that needs the words of a mode's card, and gets them at first use.
MAY_ASK_THE_CATALOGUE = {"programs", "reports", "gallery"}

# Methods of data that are a verb, imported when they are called.
MAY_CALL = {"programs.program": {"verbs.check"}}

# Packages that are not the standard library, and the only modules that may have them.
OTHERS = {
    "cattrs": ["gallery.reading"],
    "click": ["cli", "cli.*", "__main__"],
    "rich": ["cli", "cli.*", "__main__"],
    "hypothesis": ["strategies", "strategies.*"],
    "IPython": ["notebook", "notebook.*"],
    "pytest": ["pytest_plugin"],
}
# Used where it is installed; imported at the moment of use only.
OPTIONAL = {"altair", "numpy"}


def modules():
    """Every Python module of the package, by its name within it ("" is the package)."""
    named = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        parts = parts[:-1] if parts[-1] == "__init__" else parts
        named[".".join(parts)] = path
    return named


MODULES = modules()


def matches(module, patterns):
    return any(fnmatchcase(module, pattern) for pattern in patterns)


def layer_of(module):
    """Name the layer of a module; the catch-all of the verbs comes last."""
    for layer, patterns in LAYERS.items():
        if layer != "verb" and matches(module, patterns):
            return layer
    return "verb"


def is_type_checking(node):
    return isinstance(node, ast.If) and ast.unparse(node.test) in {
        "TYPE_CHECKING",
        "typing.TYPE_CHECKING",
    }


def imports_of(module):
    """Yield (imported name, is it imported at once, line) for what a module runs."""

    def walk(node, at_once):
        if is_type_checking(node):
            return
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            at_once = False
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, at_once, node.lineno
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}:{node.lineno}: a relative import"
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                within = name.removeprefix("refrace.")
                is_module = within in MODULES or within in EXTENSIONS
                yield name if is_module else node.module, at_once, node.lineno
        for child in ast.iter_child_nodes(node):
            yield from walk(child, at_once)

    yield from walk(ast.parse(MODULES[module].read_text()), True)


def imports_within(module):
    for name, at_once, line in imports_of(module):
        if name.startswith("refrace."):
            yield name.removeprefix("refrace."), at_once, line


ALL = [name for name in MODULES if name]


@pytest.mark.parametrize("module", ALL)
def test_a_module_imports_no_layer_above_its_own(module):
    layer = layer_of(module)
    for imported, at_once, line in imports_within(module):
        place = f"{module} (line {line}) imports {imported}"
        above = layer_of(imported)
        if above == "catalogue" and module.split(".")[0] in MAY_ASK_THE_CATALOGUE:
            continue
        if imported in MAY_CALL.get(module, ()):
            assert not at_once, f"{place} at once; it may when it is called only"
            continue
        if layer == "catalogue" and above == "extension":
            assert not at_once, f"{place} at once; it may at first use only"
        assert ORDER.index(above) <= ORDER.index(layer), (
            f"{place}: {above} from {layer}"
        )


@pytest.mark.parametrize("module", [name for name in ALL if layer_of(name) == "data"])
def test_importing_data_loads_no_extension_and_no_verb(module):
    """Over any number of steps, through what is imported at once."""
    seen, rest = set(), [module]
    while rest:
        name = rest.pop()
        if name in seen or name not in MODULES:
            continue
        seen.add(name)
        rest += [other for other, at_once, _ in imports_within(name) if at_once]
        loaded = {other for other, at_once, _ in imports_within(name) if at_once}
        assert not loaded & EXTENSIONS, f"{module} loads {loaded & EXTENSIONS}"
    assert all(layer_of(name) in {"data", "catalogue"} for name in seen)


@pytest.mark.parametrize("module", MODULES, ids=lambda name: name or "refrace")
def test_other_packages_are_imported_only_where_they_belong(module):
    for name, at_once, line in imports_of(module):
        top = name.split(".")[0]
        place = f"{module or 'refrace'} (line {line}) imports {top}"
        if top == "refrace" or top in sys.stdlib_module_names:
            continue
        if top in OPTIONAL:
            assert not at_once, f"{place} at once; it may be missing"
            continue
        assert top in OTHERS, f"{place}, which is no dependency"
        assert matches(module, OTHERS[top]), f"{place}; only {OTHERS[top]} may"


def test_the_package_itself_imports_nothing_of_its_own_and_little_else():
    assert {name for name, at_once, _ in imports_of("") if at_once} <= {
        "__future__",
        "importlib",
        "typing",
    }


@pytest.mark.parametrize("extension", sorted(EXTENSIONS))
def test_a_binding_imports_no_python_of_the_package(extension):
    """It decides nothing, so it needs no defaults, checks or words from there."""
    source = (PACKAGE / f"{extension}.pyx").read_text()
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

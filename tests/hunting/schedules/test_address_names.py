"""Addresses of a trace have names of variables and fields, from debug information."""

import shutil
import subprocess
import sys

import pytest

from refrace.hunting.schedules.address_names import Access, names_of
from refrace.hunting.schedules.c_lines import CLine
from refrace.hunting.schedules.debug_info import debug_info_of, pointee, size_of

pytest.importorskip("elftools")
pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("gcc") is None,
    reason="reads ELF files that gcc has made",
)

SOURCE = """
#define INSTRUCTION(name) __asm__ volatile(#name ": nop")
typedef struct { long refs; void *type; } object;
typedef struct {
    object head;
    long count, low, high;
    int bits[4];
    struct { long inner; } part;
    long *items;
    object *item;
} thing;
long total;
static struct { long a; short b[3]; } state = {1, {2, 3, 4}};
void set(long to) { state.a = to; state.b[2] = to; }
long one(thing *self) { return self->count; }
long two(thing *self) { return self->low + self->high; }
long bit(thing *self, int i) { return self->bits[i]; }
long part(thing *self) { return self->part.inner; }
long item(thing *self, int i) { return self->items[i]; }
long refs(void *op) { return ((thing *)op)->item->refs; }
long none(int i) { return i; }
long all(void) { return total + state.a + state.b[2]; }
long blocks(void *it) {
    long sum = 0;
    { thing *at = it; object *it = at->item; INSTRUCTION(in_first); sum += it->refs; }
    { thing *self = it; INSTRUCTION(in_second); sum += self->count; }
    return sum;
}
static inline __attribute__((always_inline)) long inner(object *self) {
    INSTRUCTION(in_inner);
    return self->refs;
}
long outer(thing *self, long *more) { return *more + inner(self->item); }
long plus(thing *self, long *p) { return *p += self->count; }
"""
LINES = {
    text.partition("(")[0].split()[-1]: number
    for number, text in enumerate(SOURCE.splitlines(), start=1)
    if text.startswith("long ") and "return" in text
}
# Offsets in `thing`, by the rules of the ABI: longs and pointers have 8 bytes.
COUNT, LOW, HIGH, BITS, PART, ITEMS, ITEM = 16, 24, 32, 40, 56, 64, 72
OBJECT, THING = 16, 80
SELF, ARRAY, ITS_ITEM = 0x7F0000001000, 0x7F0000002000, 0x7F0000003000


@pytest.fixture(scope="module", params=["-O0", "-O2"])
def module(request, tmp_path_factory):
    """The file, its source, and the offset of each symbol."""
    folder = tmp_path_factory.mktemp("named")
    source, made = folder / "named.c", folder / "named.so"
    source.write_text(SOURCE)
    flags = ["-g", request.param, "-shared", "-fPIC", "-fno-inline"]
    subprocess.run(["gcc", *flags, str(source), "-o", str(made)], check=True)
    listed = subprocess.run(["nm", str(made)], capture_output=True, text=True).stdout
    rows = [row.split() for row in listed.splitlines()]
    symbols = {row[2]: int(row[0], 16) for row in rows if len(row) == 3}
    return str(made), str(source), symbols


def named(module, *accesses):
    """The names of (function, address, size, value there), and of static variables.

    "plus+4" is another instruction of the function `plus`.
    """
    file, source, symbols = module
    made = []
    for function, where, size, value in accesses:
        is_static = isinstance(where, str)
        name, _, into = where.partition("+") if is_static else ("", "", "")
        offset = symbols[name] + int(into or 0) if is_static else 0
        function, _, behind = function.partition("+")
        made.append(
            Access(
                (file, symbols[function] + 1 + int(behind or 0)),
                CLine(function, source, LINES[function]),
                (file, offset) if is_static else None,
                0x7E0000000000 + offset if is_static else where,
                value,
                size,
            )
        )
    found = names_of(made)
    return [found.get(one.address) for one in made]


def test_a_field_has_the_name_of_the_pointer_and_its_own(module):
    assert named(module, ("one", SELF + COUNT, 8, 5)) == ["self->count"]
    assert named(module, ("part", SELF + PART, 8, 5)) == ["self->part.inner"]


def test_two_fields_of_one_line_are_told_apart_by_a_common_start(module):
    both = ("two", SELF + HIGH, 8, 1), ("two", SELF + LOW, 8, 1)

    assert named(module, *both) == ["self->high", "self->low"]


def test_one_of_two_fields_alone_has_no_name(module):
    assert named(module, ("two", SELF + HIGH, 8, 1)) == [None]


def test_an_element_of_an_array_has_its_index(module):
    known = ("one", SELF + COUNT, 8, 5)

    assert named(module, known, ("bit", SELF + BITS + 8, 4, 0))[1] == "self->bits[2]"


def test_a_pointer_that_was_read_names_what_it_points_to(module):
    read = ("item", SELF + ITEMS, 8, ARRAY)
    element = ("item", ARRAY + 24, 8, 0)
    counted = ("refs", SELF + ITEM, 8, ITS_ITEM), ("refs", ITS_ITEM, 8, 1)

    assert named(module, read, element) == ["self->items", "self->items[3]"]
    assert named(module, *counted) == ["op->item", "op->item->refs"]


def test_a_pointer_names_no_elements_for_a_line_without_an_index(module):
    read = ("item", SELF + ITEMS, 8, ARRAY)
    other = ("one", ARRAY + 0x3000 + COUNT, 8, 0)

    assert named(module, read, other) == ["self->items", "self->count"]


def test_what_a_line_accesses_through_a_plain_pointer_is_not_its_field(module):
    plain, field = ("plus", ARRAY, 8, 1), ("plus+4", SELF + COUNT, 8, 2)
    again = ("plus+6", ARRAY, 8, 1)

    assert named(module, plain, field, again) == [None, None, None]
    known = ("two", SELF + LOW, 8, 1), ("two", SELF + HIGH, 8, 1)
    assert named(module, *known, plain, field, again)[2:] == [None, "self->count", None]


def test_static_variables_are_found_by_their_addresses(module):
    accesses = ("total", 8), ("state", 8), ("state+12", 2)

    assert named(module, *(("all", at, size, 1) for at, size in accesses)) == [
        "total",
        "state.a",
        "state.b[2]",
    ]


def test_sizes_of_types_are_read_once_a_pointer_not_once_an_access(module, monkeypatch):
    from refrace.hunting.schedules import address_names, known_places

    asked = []
    size_of = address_names.size_of
    for user in (address_names, known_places):
        monkeypatch.setattr(
            user, "size_of", lambda kind: asked.append(kind) or size_of(kind)
        )
    objects = range(SELF, SELF + (60 << 20), 1 << 20)
    pointers = [("item", self + ITEMS, 8, self + 4096) for self in objects]
    unnamed = [("none", 64 * number, 8, 1) for number in range(1, 61)]

    found = named(module, *pointers, *(unnamed * 2))

    assert len(set(found)) == 61
    assert len(asked) < 10 * len(pointers)


def test_an_address_without_a_name_has_one_when_its_pointer_was_read(module):
    element, read = ("two", ITS_ITEM, 8, 1), ("refs", SELF + ITEM, 8, ITS_ITEM)

    assert named(module, element, element) == [None, None]
    assert named(module, element, read, element)[0] == "op->item->refs"


def in_scope(module, symbol, function=""):
    """The sizes of what the pointers point to that code at a symbol has."""
    file, _, symbols = module
    scope = debug_info_of(file).variables_in_scope(symbols[symbol], function)
    return {name: size_of(pointee(kind)) for name, kind in scope.items() if kind}


def test_a_variable_is_that_of_the_block_that_the_code_is_in(module):
    first, second = in_scope(module, "in_first"), in_scope(module, "in_second")

    assert (first["it"], first["at"], "self" in first) == (OBJECT, THING, False)
    assert (second["it"], second["self"], "at" in second) == (0, THING, False)


def test_a_variable_is_that_of_the_function_that_the_line_is_in(module):
    assert in_scope(module, "in_inner", "inner") == {"self": OBJECT}
    assert in_scope(module, "in_inner", "outer") == {"self": THING, "more": 8}
    assert in_scope(module, "in_inner") == {"self": OBJECT, "more": 8}


def test_the_same_field_of_two_objects_has_two_names(module):
    other = SELF + 0x10000

    assert named(module, ("one", SELF + COUNT, 8, 1), ("one", other + COUNT, 8, 1)) == [
        "self->count",
        "self->count (2)",
    ]


def test_an_access_of_another_size_than_the_field_has_no_name(module):
    assert named(module, ("one", SELF + COUNT, 2, 1)) == [None]


def test_without_pyelftools_there_are_no_names(module, monkeypatch):
    from refrace.hunting.schedules import debug_info

    debug_info.debug_info_of.cache_clear()
    monkeypatch.setitem(sys.modules, "elftools.elf.elffile", None)
    try:
        assert named(module, ("one", SELF + COUNT, 8, 5)) == [None]
    finally:
        debug_info.debug_info_of.cache_clear()


def test_too_much_debug_information_is_not_read(module, monkeypatch):
    from refrace.hunting.schedules import debug_info

    debug_info.debug_info_of.cache_clear()
    monkeypatch.setattr(debug_info, "_LARGEST", 100)
    try:
        assert named(module, ("one", SELF + COUNT, 8, 5)) == [None]
    finally:
        debug_info.debug_info_of.cache_clear()


def test_a_module_that_cannot_be_read_does_not_keep_others_from_it(monkeypatch):
    from refrace.hunting.schedules import engine

    asked = []

    def prepare(path):
        asked.append(path)
        raise ValueError(path)

    monkeypatch.setattr(engine, "prepare", prepare)
    monkeypatch.setattr(engine.runtime, "instrumented_modules", lambda: ["a", "b"])
    monkeypatch.delenv(engine.SETTING, raising=False)
    engine.warm_up(None)

    assert asked == ["a", "b"]


@pytest.mark.parametrize("content", [b"", b"\x7fELF", b"no module at all" * 9])
def test_a_file_that_cannot_be_read_gives_no_names(tmp_path, content):
    file = tmp_path / "broken.so"
    file.write_bytes(content)
    access = Access((str(file), 1), CLine("f", __file__, 1), None, SELF, 0, 8)

    assert names_of([access]) == {}

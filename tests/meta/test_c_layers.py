"""Which file of cext may include which, and that a mode keeps to the contract."""

import re
import shlex
import shutil
import subprocess
import sysconfig
import tempfile
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

CEXT = Path(__file__).parents[2] / "cext"

# What each folder may include besides itself; a folder that is not named stands on all
# of RACING.
GROUND = {"base"}
COUNTING = GROUND | {"mem", "modes"}
RACING = COUNTING | {"arena", "race"}
MAY_INCLUDE = {
    "base": set(),
    "mem": GROUND,
    "modes": COUNTING,
    "arena": COUNTING,
    "race": COUNTING | {"arena"},
    "program": COUNTING,
    "machine": COUNTING | {"program"},
    # Explores a model of objects, never an arena or a thread.
    "explore": COUNTING | {"program", "machine"},
    # What a loaded mode is compiled with, and what connects it with a core.
    "library": COUNTING,
    "loading": COUNTING | {"library"},
    # Runs programs on native objects and threads, with the model as the judge.
    "conformance": RACING | {"program", "machine"},
}

# What modes/list-modes writes when the core is built.
GENERATED = {"modes/modes.def", "modes/all_modes.h"}


def modes_listed():
    """List the modes as the build does: their names, by number."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([CEXT / "modes" / "list-modes", folder], check=True)
        listed = Path(folder, "modes", "modes.def").read_text()
        included = Path(folder, "modes", "all_modes.h").read_text()
    names = re.findall(r"^RR_MODE\((\w+)\)$", listed, re.M)
    assert re.findall(r'"modes/(\w+)\.c"', included) == sorted(names)
    return names


MODES = modes_listed()
BACKENDS = (
    ["native", "model"] if (CEXT / "modes" / "build_model.c").exists() else ["native"]
)

FILES = sorted(path for kind in ("*.c", "*.h", "*.def") for path in CEXT.rglob(kind))
NOT_TESTS = [path for path in FILES if path.relative_to(CEXT).parts[0] != "tests"]


def folder(path):
    return path.relative_to(CEXT).parts[0]


def relative(path):
    return str(path.relative_to(CEXT))


@cache
def without_comments(path):
    return re.sub(r"/\*.*?\*/", " ", path.read_text(), flags=re.S)


@cache
def ours(path):
    """What a file includes in quotes, from the root of cext."""
    return re.findall(r'^\s*#\s*include\s+"([^"]+)"', path.read_text(), re.M)


def system(path):
    return re.findall(r"^\s*#\s*include\s+<([^>]+)>", path.read_text(), re.M)


def by_file(paths, wrong):
    """Return what is wrong, by the file that it is wrong in."""
    found = {relative(path): wrong(path) for path in paths}
    return {name: some for name, some in found.items() if some}


def calls(path, functions):
    return re.findall(rf"\b({functions})\s*\(", without_comments(path))


def test_includes_are_from_the_root_and_are_there():
    # The contract names both backends; the model's comes with the explorer.
    later = {"mem/rc_mem_model.h", "modes/object_model.h"}
    allowed = GENERATED | (later if BACKENDS == ["native"] else set())

    missing = by_file(
        FILES,
        lambda path: [
            name
            for name in ours(path)
            if not (CEXT / name).is_file() and name not in allowed
        ],
    )
    assert missing == {}


def test_a_folder_includes_only_what_lies_below_it():
    above = by_file(
        NOT_TESTS,
        lambda path: (
            {name.split("/")[0] for name in ours(path)}
            - MAY_INCLUDE.get(folder(path), RACING)
            - {folder(path)}
        ),
    )
    assert above == {}


def test_no_two_folders_include_one_another():
    graph = {}
    for path in NOT_TESTS:
        below = {name.split("/")[0] for name in ours(path)} - {folder(path)}
        graph.setdefault(folder(path), set()).update(below)
    TopologicalSorter(graph).prepare()  # CycleError if there is a way back


def test_the_core_knows_no_python():
    outside = [path for path in FILES if folder(path) != "cpython"]
    assert by_file(outside, lambda path: "Python.h" in system(path)) == {}


def test_all_memory_comes_from_the_allocator_that_tests_can_make_fail():
    allocating = "malloc|calloc|realloc|aligned_alloc|strdup|free|alloca"
    others = [path for path in NOT_TESTS if path.stem != "rr_alloc"]
    assert by_file(others, lambda path: calls(path, allocating)) == {}


def test_the_core_never_prints_and_never_ends_the_process():
    unwanted = "printf|fprintf|puts|perror|exit|_exit|abort|assert"
    assert by_file(NOT_TESTS, lambda path: calls(path, unwanted)) == {}


# ---- modes ---------------------------------------------------------------------------


def contract():
    """The steps that the contract lists: in its comment, so that it can be read."""
    text = (CEXT / "mem" / "rc_mem.h").read_text()
    return set(re.findall(r"^ \*   \w+\s+\*?(rc_\w+)\(", text, re.M))


def test_every_step_of_the_contract_is_in_every_backend_and_no_other():
    assert len(contract()) > 8
    for backend in BACKENDS:
        text = without_comments(CEXT / "mem" / f"rc_mem_{backend}.h")
        defined = set(re.findall(r"^(rc_\w+)\(", text, re.M))
        defined |= set(re.findall(r"^\w+ \*?(rc_\w+)\(.*;", text, re.M))
        defined |= set(re.findall(r"^#\s*define\s+(rc_\w+)\(", text, re.M))
        assert defined == contract(), backend


def test_every_build_of_the_modes_includes_all_of_them():
    for build in ("native", "rounds", "widened", "model"):
        text = (CEXT / "modes" / f"build_{build}.c").read_text()
        assert '#include "modes/all_modes.h"\n' in text, build
        assert '#include "modes/modes.def"\n' in text, build


def test_the_first_modes_keep_their_numbers():
    # Stored results have names; lists and tables keep this order.
    assert MODES[:6] == [
        "unlocked",
        "object_lock",
        "global_lock",
        "atomic",
        "atomic_cas",
        "biased",
    ]
    assert MODES[26] == "biased_unsuspended"


def test_a_new_mode_is_one_file_and_comes_after_those_with_a_place(tmp_path):
    folder = tmp_path / "modes"
    folder.mkdir()
    shutil.copy(CEXT / "modes" / "list-modes", folder)
    cards = {
        "b": "b, .place = 2, .claim = RR_BROKEN,",
        "a": "a, .place = 10, .claim = RR_BROKEN,",
        "new_z": "new_z, .claim = RR_BROKEN,",
        "new_y": "new_y,",
    }
    for name, card in cards.items():
        (folder / f"{name}.c").write_text(f"RR_MODE_CARD({card}\n    .title = 0);\n")
    (folder / "no_mode.c").write_text("int x;\n")

    subprocess.run([folder / "list-modes", tmp_path / "out"], check=True)

    listed = (tmp_path / "out" / "modes" / "modes.def").read_text()
    names = re.findall(r"^RR_MODE\((\w+)\)", listed, re.M)
    assert names == ["b", "a", "new_y", "new_z"]


def test_every_mode_has_the_one_file_of_its_name():
    algorithms = {
        path.stem
        for path in (CEXT / "modes").glob("*.c")
        if "RR_MODE_TABLE" in path.read_text()
    }
    assert algorithms == set(MODES)


@pytest.mark.parametrize("mode", MODES)
def test_a_mode_includes_headers_of_modes_and_nothing_else(mode):
    path = CEXT / "modes" / f"{mode}.c"
    assert system(path) == []
    assert all(re.fullmatch(r"modes/\w+\.h", name) for name in ours(path))


@pytest.mark.parametrize("mode", MODES)
def test_a_mode_is_the_same_text_for_every_backend(mode):
    text = (CEXT / "modes" / f"{mode}.c").read_text()
    assert re.findall(r"^\s*#\s*(?:if|ifdef|ifndef|else|elif)\b", text, re.M) == []


@pytest.mark.parametrize("mode", MODES)
def test_a_mode_calls_steps_of_the_contract_and_its_own_functions(mode):
    text = re.sub(r'"[^"]*"', "", without_comments(CEXT / "modes" / f"{mode}.c"))
    called = set(re.findall(r"\b(\w+)\s*\(", text))
    words = {"if", "while", "for", "switch", "return", "sizeof"}
    words |= {"RR_MODE_TABLE", "RR_MODE_CARD"}
    own = {name for name in called if name.startswith(f"rr_{mode}_")}
    # A shared algorithm is spelt in macros and accessors that headers of modes define.
    headers = "".join(
        without_comments(CEXT / name) for name in ours(CEXT / "modes" / f"{mode}.c")
    )
    headers += "".join(
        without_comments(path) for path in (CEXT / "modes").glob("object_*.h")
    )
    shared = {
        name
        for name in called
        if re.search(rf"(?:^|define\s+){name}\(", headers + text, re.M)
    }
    assert called - words - own - shared <= contract()


@pytest.mark.parametrize("mode", MODES)
def test_the_card_of_a_mode_gives_its_claim_as_its_file_does(mode):
    stated = (CEXT / "modes" / f"{mode}.c").read_text()
    (claim,) = re.findall(
        rf"^RR_MODE_CARD\({mode},.* \.claim = RR_(\w+),", stated, re.M
    )
    assert re.search(rf"^ \* Claim +{claim}\b", stated, re.M)
    for label in ("Follows", "State", "Steps", "Memory order", "Invariant"):
        assert re.search(rf"^ \* {label} ", stated, re.M), label


def compiled(mode, backend, directory):
    compiler = shlex.split(sysconfig.get_config_var("CC") or "cc")
    result = directory / f"{mode}-{backend}.o"
    subprocess.run(
        [
            *compiler,
            "-std=c11",
            "-O1",
            f"-DRC_{backend.upper()}",
            f"-I{CEXT}",
            "-c",
            str(CEXT / "modes" / f"{mode}.c"),
            "-o",
            str(result),
        ],
        check=True,
        capture_output=True,
        text=True,
    )
    return result


def symbols(result):
    """Give the symbols that an object file needs and those it has: (U, others)."""
    listed = subprocess.run(
        ["nm", "-g", str(result)], check=True, capture_output=True, text=True
    )
    pairs = [line.split()[-2:] for line in listed.stdout.splitlines()]
    needed = {name for kind, name in pairs if kind == "U"}
    return needed - {"_GLOBAL_OFFSET_TABLE_"}, {n for kind, n in pairs if kind != "U"}


# What the steps of the contract become natively, where they are not inlined whole.
NATIVE_SYMBOLS = {
    "pthread_mutex_lock",
    "pthread_mutex_unlock",
    "rc_all_announced_acquire",
    "rc_attach",
    "rc_is_detached",
    "rc_lane_next",
    "rc_lanes_next",
    "rc_lanes_take",
    "rc_queue_pop",
    "rc_queue_pop_or_close",
    "rc_queue_pop_or_detach",
    "rc_queue_push",
    "rc_queue_take",
    "rc_resume",
    "rr_self",
    "rc_suspend",
    "rr_gil_leave",
    "rr_gil_take",
    "rr_lanes_asked",
    "rr_me_asked",
    "rr_object_end",
    "rr_self_asked",
}
WIDENED_SYMBOLS = NATIVE_SYMBOLS | {
    "pthread_mutex_trylock",
    "rr_gap_before_access",
    "rr_gap_self",
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("backend", ["widened", *BACKENDS])
def test_a_compiled_mode_needs_the_contract_and_gives_its_table(
    mode, backend, tmp_path
):
    needed, given = symbols(compiled(mode, backend, tmp_path))
    card = {f"rr_mode_card_{mode}"} if backend == "native" else set()
    assert given == {f"rr_{backend}_mode_{mode}", *card}
    if backend == "native":
        assert needed <= NATIVE_SYMBOLS
    elif backend == "widened":
        assert needed <= WIDENED_SYMBOLS
    else:
        declared = without_comments(CEXT / "mem" / "rc_mem_model.h")
        assert {n for n in needed if not re.search(rf"\b{n}\b", declared)} == set()

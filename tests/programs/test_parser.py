"""What the parser accepts, where it says things stand, and what it survives."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from refrace import InvalidArgumentType, InvalidProgram, Program, gallery
from refrace.programs.steps import CONTROL_FORMS, OPERATIONS
from refrace.programs.syntax import MAX_NESTING, If, walk

CANONICAL = """\
slot S = A
T1:
  x = S
  if x != null {
    use x
  } else {
    gil
  }"""


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("slot S=A\nT1:x=S;if x!=null{use x}else{gil}", id="no-spaces"),
        pytest.param(
            "# a comment ; with } and {\nslot S = A # T9: gil\n\n"
            "T1: # begins\n  x = S # loads\n  if x != null { # opens\n use x\n}"
            " # closes\n  else { # other\n gil } # ends",
            id="comments",
        ),
        pytest.param(
            "slot S = A\r\nT1: x = S\r\nif x != null {\r\nuse x\r\n} else {\rgil\r}",
            id="line-ends",
        ),
        pytest.param(
            ";;slot S = A;\n;T1:;x = S;;if x != null {;use x;};else {;gil;};",
            id="separators",
        ),
        pytest.param(
            "\tslot\tS\t=\tA\n\tT1\t:\tx\t=\tS\n\tif\tx\t!=\tnull\t{use\tx}\telse{gil}",
            id="tabs",
        ),
        pytest.param("\ufeff" + CANONICAL, id="byte-order-mark"),
        pytest.param(CANONICAL.encode(), id="bytes"),
        pytest.param(b"\xef\xbb\xbf" + CANONICAL.encode(), id="bytes-with-mark"),
        pytest.param(
            "T1: x = S ; if not not x != null { use x } else { gil }\nslot S = A",
            id="declared-below-its-use",
        ),
        pytest.param(
            "slot S = A\nT1: x = S ; if (x != null) { use x } else { gil }",
            id="parentheses",
        ),
    ],
)
def test_spacing_comments_and_order_change_nothing(text):
    assert str(Program.parse(text)) == CANONICAL


def test_parentheses_keep_a_negative_number_apart_from_a_subtraction():
    program = Program.parse("int N = 0\nT1: b = cas N (-1) -2\n  c = cas N (1 - 2) 3")

    assert str(program).endswith("b = cas N (-1) (-2)\n  c = cas N 1 - 2 3")


def test_a_lock_before_the_first_thread_is_declared_and_later_taken():
    program = Program.parse("lock L M\nT1:\nlock L\nunlock L\nT2: lock M")

    assert [lock.name for lock in program.facts.locks] == ["L", "M"]
    assert [len(thread.body) for thread in program.threads] == [2, 1]


def test_every_node_knows_its_line_and_column():
    program = Program.parse("slot S = A\n\nT1: x = S ;  if x != null {\n\tuse x }\n")

    thread = program.threads[0]
    places = [(node.line, node.column) for node in walk(thread.body)]
    assert (program.declarations[0].line, program.declarations[0].column) == (1, 1)
    assert (thread.line, thread.column) == (3, 1)
    assert places == [(3, 5), (3, 14), (4, 2)]


def test_the_position_is_not_part_of_the_meaning_of_a_program():
    spread = Program.parse("\n\n  T1:\n\n      gil")

    assert spread == Program.parse("T1: gil")
    assert hash(spread) == hash(Program.parse("T1: gil"))


def test_bytes_that_are_not_utf8_are_refused_at_their_place():
    with pytest.raises(InvalidProgram) as caught:
        Program.parse(b"T1: gil\nT2: \xff")

    assert (caught.value.line, caught.value.column) == (2, 5)
    assert "save the program as UTF-8" in str(caught.value)


@pytest.mark.parametrize("text", [None, 3, ["T1: gil"], bytearray(b"T1: gil")])
def test_only_text_is_parsed(text):
    with pytest.raises(InvalidArgumentType, match="is read from str or bytes"):
        Program.parse(text)


def nested(depth: int) -> str:
    return "T1: n = 1\n" + "if n == 1 {\n" * depth + "gil\n" + "}\n" * depth


def test_blocks_nest_as_deep_as_promised():
    program = Program.parse(nested(MAX_NESTING))

    assert Program.parse(str(program)) == program
    assert Program.from_json(program.to_json()) == program
    assert hash(program) == hash(Program.parse(nested(MAX_NESTING)))
    assert isinstance(program.threads[0].body[1], If)
    assert "If" in repr(program.threads)
    assert program.normalised().facts.n_statements == MAX_NESTING + 2


@pytest.mark.parametrize("depth", [MAX_NESTING + 1, 100_000])
def test_any_number_of_deeper_blocks_is_refused(depth):
    with pytest.raises(InvalidProgram, match=f"more than {MAX_NESTING} deep") as caught:
        Program.parse(nested(depth))

    assert caught.value.line == MAX_NESTING + 2


def test_a_long_program_is_read_checked_and_written():
    lines = ["slot S = A", "int N = 0", "T1:"]
    for i in range(10_000):
        lines += [f"x{i} = S", f"if x{i} != null {{", f"n{i} = N", "gil", "}"]
    program = Program.parse("\n".join(lines))

    assert program.facts.n_statements == 40_000
    assert len(str(program).splitlines()) == len(lines)


def test_many_threads_functions_and_declarations_cost_no_square():
    n = 5_000
    lines = [f"slot S{i} = A{i}" for i in range(n)]
    lines += [f"hold T{i}.x = A{i}" for i in range(n)]
    lines += [f"T{i}: call f{i}" for i in range(n)]
    lines += [f"fn f{i}: y = new M{i}" for i in range(n)]
    program = Program.parse("\n".join(lines))

    assert set(program.facts.initial_counts.values()) == {2}
    assert len(program.facts.templates) == n


def test_a_chain_of_calls_is_limited():
    def chain(n):
        body = "".join(f"fn f{i}: call f{i + 1}\n" for i in range(n - 1))
        return f"T1: call f0\n{body}fn f{n - 1}: gil"

    assert Program.parse(chain(64)).facts.call_depth == 64
    for n in (65, 20_000):
        with pytest.raises(InvalidProgram, match="more than 64 deep"):
            Program.parse(chain(n))


def test_a_long_cycle_of_calls_is_named_shortly():
    n = 5_000
    body = "".join(f"fn f{i}: call f{(i + 1) % n}\n" for i in range(n))

    with pytest.raises(InvalidProgram, match="cannot call itself") as caught:
        Program.parse(f"T1: call f0\n{body}")

    assert len(str(caught.value)) < 200


def test_a_long_word_is_cut_in_the_message():
    with pytest.raises(InvalidProgram) as caught:
        Program.parse("T1: " + "y" * 1_000_000)

    assert len(str(caught.value)) < 200
    assert len(caught.value.text) == 1_000_000


# ------------------------------------------------------------------------- fuzz

TEXTS = [
    text
    for pattern in gallery.values()
    for variant in pattern.variants
    for text in (variant.buggy_text, variant.fixed_text)
]
WORDS = [
    *OPERATIONS,
    *CONTROL_FORMS,
    *[
        "else",
        "fn",
        "end",
        "null",
        "and",
        "or",
        "not",
        "slot",
        "raw",
        "int",
        "vec",
        "rawvec",
        "lock",
        "rlock",
        "obj",
        "type",
    ],
    *[
        "hold",
        "borrow",
        "final",
        "field",
        "rawfield",
        "rc",
        "max",
        "stable",
        "S",
        "R",
        "N",
        "C",
        "L",
        "A",
        "B",
        "T1",
        "T2",
        "x",
        "y",
        "f",
    ],
    *[
        "0",
        "1",
        "-1",
        "99999999999999999999",
        "=",
        "==",
        "!=",
        "<",
        "<=",
        "+",
        "-",
        ".",
        ",",
        ";",
        ":",
        "{",
        "}",
        "[",
        "]",
        "(",
        ")",
        "#",
        "\n",
    ],
    *[
        "\x00",
        "\ufeff",
        "\u2028",
        "\ud800",
        "\xe9",
        "\xb2",
        "\ufb01",
        "\U0001d7d9",
        "\t",
    ],
]


IN_TIME = settings(deadline=5_000)  # in milliseconds: far from any hang


def reads_or_refuses(text):
    error = None
    try:
        program = Program.parse(text)
    except InvalidProgram as caught:
        error = caught

    if error is None:
        assert Program.parse(str(program)) == program
    else:
        assert str(error).isprintable()
        assert error.line is None or error.line >= 1
        assert error.column is None or error.column >= 1


@IN_TIME
@given(st.text() | st.binary())
def test_any_text_is_read_or_refused(text):
    reads_or_refuses(text)


@IN_TIME
@given(st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join))
def test_any_words_of_the_language_are_read_or_refused(text):
    reads_or_refuses("slot S = A\nint N = 0\nT1: " + text)
    reads_or_refuses(text)


@IN_TIME
@given(
    st.sampled_from(TEXTS),
    st.lists(
        st.tuples(
            st.integers(0, 999), st.integers(0, 5), st.sampled_from(WORDS) | st.text()
        ),
        min_size=1,
        max_size=4,
    ),
)
def test_a_damaged_program_is_read_or_refused(text, damages):
    for place, length, inserted in damages:
        place %= len(text) + 1
        text = text[:place] + inserted + text[place + length :]

    reads_or_refuses(text)


def test_shuffled_and_repeated_lines_are_read_or_refused():
    generator = random.Random(3)
    for text in TEXTS:
        lines = text.splitlines()
        for _ in range(5):
            reads_or_refuses("\n".join(generator.choices(lines, k=len(lines))))

"""Subjects: what they are made of, and what they refuse."""

import pytest
from hypothesis import strategies as st

import refrace
from refrace.subjects import Subject, operation


class Table:
    """A subject with everything that one can have."""

    def setup(self):
        self.table = {}
        self.is_set_up = True

    @operation(key=st.text())
    def put(self, key, value, *, expires, size=3):
        self.table[key] = value

    @operation
    def get(self, key):
        return self.table.get(key)

    @operation()
    def keys(self):
        return list(self.table)

    def helper(self):
        """Not an operation."""


def test_the_operations_of_a_class_are_its_decorated_methods_in_their_order():
    assert list(Subject.of(Table).operations) == ["put", "get", "keys"]


def test_arguments_with_a_default_are_not_drawn():
    put = Subject.of(Table).operations["put"]

    assert put.parameters == (
        ("key", "positional"),
        ("value", "positional"),
        ("expires", "keyword"),
    )
    assert list(put.strategies) == ["key"]


def test_a_default_argument_with_a_strategy_is_drawn_and_passed_by_name():
    class One:
        @operation(size=st.integers())
        def put(self, key, size=3):
            """Take a size."""

    assert Subject.of(One).operations["put"].parameters == (
        ("key", "positional"),
        ("size", "keyword"),
    )


def test_operations_are_inherited_and_overridden_ones_are_those_of_the_class():
    class Larger(Table):
        get = None

        @operation
        def pop(self, key):
            return self.table.pop(key)

    assert list(Subject.of(Larger).operations) == ["put", "keys", "pop"]


def test_making_a_subject_runs_its_setup():
    subject = Subject.of(Table)
    made = subject.make()

    assert made.is_set_up
    subject.bind(made, "put")("a", 1, expires=None)
    assert subject.bind(made, "get")("a") == 1


def test_a_function_is_its_own_operation():
    subject = Subject.of(len)

    assert list(subject.operations) == ["len"]
    assert subject.make() is None
    assert subject.bind(None, "len")("abc") == 3


def test_a_function_without_a_signature_leaves_its_arguments_open():
    assert Subject.of(max).operations["max"].parameters is None


def test_a_subject_is_a_subject():
    subject = Subject.of(Table)
    assert Subject.of(subject) is subject


def test_optional_methods_are_none_if_they_are_missing():
    subject = Subject.of(Table)
    assert subject.method(subject.make(), "check") is None
    assert subject.method(None, "teardown") is None


def single(function):
    class One:
        one = operation(function)

    return Subject.of(One).operations["one"].is_single_call


def test_a_method_with_one_call_is_a_single_call():
    assert single(lambda self, key: self.table.put(key, [key, key]))
    assert single(lambda self, key: self.table[key])
    assert single(lambda self, key: self.table + key)


def test_a_method_that_is_named_like_a_builtin_is_a_single_call():
    assert single(lambda self, key: self.table.set(key, key))
    assert single(lambda self: self.table.sum())
    assert not single(lambda self: sum(self.table))


def test_a_method_with_steps_is_not_a_single_call():
    assert not single(lambda self, key: self.table.put(key, self.table.get(key)))
    assert not single(lambda self: list(self.table))
    assert not single(lambda self: [hash(key) for key in self.table])

    def count_up(self):
        self.count += 1

    assert not single(count_up)


def unpacks(self):
    first, second = self.table
    return first, second


def lends(self):
    with self.pool as number:
        return number


def takes(self):
    queue = self.queue
    return queue.pop() if queue else None


def reads(self):
    pair = self.pair
    return pair.a, pair.b


@pytest.mark.parametrize(
    "function",
    [
        *(unpacks, lends, takes, reads),
        lambda self: [*self.table],
        lambda self: {**self.table},
        lambda self: hash(*self.table),
        lambda self: self.queue.pop() if self.queue else None,
        lambda self: self.queue and self.queue.pop(),
        lambda self: not self.queue and self.queue.clear(),
        lambda self: (self.pair.a, self.pair.b),
        lambda self: self.pair.set(self.pair.a),
        lambda self: f"{self.pair.a} {self.pair.b}",
        lambda self: f"{self.pair} {self.pair!r}",
        lambda self: bytes(self.table),
        lambda self: ", ".join(self.table),
    ],
)
def test_a_method_that_asks_twice_is_not_a_single_call(function):
    assert not single(function)


@pytest.mark.parametrize(
    "function",
    [
        lambda self, *keys: self.table.put(*keys),
        lambda self: self.table.rows.put(0),
        lambda self: self.thread.join(),
        lambda self: not self.table,
        lambda self: self.pair.a,
        lambda self: self.table.pop() or None,
        lambda self, key: self.table.put(f"{key}", refrace.errors.RefraceError),
        lambda self: self.table.put([1, 2, 3]),
        lambda self, key: self.table.get(key) if key else None,
        lambda self, key: True if key in self.table else None,
    ],
)
def test_what_only_leads_to_a_call_leaves_it_single(function):
    assert single(function)


@pytest.mark.parametrize(
    ("what", "message"),
    [
        (int, "has no operations; decorate methods"),
        (3, "is an int; pass a class"),
        (Table(), "is a Table; pass a class"),
    ],
)
def test_something_else_is_refused_with_a_way_out(what, message):
    with pytest.raises(refrace.RefraceError, match=message):
        Subject.of(what)


def test_a_class_that_needs_arguments_is_refused():
    class Needy(Table):
        def __init__(self, size):
            self.size = size

    with pytest.raises(refrace.InvalidArgument, match=r"arguments \(size\); make"):
        Subject.of(Needy)


def test_a_strategy_for_an_argument_that_is_none_is_refused_with_the_nearest():
    with pytest.raises(refrace.InvalidArgument, match="did you mean 'value'"):

        @operation(val=st.text())
        def put(self, key, value):
            """Never used."""


@pytest.mark.parametrize("value", [3, int, st.integers])
def test_an_argument_that_is_not_a_strategy_is_refused(value):
    with pytest.raises(refrace.InvalidArgumentType, match="pass a Hypothesis strategy"):
        operation(key=value)


def test_decorating_something_else_is_refused():
    with pytest.raises(refrace.InvalidArgumentType, match="decorate a method"):
        operation(len)


async def makes_a_coroutine(self):
    """Runs no line when it is called."""


def makes_a_generator(self):
    yield


@pytest.mark.parametrize("function", [makes_a_coroutine, makes_a_generator])
def test_what_runs_none_of_its_code_when_called_is_refused(function):
    with pytest.raises(refrace.InvalidArgument, match=r"operation .*runs none of"):
        operation(function)
    with pytest.raises(refrace.InvalidArgument, match=r"subject=.*none of its code"):
        Subject.of(function)


def test_a_strategy_that_was_not_called_is_refused_with_the_call():
    with pytest.raises(refrace.InvalidArgumentType, match=r"integers\(\) instead of"):
        operation(key=st.integers)

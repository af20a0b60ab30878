"""Which operations did their work, and which only raised."""

from refrace.hunting.execution import run_program
from refrace.strategies.focus import read_accepted
from refrace.subjects import Call, HuntProgram, Noise, Subject, dump, operation


class Partly:
    @operation
    def works(self):
        return 1

    @operation
    def refuses(self):
        raise KeyError("always")


def test_an_operation_that_only_raises_is_known_with_its_exception():
    calls = (Call("works", ""), Call("refuses", ""), Call("refuses", ""))
    program = HuntProgram((), (calls,), (), (), (), dump([((), {})] * 3), Noise())

    ran = run_program(Subject.of(Partly), program, rounds=3, seconds=600.0)

    assert ran.returned == {"works"}
    assert ran.raised == {"refuses": "KeyError"}


def test_the_arguments_of_calls_that_were_not_refused_are_known_by_their_groups():
    class Typed:
        @operation
        def add(self, number):
            return number + 1

        @operation
        def find(self, number, table):
            return table[number]

    entries = [((1,), {}), (("no",), {}), (("a", {}), {}), ((2, 3), {})]
    calls = (Call("add"), Call("add"), Call("find"), Call("find"))
    program = HuntProgram((), (calls,), (), (), (), dump(entries), Noise())

    ran = run_program(Subject.of(Typed), program, rounds=1, seconds=600.0)

    # "no" + 1 and 3[2] raise TypeError, and {}["a"] KeyError.
    assert ran.taken == {"number:number", "number:text", "table:mapping"}


def test_what_an_operation_took_at_first_and_refused_later_is_known_too():
    class Sorted:
        def setup(self):
            self.items = []

        @operation
        def add(self, item):
            self.items.append(item)
            self.items.sort()

    entries = [((object(),), {}), ((object(),), {}), ((object(),), {})]
    calls = (Call("add"),) * 3
    program = HuntProgram((), (calls,), (), (), (), dump(entries), Noise())

    ran = run_program(Subject.of(Sorted), program, rounds=1, seconds=600.0)

    assert ran.taken == {"item:object", "item:not object"}
    assert read_accepted(ran.taken) == {"item": ("object",)}
    assert read_accepted({*ran.taken, "item:number"}) == {"item": ("number",)}

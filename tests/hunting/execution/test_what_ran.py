"""Which operations did their work, and which only raised."""

from refrace.hunting.execution import run_program
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

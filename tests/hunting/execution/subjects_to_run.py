"""Subjects on planted bugs, and programs that call them."""

from refrace._native.planted import Planted
from refrace.canaries.spec import CanarySpec
from refrace.subjects import Call, CanaryArgument, HuntProgram, Noise, dump, operation


def subject_on(is_buggy):
    """Return a subject on the planted bugs, or on their correct twins."""

    class OnPlanted:
        def setup(self):
            self.planted = Planted(is_buggy)

        @operation
        def leak(self, obj):
            return self.planted.leak(obj)

        @operation
        def drop(self, obj):
            self.planted.drop(obj)

        @operation
        def first(self, items, callback):
            return self.planted.first_before(items, callback)

        @operation
        def add(self):
            return self.planted.add()

        @operation
        def store(self, obj):
            self.planted.store(obj)

        @operation
        def discard(self):
            self.planted.discard()

    return OnPlanted


def program(
    *threads, canaries=(), prefix=(), suffix=(), reentries=(), noise=None, times=1
):
    """Return a program; a call is (operation, argument, ...), an int is a canary."""
    sections = [prefix, *threads, suffix, reentries]
    canary = [CanaryArgument(number) for number in range(len(canaries))]

    def argument(value):
        if type(value) is int:
            return canary[value]
        return [argument(one) for one in value] if type(value) is list else value

    values = [
        (tuple(argument(one) for one in call[1:]), {})
        for section in sections
        for call in section
    ]

    def calls(section):
        return tuple(Call(call[0], ", ".join(map(repr, call[1:]))) for call in section)

    return HuntProgram(
        calls(prefix),
        tuple(calls(thread) for thread in threads),
        calls(suffix),
        calls(reentries),
        tuple(canaries),
        dump(values),
        noise or Noise(),
        times,
    )


PLAIN = CanarySpec()
HELD = CanarySpec(held=True)

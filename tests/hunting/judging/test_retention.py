"""Which rounds have kept canaries."""

from refrace.canaries.harness import new, number
from refrace.canaries.spec import CanarySpec
from refrace.hunting.judging.retention import Retention


def test_many_canaries_that_a_few_rounds_have_kept_are_not_regular():
    """A thread that makes its calls many times has as many in a round."""
    retention = Retention()
    canaries = [new(CanarySpec()) for _ in range(60)]
    kept = [(number(one), 0, False) for one in canaries]

    retention.add(3, kept[:30])
    few = retention.is_regular(2)
    retention.add(4, kept[30:])

    assert retention.is_regular(3)
    assert not few
    assert not retention.is_regular(4)

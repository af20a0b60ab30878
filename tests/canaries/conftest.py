"""Every test begins and ends without canaries of before."""

import pytest

from refrace.canaries import harness


@pytest.fixture(autouse=True)
def only_its_own_canaries():
    harness.reset()
    yield
    harness.set_hook_handler(None)
    harness.arm(True)
    for number in harness.numbers():
        while harness.record(number).expected > 0:
            harness.release(number)
    harness.reset()

"""Settings of all tests."""

import signal

from hypothesis import settings

# For builds and interpreters that run the same tests once more: --hypothesis-profile.
settings.register_profile("quick", max_examples=10, deadline=None)


def pytest_configure(config):
    # A shell ignores Ctrl-C in what it starts in the background, and the interpreter
    # keeps to that; tests of Ctrl-C would wait for ever.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(config, items):
    """Leave out what is marked `soak`, unless the expression of -m speaks of it."""
    if "soak" not in config.option.markexpr:
        soaks = [item for item in items if item.get_closest_marker("soak")]
        if soaks:
            config.hook.pytest_deselected(items=soaks)
            items[:] = [item for item in items if item not in soaks]

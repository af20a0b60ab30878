"""What a user might test of wrapt, for pytest-run-parallel."""

import wrapt


def test_round():
    proxy = wrapt.ObjectProxy(3.7)
    assert round(proxy) == 4


def test_wrapped():
    class Old:
        def __del__(self):
            assert proxy.__wrapped__ == ["new"]

    proxy = wrapt.ObjectProxy(Old())
    proxy.__wrapped__ = ["new"]
    assert proxy.__wrapped__ == ["new"]


def test_operators():
    proxy = wrapt.ObjectProxy((1,))
    proxy += (2,)
    assert proxy == (1, 2)
    assert pow(wrapt.ObjectProxy(2), 3, 5) == 3

"""Objects of detached threads: which thread frees what others drop last."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

import refrace

MODES = [mode.name for mode in refrace.modes()]
SETTLING = [mode for mode in refrace.modes() if mode.settles and mode.has_owner]


def elsewhere(act, *arguments):
    """Run on another thread, and wait for it."""
    thread = threading.Thread(target=act, args=arguments)
    thread.start()
    thread.join()


class DetachedOwner:
    """A thread that makes an object and is detached until :meth:`attach`."""

    def __init__(self, mode):
        self._pool = ThreadPoolExecutor(1)
        self._is_detached, self._may_attach = threading.Event(), threading.Event()
        self.thing = self._pool.submit(refrace.Object, mode).result()
        self._sleep = self._pool.submit(self._wait)
        self._is_detached.wait()

    def _wait(self):
        with self.thing.detached():
            self._is_detached.set()
            self._may_attach.wait()

    def attach(self):
        """Attach the thread; return how many items it then had to settle."""
        self._may_attach.set()
        self._sleep.result()
        n = self._pool.submit(self.thing.quiesce).result()
        self._pool.shutdown()
        return n


@pytest.mark.parametrize("mode", SETTLING, ids=lambda mode: mode.name)
def test_a_detached_owners_object_waits_for_it_if_the_mode_says_so(mode):
    owner = DetachedOwner(mode.name)
    thing = owner.thing

    thing.decref()

    assert thing.waiting == thing.alive == mode.needs_attached_owner
    assert owner.attach() == mode.needs_attached_owner
    assert not thing.alive
    assert thing.findings == ()


def test_an_owner_that_attaches_finds_a_shared_object_merged():
    owner = DetachedOwner("biased_suspend")
    thing = owner.thing

    thing.decref()
    assert not thing.alive

    owner.attach()
    assert (thing.refcount, thing.ledger, thing.findings) == (0, 0, ())


def test_a_thread_settles_before_it_detaches():
    thing = refrace.Object("biased_suspend")
    elsewhere(thing.decref)
    assert thing.waiting

    with thing.detached():
        assert not thing.alive

    late = refrace.Object("biased")
    elsewhere(late.decref)
    with late.detached():
        assert late.waiting
    assert late.quiesce() == 1


@pytest.mark.parametrize("mode", MODES)
def test_a_detached_thread_must_not_count_objects_of_that_mode(mode):
    thing, other = refrace.Object(mode), refrace.Object("object_lock")
    acts = {
        "incref": thing.incref,
        "decref": thing.decref,
        "quiesce": thing.quiesce,
        "collapse": thing.collapse,
        "refrace.Object": lambda: refrace.Object(mode),
        "detached": lambda: thing.detached().__enter__(),
    }
    with thing.detached():
        for name, act in acts.items():
            with pytest.raises(refrace.ThreadDetached, match=f"^{name}: .*{mode}"):
                act()
        thing.use()
        if mode != "object_lock":
            other.incref()
            other.decref()

    thing.incref()
    thing.decref()
    assert (thing.ledger, thing.findings) == (1, ())


def test_other_threads_count_while_one_is_detached():
    thing = refrace.Object("atomic")
    with thing.detached():
        elsewhere(thing.incref)

    assert (thing.refcount, thing.ledger) == (2, 2)


@pytest.fixture
def another():
    """Another thread, in which calls are made one by one."""
    with ThreadPoolExecutor(1) as pool:
        yield lambda act, *arguments: pool.submit(act, *arguments).result()


NO_ERROR = (None, None, None)


@pytest.mark.parametrize("mode", MODES)
def test_a_block_that_another_thread_has_entered_is_left_by_that_thread_only(
    mode, another
):
    thing = another(refrace.Object, mode)
    block = thing.detached()
    another(block.__enter__)

    with pytest.raises(refrace.ThreadDetached, match="did not enter"):
        block.__exit__(*NO_ERROR)

    with pytest.raises(refrace.ThreadDetached, match="inside"):
        another(thing.incref)
    another(block.__exit__, *NO_ERROR)
    another(thing.incref)
    assert (thing.ledger, thing.findings) == (2, ())


def test_only_the_thread_that_entered_a_block_leaves_it(another):
    thing = refrace.Object("biased_suspend")
    mine, others = thing.detached(), thing.detached()
    mine.__enter__()
    another(others.__enter__)

    with pytest.raises(refrace.ThreadDetached, match="did not enter"):
        another(mine.__exit__, *NO_ERROR)

    with pytest.raises(refrace.ThreadDetached, match="inside"):
        another(thing.incref)
    another(others.__exit__, *NO_ERROR)
    mine.__exit__(*NO_ERROR)
    another(thing.incref)
    thing.incref()
    assert thing.ledger == 3


def test_one_block_serves_several_threads_and_once_more(another):
    thing = refrace.Object("epoch")
    block = thing.detached()
    with block:
        another(block.__enter__)
        another(block.__exit__, *NO_ERROR)
        with pytest.raises(refrace.ThreadDetached, match="inside"), block:
            pass
    with block, pytest.raises(refrace.ThreadDetached, match="inside"):
        thing.incref()

    thing.incref()
    assert thing.ledger == 2


def test_a_function_can_run_detached():
    thing = refrace.Object("epoch")

    @thing.detached()
    def count():
        with pytest.raises(refrace.ThreadDetached, match="inside"):
            thing.incref()
        return 7

    assert count() == count() == 7


def test_a_thread_that_ends_detached_releases_its_number():
    """Otherwise the next thread with that number would be detached."""
    thing = refrace.Object("biased_suspend")
    block = thing.detached()
    elsewhere(block.__enter__)

    elsewhere(thing.incref)

    assert (thing.refcount, thing.ledger) == (2, 2)
    with pytest.raises(refrace.ThreadDetached):
        block.__exit__(None, None, None)


def test_an_exception_inside_leaves_the_thread_attached():
    thing = refrace.Object("biased_suspend")
    with pytest.raises(ZeroDivisionError), thing.detached():
        _ = 1 / 0

    thing.incref()
    assert thing.ledger == 2


def test_a_closed_object_lets_no_thread_detach_but_lets_a_detached_one_attach():
    thing, other = refrace.Object("biased"), refrace.Object("biased")
    with thing.detached():
        thing.close()
    other.incref()

    with pytest.raises(refrace.ObjectClosed, match="detached"):
        thing.detached().__enter__()

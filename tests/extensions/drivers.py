"""Show each bug by hand, without refrace: one function for each extension.

    python drivers.py FOLDER buggy|fixed NAME SECONDS

ends with 0 if nothing is wrong, with FOUND if the bug showed, or as the bug ends it.
SECONDS is for those in LUCKY.
"""

import builtins
import contextlib
import gc
import itertools
import os
import sys
import sysconfig
import threading
import time
from functools import partial
from importlib import import_module
from operator import itemgetter

FOUND = 3

# Threads must meet by chance in these: all that is wrong happens without the GIL.
LUCKY = {"cell", "histogram"}
if sysconfig.get_config_var("Py_GIL_DISABLED"):
    LUCKY |= {"document", "meter", "tally"}


def expect(holds):
    """End at once if the bug showed: what is corrupt must not be used any more."""
    if not holds:
        os._exit(FOUND)


class Item:
    """An object that notices if it is used after its death."""

    def __init__(self):
        self.mark = "alive"

    def __del__(self):
        self.mark = "dead"


def drift(obj, call, times=50):
    """Expect that calls leave the reference count of `obj` as it was."""
    references = [obj] * 1000
    call()
    before = sys.getrefcount(obj)
    for _ in range(times):
        call()
    change = sys.getrefcount(obj) - before
    expect(len(references) == 1000 and abs(change) < times / 2)


def growth(call, times=2000):
    """Expect that calls leave the number of allocated blocks as it was."""
    for _ in range(100):
        call()
    gc.collect()
    before = sys.getallocatedblocks()
    for _ in range(times):
        call()
    gc.collect()
    expect(sys.getallocatedblocks() - before < times / 2)


def fails(function, *arguments):
    """Return a call that ignores the exception."""

    def call():
        with contextlib.suppress(Exception):
            function(*arguments)

    return call


def in_threads(*functions):
    """Run each function again and again, each in a thread."""
    end = time.monotonic() + float(sys.argv[4])

    def repeat(function):
        while time.monotonic() < end:
            function()

    once_in_threads(*[partial(repeat, one) for one in functions])


def once_in_threads(*functions):
    """Run each function once, each in a thread."""
    start = threading.Barrier(len(functions))

    def work(function):
        start.wait()
        function()

    threads = [threading.Thread(target=work, args=(one,)) for one in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def inside_of(calls, *others):
    """Return the results of `calls`, made while the others run once, in threads.

    C code alone makes the calls, so other threads get the GIL only while one of the
    calls has released it: each other function starts inside of a call.
    """
    results = []
    unfinished = list(others)

    def work(function):
        while not results:
            time.sleep(0)
        function()
        unfinished.pop()

    threads = [threading.Thread(target=work, args=(one,)) for one in others]
    for thread in threads:
        thread.start()
    until_all_end = iter(unfinished.copy, [])
    results.extend(map(itemgetter(1), zip(until_all_end, calls, strict=False)))
    for thread in threads:
        thread.join()
    return results


def find(lib):
    items = [Item()]

    class Key:
        def __eq__(self, other):
            items.clear()
            return True

    expect(lib.find(items, Key()).mark == "alive")


def document(lib):
    document = lib.Document(Item(), 100_000)
    sealed = itertools.starmap(document.seal, itertools.repeat(()))
    titles = map(itemgetter(0), sealed)
    # Once: a second new title could lie where the first old one was.
    marks = map(getattr, titles, itertools.repeat("mark"), itertools.repeat(None))
    expect(set(inside_of(marks, lambda: document.rename(Item()))) == {"alive"})


def pairs(lib):
    item = Item()
    drift(item, fails(lib.pairs, [item], int))


def group(lib):
    key = bytearray(b"has no hash")
    drift(key, fails(lib.group_by, (1, 2), lambda item: key))


def chunks(lib):
    fill = Item()
    drift(fill, lambda: lib.chunks((1, 2, 3), 2, fill))


def ring(lib):
    ring = lib.Ring()
    for _ in range(10):
        ring.push(Item())
    ring.clear()


def tally(lib):
    tally = lib.Tally()
    adds = map(tally.add, itertools.repeat(b"word " * 20_000))
    added = inside_of(adds, lambda: tally.add(b"word"))
    expect(tally.words() == len(added) * 20_000 + 1)


def journal(lib):
    def format(value):
        if value == "outer":
            journal.append("inner")
        return value

    journal = lib.Journal(format)
    journal.append("outer")
    expect(journal.entries() == ["inner", "outer"])


def cell(lib):
    cell = lib.Cell()
    cell.set(Item())
    in_threads(
        lambda: [cell.set(Item()) for _ in range(1000)],
        lambda: [expect(cell.get().mark == "alive") for _ in range(1000)],
    )


def template(lib):
    inner = []

    def compile(source):
        compiled = [source]
        if not inner:
            inner.append(compiled)
            inner[0] = template.compiled()
        return compiled

    template = lib.Template(1, compile)
    expect(template.compiled() is inner[0])


def stack(lib):
    stack = lib.Stack()
    stack.push(Item())
    iterator = iter(stack)
    del stack
    expect([item.mark for item in iterator] == ["alive"])


def node(lib):
    first = lib.Node(Item())
    del first
    expect(lib.Node().get() is None)


def frame(lib):
    frame = lib.Frame()
    frame.fill(1000, b"a")
    view = memoryview(frame)
    frame.fill(1000, b"b")
    expect(bytes(view) == b"a" * 1000)


def meter(lib):
    meter = lib.Meter()
    measures = map(meter.measure, itertools.repeat(100_000))
    inside_of(measures, lambda: meter.measure(1), gc.collect)


def vault(lib):
    class Reader:
        def __del__(self):
            vault.get()

    vault = lib.Vault()
    vault.put(Reader())
    vault.put(None)


def holder(lib):
    class Reader:
        def __del__(self):
            expect(holder.value is not self)

    holder = lib.Holder()
    holder.value = Reader()
    holder.value = None


def tree(lib):
    payload = Item()

    def make_a_cycle():
        tree = lib.Tree(payload)
        tree.attach(tree)
        del tree
        gc.collect()

    drift(payload, make_a_cycle)


def watch(lib):
    watch = lib.Watch()

    class Cancel:
        def __call__(self):
            watch.cancel()

    cancel = Cancel()

    def let_one_die():
        item = Item()
        watch.start(item, cancel)

    drift(cancel, let_one_die)


def sorted_(lib):
    class Number(Item):
        def __lt__(self, other):
            numbers.clear()
            return False

    numbers = lib.SortedSet()
    numbers.add(Number())

    class Last:
        def __lt__(self, other):
            expect(other.mark == "alive")
            return True

    numbers.add(Last())


def vector(lib):
    vector = lib.Vector()
    for _ in range(8):
        vector.append(Item())
    vector.extend(vector)
    expect(all(item.mark == "alive" for item in vector.to_list()))


def quote(lib):
    growth(lambda: lib.quote("café"))


def apply(lib):
    growth(fails(lib.apply, int, tuple(range(20))))


def record(lib):
    growth(fails(lib.Record, 123, None))


def rounding(lib):
    drift(builtins.round, lambda: lib.round_all([1.5]))


def missing(lib):
    drift(lib.MISSING, lambda: lib.lookup({}, 1))


def merge(lib):
    fails(lib.merge, 1, [])()
    fails(lib.merge, [], 1)()


def signals(lib):
    one = lib.Signal()
    item = Item()
    one.connect(lambda: item.mark)
    expect(one.send() == "alive")


def histogram(lib):
    text = b"word " * 20_000

    def count():
        histogram = lib.Histogram()
        once_in_threads(*[lambda: [histogram.add(text) for _ in range(10)]] * 2)
        expect(sum(histogram.bins()) == 20 * len(text))

    in_threads(count)


def mean(lib):
    growth(fails(lib.weighted_mean, (1, "a"), (1, 1)))


def checksum(lib):
    data = bytearray(b"data")
    drift(data, fails(lib.checksum, data, 100))


if __name__ == "__main__":
    folder, form, name, _ = sys.argv[1:]
    sys.path.insert(0, folder)
    sys.setswitchinterval(1e-5)
    drive = globals().get(f"{name}_") or globals()[name]
    drive(import_module(f"{form}.{name}"))
    gc.collect()

"""Show each bug by hand, without refrace: one function for each extension.

    python drivers.py FOLDER buggy|fixed NAME SECONDS

ends with 0 if nothing is wrong, with FOUND if the bug showed, or as the bug ends it.
SECONDS is for those in LUCKY.
"""

import builtins
import gc
import itertools
import sys
import sysconfig
from importlib import import_module
from operator import itemgetter

sys.path.insert(0, __file__.rpartition("/")[0])
import drivers_unlocked
from driver_tools import (
    FOUND,
    Item,
    drift,
    expect,
    fails,
    growth,
    in_threads,
    inside_of,
    once_in_threads,
)

__all__ = ["FOUND", "LUCKY"]

# Threads must meet by chance in these: all that is wrong happens without the GIL.
LUCKY = {"cell", "histogram"}
LUCKY |= {"bag", "label", "lazy", "registry", "share", "shelf", "walk"}
if sysconfig.get_config_var("Py_GIL_DISABLED"):
    LUCKY |= {"document", "meter", "tally"}


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
    drivers = {**vars(drivers_unlocked), **globals()}
    drive = drivers.get(f"{name}_") or drivers[name]
    drive(import_module(f"{form}.{name}"))
    gc.collect()

"""Drivers of the extensions that are correct with the GIL only."""

import sys

from driver_tools import Item, expect, in_threads, once_in_threads


def registry(lib):
    registry = lib.Registry()
    in_threads(
        lambda: [registry.add("a", Item()) for _ in range(1000)],
        lambda: [
            expect(getattr(registry.find("a"), "mark", "alive") == "alive")
            for _ in range(1000)
        ],
    )


def shelf(lib):
    shelf = lib.Shelf()
    shelf.push(Item())
    in_threads(
        lambda: [(shelf.push(Item()), shelf.pop()) for _ in range(1000)],
        lambda: [expect(shelf.first().mark == "alive") for _ in range(1000)],
    )


def lazy(lib):
    def get_twice():
        made = []
        lazy = lib.Lazy(Item())
        once_in_threads(*[lambda: made.append(lazy.get())] * 2)
        expect(made[0] is made[1])

    in_threads(get_twice)


def bag(lib):
    item = Item()

    def add_many():
        before = sys.getrefcount(item)
        bags = [lib.Bag()]
        once_in_threads(*[lambda: [bags[0].add(item) for _ in range(100)]] * 2)
        bags.clear()
        expect(sys.getrefcount(item) == before)

    in_threads(add_many)


def walk(lib):
    def walk_once():
        walk, seen = lib.Walk(tuple(Item() for _ in range(100))), []
        once_in_threads(*[lambda: seen.extend(one.mark for one in walk)] * 2)
        expect(seen == ["alive"] * 100)

    in_threads(walk_once)


def label(lib):
    label = lib.Label()
    in_threads(
        lambda: [label.set(Item()) for _ in range(1000)],
        lambda: [expect(label.text()[0] == "<") for _ in range(1000)],
    )


def share(lib):
    def clone_many():
        value = Item()
        before = sys.getrefcount(value)
        shares = [lib.Share(value)]
        once_in_threads(*[lambda: [shares[0].clone() for _ in range(1000)]] * 2)
        shares.clear()
        expect(value.mark == "alive" and sys.getrefcount(value) == before)

    in_threads(clone_many)

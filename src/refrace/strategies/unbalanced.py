"""The unbalanced moves: legal in the language, but able to make counts wrong."""

from __future__ import annotations

from refrace.strategies.body import Body, Pointer
from refrace.strategies.rule import Move

__all__ = ["CARELESS_MOVES"]


def _any_pointer(body: Body) -> str:
    return body.pick(["null", *body.pointers])


def _places(body: Body) -> list[str]:
    """Return the cells and fields that hold pointers."""
    world = body.world
    fields = world.fields_of_kind("raw") + world.fields_of_kind("owning")
    places = [*world.slots, *world.constants, *world.raws]
    places += [f"{name}.{known}" for name in body.pointers for known in fields]
    return places


def _load(body: Body) -> None:
    place = body.pick(_places(body))
    body.add(f"{body.new_pointer(Pointer())} = {place}")


def _store(body: Body) -> None:
    place, value = body.pick(_places(body)), _any_pointer(body)
    body.add(f"{place} = {value}")


def _exchange(body: Body) -> None:
    place, value = body.pick(_places(body)), _any_pointer(body)
    if body.chance():
        wanted = _any_pointer(body)
        body.add(f"{body.new_integer()} = cas {place} {wanted} {value}")
    else:
        body.add(f"{body.new_pointer(Pointer())} = swap {place} {value}")


def _upgrade(body: Body) -> None:
    place = body.pick(_places(body))
    body.add(f"{body.new_pointer(Pointer(own=1))} = upgrade {place}")


def _try_take(body: Body) -> None:
    name = body.pick(list(body.pointers))
    body.add(f"{body.new_integer()} = try_incref {name}")


def _copy(body: Body) -> None:
    name = body.pick(list(body.pointers))
    body.add(f"{body.new_pointer(Pointer())} = {name}")


def _branch_on_pointer(body: Body) -> None:
    name, other = body.pick(list(body.pointers)), _any_pointer(body)
    relation = body.pick(["!=", "=="])
    with body.block(f"if {name} {relation} {other}"):
        body.grow()


def _containers(body: Body) -> list[str]:
    return [*body.world.vecs, *body.world.rawvecs]


def _change_container(body: Body) -> None:
    container, value = body.pick(_containers(body)), _any_pointer(body)
    form = body.pick(["append", "pop", "get", "remove"])
    if form == "append":
        body.add(f"append {container} {value}")
        return
    operand = {"pop": "", "get": f" {body.number(0, 2)}", "remove": f" {value}"}[form]
    body.add(f"{body.new_pointer(Pointer())} = {form} {container}{operand}")


def _change_count(body: Body) -> None:
    name = body.pick(list(body.pointers))
    form = body.pick(["incfetch", "decfetch", "casrc", "setrc"])
    if form == "setrc":
        body.add(f"setrc {name} {body.number(0, 2)}")
    elif form == "casrc":
        old, new = body.number(0, 2), body.number(0, 2)
        body.add(f"{body.new_integer()} = casrc {name} {old} {new}")
    else:
        body.add(f"{body.new_integer()} = {form} {name}")


def _destroy_by_hand(body: Body) -> None:
    form = body.pick(["dealloc", "free"])
    body.add(f"{form} {body.pick(list(body.pointers))}")


def _new_uninitialised(body: Body) -> None:
    plain = [name for name in body.world.types if name not in body.world.finalised]
    made = body.pick(plain)
    body.add(f"{body.new_pointer(Pointer(own=1))} = raw_new {made}")


def _await(body: Body) -> None:
    world = body.world
    place = body.pick([*world.integers, *world.slots])
    word = body.pick(["await", "await not"])
    body.add(f"{word} {place}")


def _resurrect(body: Body) -> None:
    body.add(f"{body.new_integer()} = incfetch self")
    body.grow()
    body.add("resurrect_end self")


def _assert_integer(body: Body) -> None:
    body.add(f"assert {body.pick(body.integers)} == {body.number(0, 2)}")


def _leave(body: Body) -> None:
    body.add(body.pick(["break", "return"]) if body.in_loop else "return")


def _pointers(body: Body) -> object:
    return body.pointers


CARELESS_MOVES = (
    Move(_load, _places, "slots"),
    Move(_store, _places, "slots"),
    Move(_exchange, _places, "slots"),
    Move(_upgrade, _places, "weak"),
    Move(_try_take, _pointers, "weak"),
    Move(_load, _places, "fields"),
    Move(_store, _places, "fields"),
    Move(_copy, _pointers, "branches"),
    Move(
        _branch_on_pointer,
        lambda body: body.pointers and body.may_nest(),
        "branches",
    ),
    Move(_change_container, _containers, "containers"),
    Move(_change_count, _pointers, "counts"),
    Move(_destroy_by_hand, _pointers, "counts"),
    Move(
        _new_uninitialised,
        lambda body: set(body.world.types) - body.world.finalised,
        "allocation",
    ),
    Move(
        _await,
        lambda body: body.world.integers or body.world.slots,
        "waiting",
    ),
    # Only in the finaliser's own block: an enclosing section would stay locked.
    Move(
        _resurrect,
        lambda body: body.kind == "finaliser" and body.lock_level == 0,
        "finalisers",
    ),
    Move(_assert_integer, lambda body: body.integers, "asserts"),
    Move(_leave, lambda body: body.may_nest(), "branches"),
)

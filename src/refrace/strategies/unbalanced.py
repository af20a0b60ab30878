"""The unbalanced rules: legal in the language, but able to make counts wrong."""

from __future__ import annotations

from refrace.strategies.body import Body, Pointer
from refrace.strategies.rule import Rule

__all__ = ["UNBALANCED_RULES"]


def _any_pointer(body: Body) -> str:
    return body.pick(["null", *body.pointers])


def _places(body: Body) -> list[str]:
    """Return the cells and fields that hold pointers."""
    state = body.state
    fields = state.fields_of_kind("raw") + state.fields_of_kind("owning")
    places = [*state.slots, *state.constants, *state.raws]
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
    return [*body.state.vecs, *body.state.rawvecs]


def _change_container(body: Body) -> None:
    container, value = body.pick(_containers(body)), _any_pointer(body)
    form = body.pick(["append", "pop", "get", "remove"])
    if form == "append":
        body.add(f"append {container} {value}")
        return
    operand = {"pop": "", "get": f" {body.number(0, 2)}", "remove": f" {value}"}[form]
    body.add(f"{body.new_pointer(Pointer())} = {form} {container}{operand}")


def _read_block(body: Body) -> None:
    container = body.pick(list(body.state.rooms))
    block = body.new_pointer(Pointer())
    del body.pointers[block]  # it has no count
    body.add(f"{block} = items {container}")
    item = body.new_pointer(Pointer())
    body.add(f"{item} = at {block} {body.number(0, 2)}")


def _write_block(body: Body) -> None:
    container = body.pick(list(body.state.rooms))
    block = body.new_pointer(Pointer())
    del body.pointers[block]
    body.add(f"{block} = items {container}")
    body.add(f"at {block} {body.number(0, 2)} = {_any_pointer(body)}")


def _resize(body: Body) -> None:
    container = body.pick(list(body.state.rooms))
    body.add(f"resize {container} {body.number(0, 2)}")


def _misuse_memory(body: Body) -> None:
    name = body.new_pointer(Pointer())
    del body.pointers[name]
    body.add(f"{name} = malloc Buf")
    body.add(f"free {name}")
    body.add(f"{body.pick(['use', 'free'])} {name}")


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


def _immortalise(body: Body) -> None:
    body.add(f"immortalise {body.pick(list(body.pointers))}")


def _may_immortalise(body: Body) -> bool:
    """Return whether no count is too narrow for an immortal one."""
    options = body.state.options.values()
    return bool(body.pointers) and not any("max" in text for text in options)


def _merge(body: Body) -> None:
    name = body.pick(list(body.pointers))
    result = f"{body.new_integer()} = " if body.chance() else ""
    body.add(f"{result}merge {name}")


def _enable_try(body: Body) -> None:
    body.add(f"enable_try {body.pick(list(body.pointers))}")


def _destroy_by_hand(body: Body) -> None:
    form = body.pick(["dealloc", "free"])
    body.add(f"{form} {body.pick(list(body.pointers))}")


def _new_uninitialised(body: Body) -> None:
    plain = [name for name in body.state.types if name not in body.state.finalised]
    made = body.pick(plain)
    body.add(f"{body.new_pointer(Pointer(own=1))} = raw_new {made}")


def _await(body: Body) -> None:
    state = body.state
    place = body.pick([*state.integers, *state.slots])
    form = body.pick(["await", "await not", "await equal"])
    if form == "await equal":
        value = str(body.number(0, 2)) if place in state.integers else "null"
        body.add(f"await {place} == {value}")
    else:
        body.add(f"{form} {place}")


def _wait_natively(body: Body) -> None:
    state = body.state
    place = body.pick([*state.integers, *state.slots])
    body.add(f"{body.pick(['spin', 'spin not'])} {place}")


def _count_detached(body: Body) -> None:
    name = body.pick(list(body.pointers))
    form = body.pick(["decref", "incref"])
    body.add("detach")
    body.add(f"{form} {name}")
    body.add("attach")
    if form == "decref":
        body.give_up_count(name)


def _may_count_detached(body: Body) -> bool:
    """Return whether a detached decrement runs nothing that must be attached."""
    options = body.state.options.values()
    return bool(body.pointers) and not any("final" in text for text in options)


def _resurrect(body: Body) -> None:
    begun = [] if body.state.memory == "c11" else ["begun", "with result"]
    form = body.pick(["by hand", *begun])
    if form == "by hand":
        body.add(f"{body.new_integer()} = incfetch self")
    else:
        body.add("resurrect self")
    body.grow()
    result = f"{body.new_integer()} = " if form == "with result" else ""
    body.add(f"{result}resurrect_end self")


def _assert_integer(body: Body) -> None:
    body.add(f"assert {body.pick(body.integers)} == {body.number(0, 2)}")


def _leave(body: Body) -> None:
    body.add(body.pick(["break", body.leave]) if body.in_loop else body.leave)


def _pointers(body: Body) -> object:
    return body.pointers


def _wait(body: Body) -> None:
    body.add("wait G")
    body.drained()


UNBALANCED_RULES = (
    Rule(_wait, lambda body: True, "barriers"),
    Rule(_load, _places, "slots"),
    Rule(_store, _places, "slots"),
    Rule(_exchange, _places, "slots"),
    Rule(_upgrade, _places, "weak"),
    Rule(_try_take, _pointers, "weak"),
    Rule(_load, _places, "fields"),
    Rule(_store, _places, "fields"),
    Rule(_copy, _pointers, "branches"),
    Rule(
        _branch_on_pointer,
        lambda body: body.pointers and body.may_nest(),
        "branches",
    ),
    Rule(_change_container, _containers, "containers"),
    Rule(_read_block, lambda body: body.state.rooms, "storage"),
    Rule(_write_block, lambda body: body.state.rooms, "storage"),
    Rule(_resize, lambda body: body.state.rooms, "storage"),
    Rule(_misuse_memory, lambda body: True, "memory"),
    Rule(_change_count, _pointers, "counts"),
    Rule(_immortalise, _may_immortalise, "immortalise"),
    Rule(_merge, _pointers, "merge"),
    Rule(_enable_try, _pointers, "enable_try"),
    Rule(_destroy_by_hand, _pointers, "counts"),
    Rule(
        _new_uninitialised,
        lambda body: set(body.state.types) - body.state.finalised,
        "allocation",
    ),
    Rule(
        _await,
        lambda body: body.state.integers or body.state.slots,
        "waiting",
    ),
    Rule(
        _wait_natively,
        lambda body: body.state.integers or body.state.slots,
        "native_waits",
    ),
    Rule(_count_detached, _may_count_detached, "detached_counts"),
    # Only in the finaliser's own block: an enclosing section would stay locked.
    Rule(
        _resurrect,
        lambda body: body.kind == "finaliser" and body.lock_level == 0,
        "finalisers",
    ),
    Rule(_assert_integer, lambda body: body.integers, "asserts"),
    Rule(_leave, lambda body: body.may_nest(), "branches"),
)

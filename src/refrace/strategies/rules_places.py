"""Clean rules on counts, cells, fields and integers."""

from __future__ import annotations

from refrace.strategies.body import Body, Pointer
from refrace.strategies.rule import Rule, when_nested

__all__ = ["PLACE_RULES", "value"]


# ------------------------------------------------------- counting and using


def _drop(body: Body) -> None:
    name = body.pick(body.owned())
    body.add(f"decref {name}")
    body.drained()
    body.give_up_count(name)


def _take(body: Body) -> None:
    name = body.pick(body.countable())
    body.add(f"incref {name}")
    body.take_count(name)


def _use(body: Body) -> None:
    body.add(f"use {body.pick(body.touchable())}")


def _quiesce(body: Body) -> None:
    body.add("quiesce")


def _detach(body: Body) -> None:
    """Detach for a while, and touch only objects that this thread holds."""
    body.add("detach")
    if body.touchable() and body.chance():
        _use(body)
    if body.state.integers and body.chance():
        _step_integer(body)
    body.add("attach")


def _gil(body: Body) -> None:
    body.add("gil")


# ------------------------------------------------------------ cells, fields


def _slots(body: Body) -> list[str]:
    """Return the writable places that own the object they point to."""
    fields = body.state.fields_of_kind("owning", constant=False)
    places = list(body.state.slots)
    places += [f"{name}.{known}" for name in body.touchable() for known in fields]
    return places


def _borrow(body: Body) -> None:
    cell = body.pick(list(body.state.constants))
    name = body.new_pointer(Pointer(safe=True))
    body.add(f"{name} = {cell}")


def _swap_in(body: Body) -> None:
    place = body.pick(_slots(body))
    given = "null"
    if body.owned() and body.chance():
        given = body.pick(body.owned())
    if given != "null" and body.state.clean and place.startswith(f"{given}."):
        given = "null"  # after giving its reference away, it cannot reach the field
    old = body.new_pointer(Pointer())
    body.add(f"{old} = swap {place} {given}")
    body.drained()
    if given != "null":
        body.give_up_count(given)
    del body.pointers[old]
    body.with_owned(old, f"if {old} != null")


def _publish_once(body: Body) -> None:
    place = body.pick(list(body.state.slots))
    given = body.pick(body.owned())
    done = body.new_integer()
    body.add(f"{done} = cas {place} null {given}")
    body.add(f"if {done} == 0 {{")
    body.add(f"decref {given}")
    body.add("}")
    body.drained()
    body.give_up_count(given)


def _weak_places(body: Body) -> list[str]:
    fields = body.state.fields_of_kind("raw") + body.state.fields_of_kind("owning")
    places = [*body.state.slots, *body.state.raws]
    places += [f"{name}.{known}" for name in body.touchable() for known in fields]
    return places


def _upgrade(body: Body) -> None:
    place = body.pick(_weak_places(body))
    name = body.new_pointer(Pointer())
    body.add(f"{name} = upgrade {place}")
    del body.pointers[name]
    body.with_owned(name, f"if {name} != null")


def _try_take(body: Body) -> None:
    name = body.pick(body.countable())
    done = body.new_integer()
    body.add(f"{done} = try_incref {name}")
    with body.block(f"if {done} == 1"):
        body.take_count(name)
        body.grow()


def _raw_places(body: Body) -> list[str]:
    fields = body.state.fields_of_kind("raw")
    places = list(body.state.raws)
    places += [f"{name}.{known}" for name in body.touchable() for known in fields]
    return places


def _point(body: Body) -> None:
    place = body.pick(_raw_places(body))
    body.add(f"{place} = {body.pick(['null', *body.countable()])}")


def _load_constant_field(body: Body) -> None:
    owner = body.pick(body.touchable())
    known = body.pick(body.state.fields_of_kind("owning", constant=True))
    name = body.new_pointer(Pointer())
    body.add(f"{name} = {owner}.{known}")
    del body.pointers[name]
    with body.block(f"if {name} != null"):
        body.pointers[name] = Pointer(safe=True)
        body.grow()


# ---------------------------------------------------------------- integers


def _integer_places(body: Body) -> list[str]:
    fields = body.state.fields_of_kind("integer")
    places = list(body.state.integers)
    places += [f"{name}.{known}" for name in body.touchable() for known in fields]
    return places


def value(body: Body) -> str:
    """Return a number, or a local that holds one."""
    return body.pick(["0", "1", *body.integers])


def _load_integer(body: Body) -> None:
    place = body.pick(_integer_places(body))
    body.add(f"{body.new_integer()} = {place}")


def _store_integer(body: Body) -> None:
    place, stored = body.pick(_integer_places(body)), value(body)
    body.add(f"{place} = {stored}")


def _step_integer(body: Body) -> None:
    op, place = body.pick(["finc", "fdec", "fadd"]), body.pick(_integer_places(body))
    added = f" {body.number(1, 2)}" if op == "fadd" else ""
    body.add(f"{body.new_integer()} = {op} {place}{added}")


def _exchange_integer(body: Body) -> None:
    place, given = body.pick(_integer_places(body)), value(body)
    form = body.pick([f"swap {place} {given}", f"cas {place} {given} 1"])
    body.add(f"{body.new_integer()} = {form}")
    body.drained()


def _compute(body: Body) -> None:
    operand, sign = body.pick(body.integers), body.pick("+-")
    other = value(body)  # before the new local can be chosen
    body.add(f"{body.new_integer()} = {operand} {sign} {other}")


# In shrinking order: a failing program shrinks towards the first rule.
PLACE_RULES = (
    Rule(_drop, Body.owned),
    Rule(_take, Body.countable),
    Rule(_use, Body.touchable),
    Rule(_gil, lambda body: True, "gil"),
    Rule(_quiesce, lambda body: True, "quiescence"),
    Rule(_detach, lambda body: True, "detach"),
    Rule(_borrow, lambda body: body.state.constants, "slots"),
    Rule(_swap_in, when_nested(_slots), "slots"),
    Rule(
        _publish_once,
        lambda body: body.state.slots and body.owned() and body.may_nest(),
        "slots",
    ),
    Rule(_upgrade, when_nested(_weak_places), "weak"),
    Rule(_try_take, when_nested(Body.countable), "weak"),
    Rule(_point, _raw_places, "weak"),
    Rule(_swap_in, when_nested(_slots), "fields"),
    Rule(
        _load_constant_field,
        lambda body: (
            body.may_nest()
            and body.touchable()
            and body.state.fields_of_kind("owning", constant=True)
        ),
        "fields",
    ),
    Rule(_load_integer, _integer_places, "integers"),
    Rule(_store_integer, _integer_places, "integers"),
    Rule(_step_integer, _integer_places, "integers"),
    Rule(_exchange_integer, _integer_places, "integers"),
    Rule(_compute, lambda body: body.integers, "integers"),
)

"""Clean rules on other threads, containers, sub-programs and memory."""

from __future__ import annotations

from refrace.strategies.body import Body, Pointer
from refrace.strategies.rule import Rule, when_nested
from refrace.strategies.rules_places import value
from refrace.strategies.symbolic_state import flag_of

__all__ = ["CONTROL_RULES"]


def _branch(body: Body) -> None:
    operand, other = body.pick(body.integers), value(body)
    relation = body.pick(["==", "!=", "<", ">="])
    with body.block(f"if {operand} {relation} {other}"):
        body.grow()
    if body.budget > 0 and body.chance():
        body.lines[-1] = "} else {"
        opener = len(body.lines)
        with body.block("else"):
            body.grow()
        del body.lines[opener]  # the block's own opener is already there


# ---------------------------------------------------- waiting, locks, buffers


def _threads_before(body: Body) -> list[int]:
    """Return the threads that always end without this one."""
    if body.kind != "thread" or body.lock_level > 0:
        return []
    return list(range(body.index))


def _awaited_flag(body: Body) -> str:
    thread = body.pick(_threads_before(body))
    body.state.awaited.add(thread)
    return flag_of(thread)


def _await_flag(body: Body) -> None:
    body.add(f"await {_awaited_flag(body)}")


def _spin(body: Body) -> None:
    flag, seen = _awaited_flag(body), body.new_integer()
    body.add(f"{seen} = {flag}")
    body.add(f"while {seen} == 0 {{")
    body.add("gil")
    body.add(f"{seen} = {flag}")
    body.add("}")


def _locks_above(body: Body) -> list[str]:
    if not body.may_lock() or not body.may_nest():
        return []
    return list(body.state.locks)[body.lock_level if body.state.clean else 0 :]


def _section(body: Body) -> None:
    lock = body.pick(_locks_above(body))
    level = list(body.state.locks).index(lock) + 1
    with body.section(lock, level):
        body.grow()


def _may_lock_object(body: Body) -> bool:
    state = body.state
    if not (state.has_object_locks and body.may_nest() and body.countable()):
        return False
    return not state.clean or (body.may_lock() and body.lock_level <= len(state.locks))


def _object_section(body: Body) -> None:
    name = body.pick(body.countable())
    before = body.pointers[name]
    # Its memory must exist until the unlock, so no reference to it is dropped inside.
    body.pointers[name] = Pointer(safe=True)
    with body.section(f"{name}.m", len(body.state.locks) + 1):
        body.grow()
    after = body.pointers.get(name, Pointer(safe=True))
    body.pointers[name] = Pointer(before.own + after.own, before.safe, before.dying)


def _may_enter(body: Body) -> bool:
    # A lock `x.m` is not given up by a thread that waits, so it can deadlock with one.
    state = body.state
    return (
        body.may_nest()
        and bool(body.countable())
        and not (state.clean and state.has_object_locks)
    )


def _critical(body: Body) -> None:
    objects = body.countable()
    names = [body.pick(objects)]
    if body.chance():
        names.append(body.pick(objects))
    outer_level = body.lock_level
    body.lock_level = max(1, outer_level)  # a thread that spins suspends nothing
    with body.block(f"critical {' '.join(names)}"):
        body.grow()
    body.lock_level = outer_level
    body.drained()


def _put(body: Body) -> None:
    body.add(f"put {body.pick(body.countable())}")
    body.has_pending_write = True


def _drop_relaxed(body: Body) -> None:
    name = body.pick(body.owned())
    body.add(f"decref_rlx {name}")
    body.give_up_count(name)


def _fence(body: Body) -> None:
    body.add("fence")
    body.drained()


# --------------------------------------------------------------- containers


def _append(body: Body) -> None:
    container, name = body.pick(list(body.state.vecs)), body.pick(body.owned())
    if body.has_pending_write and body.state.clean:
        _fence(body)  # this thread must not write to it after the next owner has it
    body.add(f"append {container} {name}")
    body.give_up_count(name)


def _pop(body: Body) -> None:
    container = body.pick(list(body.state.vecs))
    name = body.new_pointer(Pointer())
    body.add(f"{name} = pop {container}")
    del body.pointers[name]
    body.with_owned(name, f"if {name} != null")


def _remove(body: Body) -> None:
    container, wanted = body.pick(list(body.state.vecs)), body.pick(body.countable())
    name = body.new_pointer(Pointer())
    body.add(f"{name} = remove {container} {wanted}")
    del body.pointers[name]
    body.with_owned(name, f"if {name} != null")


def _length(body: Body) -> None:
    container = body.pick([*body.state.vecs, *body.state.rawvecs])
    body.add(f"{body.new_integer()} = len {container}")


# ------------------------------------------------- sub-programs, loops, memory


def _call(body: Body) -> None:
    callable_now = [
        name
        for name, takes in body.state.functions.items()
        if not takes or body.countable()
    ]
    name = body.pick(callable_now)
    argument = f" {body.pick(body.countable())}" if body.state.functions[name] else ""
    body.add(f"call {name}{argument}")


def _can_call(body: Body) -> bool:
    takes = body.state.functions.values()
    return bool(takes) and (not all(takes) or bool(body.countable()))


def _without_argument(body: Body) -> list[str]:
    return [name for name, takes in body.state.functions.items() if not takes]


def _maybe(body: Body) -> None:
    body.add(f"maybe {body.pick(_without_argument(body))}")


def _call_for_result(body: Body) -> None:
    given = f"{body.pick(body.countable())} {value(body)}"
    body.add(f"{body.new_integer()} = call {body.state.gives} {given}")


def _repeat(body: Body) -> None:
    with body.block("repeat 2", is_loop=True):
        body.grow()


def _count_down(body: Body) -> None:
    left = body.new_integer()
    body.add(f"{left} = 2")
    with body.block(f"while {left} > 0", is_loop=True):
        body.add(f"{left} = {left} - 1")
        body.grow()


def _types_to_make(body: Body) -> list[str]:
    """Return the types that may be allocated here.

    A finaliser that allocates an object with the same finaliser would never end.
    """
    types = body.state.types
    if body.kind == "thread":
        return list(types)
    return [name for name in types if name not in body.state.finalised]


def _has_collector(body: Body, made: str) -> bool:
    return "gc" in body.state.options[made].split()


def _new(body: Body) -> None:
    made = body.pick(_types_to_make(body))
    name = body.new_pointer(Pointer(own=1))
    body.add(f"{name} = new {made}")
    if _has_collector(body, made) and body.pick([False, True]):
        body.add(f"untrack {name}")
        body.add(f"track {name}")


def _raw_new(body: Body) -> None:
    made = body.pick(_types_to_make(body))
    name = body.new_pointer(Pointer(own=1))
    body.add(f"{name} = raw_new {made}")
    body.add(f"init {name}")
    if _has_collector(body, made) and body.pick([False, True]):
        body.add(f"track {name}")


def _renewable(body: Body) -> list[str]:
    # The new object's lock is free, so a section around the old object's lock would
    # unlock a lock that no thread holds.
    if body.state.has_object_locks or body.kind != "thread":
        return []
    if body.state.has("sections"):
        return []
    # All fields of the new object are null, also those with numbers.
    if body.state.fields_of_kind("integer"):
        return []
    return sorted(body.state.owning_objects())


def _renew(body: Body) -> None:
    renewed = body.pick(_renewable(body))
    name = body.new_pointer(Pointer(own=1))
    body.add(f"{name} = renew {renewed}")


def _memory(body: Body) -> None:
    made = body.pick([*body.state.types, "Buf"])
    name = body.new_pointer(Pointer())
    del body.pointers[name]  # it has no count
    body.add(f"{name} = malloc {made}")
    body.add(f"use {name}")
    body.add(f"free {name}")


def _look_at_count(body: Body) -> None:
    op, name = body.pick(["unique", "rc"]), body.pick(body.countable())
    body.add(f"{body.new_integer()} = {op} {name}")


def _assert_pointer(body: Body) -> None:
    body.add(f"assert {body.pick(body.touchable())} != null")


def _mask(body: Body) -> None:
    outer_level = body.lock_level
    if body.kind == "finaliser":
        body.lock_level = max(1, outer_level)  # `resurrect_end` would leave the block
    with body.block("masked"):
        body.grow()
    body.lock_level = outer_level


def _stop(body: Body) -> None:
    outer_level = body.lock_level
    body.lock_level = max(1, outer_level)  # no end of a destruction inside
    if not body.state.clean:
        with body.block("stop_world"):
            body.grow()
        body.lock_level = outer_level
        body.drained()
        return
    # Whatever another thread has to do first, it does not do now; and a handler that
    # stops the world waits for ever if it comes in a stop.
    objects = body.countable()
    with body.block("masked"), body.block("stop_world"):
        body.add(f"use {body.pick(objects)}" if objects else "gil")
    body.lock_level = outer_level
    body.drained()


def _nosafe(body: Body) -> None:
    outer_level = body.lock_level
    body.lock_level = max(1, outer_level)  # a thread that spins here never stops
    with body.block("nosafe"):
        body.grow()
    body.lock_level = outer_level


def _collect(body: Body) -> None:
    body.add("collect")


CONTROL_RULES = (
    Rule(_branch, when_nested(lambda body: body.integers), "branches"),
    Rule(_section, _locks_above, "locks"),
    Rule(_object_section, _may_lock_object, "locks"),
    Rule(_critical, _may_enter, "sections"),
    Rule(_await_flag, _threads_before, "waiting"),
    Rule(_spin, _threads_before, "waiting"),
    Rule(
        _put,
        lambda body: (
            body.countable() and (body.kind == "thread" or not body.state.clean)
        ),
        "buffers",
    ),
    Rule(
        _drop_relaxed,
        lambda body: body.owned() and not (body.state.clean and body.has_pending_write),
        "buffers",
    ),
    Rule(_fence, lambda body: True, "buffers"),
    Rule(_append, lambda body: body.state.vecs and body.owned(), "containers"),
    Rule(_pop, when_nested(lambda body: body.state.vecs), "containers"),
    Rule(
        _remove,
        lambda body: body.may_nest() and body.state.vecs and body.countable(),
        "containers",
    ),
    Rule(_length, lambda body: body.state.vecs or body.state.rawvecs, "containers"),
    Rule(_call, _can_call, "calls"),
    Rule(_maybe, _without_argument, "maybe"),
    Rule(_repeat, Body.may_nest, "loops"),
    Rule(_count_down, Body.may_nest, "loops"),
    Rule(_new, _types_to_make, "allocation"),
    Rule(_raw_new, _types_to_make, "allocation"),
    Rule(_renew, _renewable, "allocation"),
    Rule(_memory, lambda body: True, "memory"),
    Rule(_look_at_count, Body.countable, "counts"),
    Rule(_assert_pointer, Body.touchable, "asserts"),
    Rule(_mask, Body.may_nest, "interrupts"),
    Rule(_stop, Body.may_nest, "stop_world"),
    Rule(_nosafe, Body.may_nest, "stop_world"),
    Rule(_collect, lambda body: True, "collector"),
    Rule(
        _call_for_result,
        lambda body: body.state.gives and body.countable(),
        "results",
    ),
)

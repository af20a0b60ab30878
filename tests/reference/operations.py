"""The steps of the language that are one access: what each of them does."""

from __future__ import annotations

from . import (
    barriers,
    collecting,
    counting,
    detached,
    freeing,
    putting_off,
    resurrection,
    sections,
    stops,
    storage,
)
from .program import InvalidProgram, Options, Program, Step
from .sharing import publish_by
from .state import FREED, Finding, Object, State, evaluate

DRAINING = {"arrive", "fence", "unlock", "swap", "cas", "decref", "exit", stops.ENDING}
MAKING = {"new", "raw_new", "renew"}
NOTHING_BUT_A_STEP = {"pass", "gil", "fence", "await", "maybe", "quiesce"}
HOOKS = {"quiesce", "detach", "attach"}
TAKE_ATTACHED = MAKING | {"quiesce", "detach", "track", "untrack"}
COUNT_OR_DESTROY = counting.COUNTING_KINDS | {"dealloc", "free", "resurrect"}


def drain_one(state: State, name: str) -> None:
    """Let the oldest waiting payload write of a thread reach its object."""
    identity = state.threads[name].buffer.pop(0)
    if state.objects[identity].status == FREED:
        raise Finding("use-after-free")


def drain_all(state: State, name: str) -> None:
    while state.threads[name].buffer:
        drain_one(state, name)


def look(state: State, values: dict, place: tuple) -> tuple[bool, object]:
    """Say whether a cell or field can be read without a finding, and its value."""
    if place[0] == "cell":
        return True, state.cells[place[1]]
    known = state.objects.get(values.get(place[1]))
    if known is None or (known.status == FREED and not known.options.stable):
        return False, None
    return place[2] in known.fields, known.fields.get(place[2])


def can_lock(
    state: State, program: Program, name: str, values: dict, place: tuple
) -> bool:
    if place[0] == "lock":
        holder, _ = state.locks[place[1]]
        again = holder == name and program.locks[place[1]] == "rlock"
        return holder is None or again
    known = state.objects.get(values.get(place[1]))
    return known is None or known.status == FREED or known.lock is None


def do(state: State, program: Program, mode: str, name: str, step: Step) -> None:
    """Do one step of thread `name`; of a counting operation, its first access."""
    operation, target, operands, _ = step
    values = state.threads[name].stack[-1].values
    if operation in DRAINING:
        drain_all(state, name)
    if operation == "arrive":
        frame = state.threads[name].stack[-1]
        barriers.arrive(program, state, frame, operands[0])
        return
    takes_attached = (
        operation in TAKE_ATTACHED | sections.ARE_SECTIONS | stops.ARE_STOPS
    )
    detached.check(state.threads[name], operation, takes_attached=takes_attached)
    if operation in ("free", "dealloc") and is_uncounted(state, values, operands[0]):
        free_memory(state, operation, values[operands[0]])
        return
    if operation in COUNT_OR_DESTROY:
        needs = putting_off.needs_attached(mode)
        detached.check_count(state.threads[name], needs_attached=needs)
    if operation == "upgrade":
        found = load(state, values, operands[0])
        if found is None:
            if target is not None:
                values[target] = None
            return
        if found not in state.objects or state.objects[found].uncounted:
            raise InvalidProgram(f"upgrade of {found!r}, which is no object")
        counting.start(state, mode, name, operation, found, target)
        counting.advance(state, mode, name)
    elif not counting.has(mode, operation):
        raise InvalidProgram(f"{operation}: not in {mode}")
    elif operation == "resurrect_end" and resurrection.is_in_collection(state, name):
        if memory(state, values, operands[0]).uncounted:
            raise InvalidProgram(f"{operation}: {values[operands[0]]} has no count")
        resurrection.check_own_garbage(state, values[operands[0]])
        resurrection.end_of_garbage(state, name, step)
    elif operation in counting.COUNTING_KINDS:
        identity = pointer(state, values, operands[0])
        if state.objects[identity].uncounted:
            raise InvalidProgram(f"{operation}: {identity} has no count")
        extra = tuple(evaluate(operand, values) for operand in operands[1:])
        counting.start(state, mode, name, operation, identity, target, extra)
        counting.advance(state, mode, name)
    elif operation == "resurrect":
        memory(state, values, operands[0])
        resurrection.begin(state, program, mode, name, values[operands[0]])
    elif operation in ("lock", "unlock"):
        if operation == "unlock" and operands[0][0] == "field":
            sections.check_unlock(state.threads[name], values.get(operands[0][1]))
        change_lock(state, values, name, operation, operands[0])
    elif operation in sections.ARE_SECTIONS:
        is_done = (
            sections.enter(state, name, step)
            if operation == "enter"
            else sections.leave(state, name)
        )
        state.threads[name].stack[-1].place -= not is_done
    elif operation in stops.ARE_STOPS:
        is_done = stops.do(state, name, operation)
        state.threads[name].stack[-1].place -= not is_done
    elif operation in ("await", "await equal", "spin"):
        load(state, values, operands[0])
    elif operation in HOOKS and putting_off.has(mode, operation):
        counting.begin_hook(state, mode, name, operation)
    elif operation in ("detach", "attach"):
        detached.change(state.threads[name], operation)
    elif operation in ("track", "untrack"):
        collecting.track(memory(state, values, operands[0]), operation)
    elif operation not in NOTHING_BUT_A_STEP:
        result = RUN[operation](state, program, name, values, *operands)
        if mode == "sign_split":
            publish_by(state, values, step, result)
        if operation in MAKING:
            putting_off.begin_count(state.objects[result], mode, name, program)
        if target is not None:
            values[target] = result


def is_uncounted(state: State, values: dict, local: str) -> bool:
    known = state.objects.get(values.get(local))
    return known is not None and known.uncounted


def free_memory(state: State, operation: str, identity: str) -> None:
    """Release memory without a count, which needs no attached thread."""
    if operation == "dealloc" or state.objects[identity].places is not None:
        raise InvalidProgram(f"{operation}: not of {identity}")
    freeing.free(state, identity)


def pointer(state: State, values: dict, local: str) -> str:
    """Return the object that a local points to."""
    value = values.get(local)
    if value is None:
        raise Finding("null-dereference")
    if value not in state.objects:
        raise InvalidProgram(f"{local} is {value!r}, which is no object")
    return value


def memory(state: State, values: dict, local: str) -> Object:
    """Return the object that a local points to, which must not be freed."""
    known = state.objects[pointer(state, values, local)]
    if known.status == FREED:
        raise Finding("use-after-free")
    return known


def variable(state: State, values: dict, place: tuple) -> tuple[dict, str]:
    """Return where a cell or field is kept: a dictionary and the key in it."""
    if place[0] == "cell":
        return state.cells, place[1]
    _, local, name = place
    known = state.objects[pointer(state, values, local)]
    if known.status == FREED and not known.options.stable:
        raise Finding("use-after-free")
    if name not in known.fields:
        raise InvalidProgram(f"{values[local]} has no field {name!r}")
    return known.fields, name


def load(state: State, values: dict, place: tuple) -> object:
    where, key = variable(state, values, place)
    return where[key]


def load_step(state, program, name, values, place) -> object:
    return load(state, values, place)


def store(state, program, name, values, place, expression) -> None:
    where, key = variable(state, values, place)
    where[key] = evaluate(expression, values)


def swap(state, program, name, values, place, expression) -> object:
    where, key = variable(state, values, place)
    old, where[key] = where[key], evaluate(expression, values)
    return old


def compare_and_swap(state, program, name, values, place, old, new) -> int:
    where, key = variable(state, values, place)
    if where[key] != evaluate(old, values):
        return 0
    where[key] = evaluate(new, values)
    return 1


def add_one(state, program, name, values, place) -> int:
    where, key = variable(state, values, place)
    where[key] = evaluate(("+", ("local", key), ("constant", 1)), where)
    return where[key]


def take_one(state, program, name, values, place) -> int:
    where, key = variable(state, values, place)
    where[key] = evaluate(("-", ("local", key), ("constant", 1)), where)
    return where[key]


def add(state, program, name, values, place, expression) -> int:
    where, key = variable(state, values, place)
    number = evaluate(expression, values)
    sum_of = ("+", ("local", key), ("constant", number))
    where[key] = evaluate(sum_of, where)
    return where[key]


def change_lock(
    state: State, values: dict, name: str, operation: str, place: tuple
) -> None:
    if place[0] == "lock":
        holder, times = state.locks[place[1]]
    else:
        known = memory(state, values, place[1])
        holder, times = known.lock, int(known.lock is not None)
    if operation == "unlock" and holder != name:
        raise InvalidProgram(f"{name} unlocks {place[1]}, which it does not hold")
    times += 1 if operation == "lock" else -1
    holder = name if times else None
    if place[0] == "lock":
        state.locks[place[1]] = (holder, times)
    else:
        known.lock = holder


def use(state, program, name, values, local) -> None:
    if not memory(state, values, local).initialised:
        raise Finding("uninitialised-use")


def put(state, program, name, values, local) -> None:
    memory(state, values, local)
    state.threads[name].buffer.append(values[local])


def peek(state, program, name, values, local) -> int:
    use(state, program, name, values, local)
    return state.objects[values[local]].payload


def poke(state, program, name, values, local, expression) -> None:
    known, number = memory(state, values, local), evaluate(expression, values)
    if not isinstance(number, int):
        raise InvalidProgram(f"poke {local} {number!r}: this is no number")
    known.payload = number


def initialise(state, program, name, values, local) -> None:
    memory(state, values, local).initialised = True


def new(state, program, name, values, kind) -> str:
    options = program.types.get(kind, Options())
    count = 1 if options.count is None else options.count
    identity = state.fresh_object(kind, options, count)
    state.objects[identity].tracked = options.gc
    return identity


def raw_new(state, program, name, values, kind) -> str:
    identity = new(state, program, name, values, kind)
    state.objects[identity].initialised = False
    state.objects[identity].tracked = False
    return identity


def malloc(state, program, name, values, kind) -> str:
    return storage.allocate(state, kind, program.types.get(kind, Options()))


def renew(state, program, name, values, identity) -> str:
    options = program.objects[identity]
    if state.objects[identity].status != FREED:
        identity = state.fresh_object(identity, options, 1)
    fields = dict.fromkeys(state.objects[identity].fields)
    state.objects[identity] = Object(options, 1, 1, fields, shared=True)
    state.objects[identity].tracked = options.gc
    return identity


def deallocate(state, program, name, values, local) -> None:
    counting.destroy(state, name, pointer(state, values, local))


def free(state, program, name, values, local) -> None:
    freeing.free(state, pointer(state, values, local))


def append(state, program, name, values, container, expression) -> None:
    value = evaluate(expression, values)
    if container in state.blocks:
        storage.append(state, program, container, value)
    else:
        state.containers[container].append(value)


def get(state, program, name, values, container, expression) -> object:
    items, index = storage.items_of(state, container), evaluate(expression, values)
    if not isinstance(index, int):
        raise InvalidProgram(f"get {container} {index!r}: the index is no number")
    if not 0 <= index < len(items):
        raise Finding("out-of-bounds")
    return items[index]


def pop(state, program, name, values, container) -> object:
    items = list(storage.items_of(state, container))
    last = items.pop() if items else None
    change(state, container, items)
    return last


def remove(state, program, name, values, container, expression) -> object:
    items = list(storage.items_of(state, container))
    wanted = evaluate(expression, values)
    if wanted not in items:
        return None
    items.remove(wanted)
    change(state, container, items)
    return wanted


def change(state: State, container: str, items: list) -> None:
    if container in state.blocks:
        storage.keep(state, container, items)
    else:
        state.containers[container] = items


def at(state, program, name, values, local, expression) -> object:
    known = memory(state, values, local)
    return storage.at(known, evaluate(expression, values))


def set_at(state, program, name, values, local, index, expression) -> None:
    known = memory(state, values, local)
    value = evaluate(expression, values)
    storage.set_at(known, evaluate(index, values), value)


def length(state, program, name, values, container) -> int:
    return len(storage.items_of(state, container))


RUN = {
    "load": load_step, "store": store, "swap": swap, "cas": compare_and_swap,
    "finc": add_one, "fdec": take_one, "fadd": add, "use": use, "put": put,
    "peek": peek, "poke": poke, "init": initialise,
    "new": new, "raw_new": raw_new, "renew": renew, "dealloc": deallocate, "free": free,
    "append": append, "get": get, "pop": pop, "remove": remove, "len": length,
    "items": storage.block, "at": at, "at set": set_at, "resize": storage.resize,
    "malloc": malloc,
}  # fmt: skip

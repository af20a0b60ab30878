"""What the runtime notes of a run, in the names of a model."""

from refrace._native import schedule as native
from refrace.hunting.schedules.foresight import Model
from refrace.hunting.schedules.native_events import recorded_of

SEMAPHORE = 0x7F0000001000


def noted(kind, **values):
    """An event of runner 0, as ``native.events`` returns it."""
    after = ["where", "address", "other", "wants", "size", "way"]
    fields = ["point", "flags", "chosen", *after]
    return (kind, 0, *(values.get(name, 0) for name in fields))


def test_a_semaphore_for_which_threads_only_wait_in_vain_begins_with_no_unit():
    wait = noted(
        native.EVENT_POINT,
        wants=SEMAPHORE,
        flags=native.HAS_LIMIT,
        way=native.WAY_COUNTS,
    )
    step = noted(native.EVENT_LOCKS, address=SEMAPHORE, flags=native.WRITES)
    run = recorded_of([wait, step, noted(native.EVENT_END)], 1, has_gil=False)

    assert list(run.units.values()) == [0]
    assert Model(1).learn(run).choices == []

"""A single object: its stored count, its true count, and its record of misuse."""

import threading

import refrace

thing = refrace.Object("unlocked")
threads = [threading.Thread(target=thing.incref, args=(100_000,)) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(f"stored count: {thing.refcount:,}; true count: {thing.ledger:,}")

with refrace.Object("atomic") as other:
    other.incref()
    other.decref(3)  # one too many: recorded, not undefined behaviour
    print(other)

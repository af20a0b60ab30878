"""One object in the hand: what it believes, what is true, and what misuse leaves."""

import threading

import refrace

thing = refrace.Object("unlocked")
threads = [threading.Thread(target=thing.incref, args=(100_000,)) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(f"it believes {thing.refcount:,}; in truth it is {thing.ledger:,}")

with refrace.Object("atomic") as other:
    other.incref()
    other.decref(3)  # one too many: recorded, never undefined behaviour
    print(other)

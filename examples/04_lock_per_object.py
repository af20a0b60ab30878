"""A lock per object counts correctly, costs time, and can deadlock."""

import refrace

print(refrace.race("object_lock"))
print()
print(refrace.compare(["unlocked", "object_lock"], rounds=5))
print()
print(refrace.deadlock(order="opposite"))
print()
print(refrace.deadlock(order="same").answer)

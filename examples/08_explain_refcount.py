"""The parts of the number that sys.getrefcount returns on this version."""

import refrace

a = []
b = a
print(refrace.explain_refcount(a))
print()
print(refrace.explain_refcount(None))

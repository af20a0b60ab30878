"""What sys.getrefcount shows, and what it is made of, on this version."""

import refrace

a = []
b = a
print(refrace.explain_refcount(a))
print()
print(refrace.explain_refcount(None))

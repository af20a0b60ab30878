"""An append in three steps can lose items, although each step holds the GIL."""

import refrace

print(refrace.lost_append(threads=2, appends=1000))
print()
print(refrace.lost_append(threads=2, appends=1000, locked=True).answer)

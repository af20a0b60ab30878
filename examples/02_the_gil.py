"""The GIL makes the same unlocked C code safe: threads take turns."""

import refrace

print(refrace.race("unlocked", gil="released"))
print()
if refrace.Environment.current().gil_enabled:
    print(refrace.race("unlocked", gil="held"))
else:
    print("This interpreter has no GIL to hold; its objects count atomically instead.")

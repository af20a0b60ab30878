"""The GIL makes the same unlocked C code safe, because only one thread runs."""

import refrace

print(refrace.race("unlocked", gil="released"))
print()
if refrace.Environment.current().gil_enabled:
    print(refrace.race("unlocked", gil="held"))
else:
    print("This interpreter runs without a GIL; its objects use atomic counts instead.")

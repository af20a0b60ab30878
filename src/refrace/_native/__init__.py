"""The extension modules, one .pyx a part of the core in C."""

"""The IPython extension: ``%load_ext refrace``, the magic, and completion in cells."""

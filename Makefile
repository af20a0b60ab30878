# Everything that is done by hand has one target here.  Only PYTHON is meant to be set.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test clean

demo: $(VENV)/.ready
	$(BIN)/refrace demo

test: $(VENV)/.ready
	$(BIN)/python -m pytest

# The editable install builds the extensions in place; it is redone when their sources
# or the metadata change.
SOURCES := pyproject.toml setup.py $(shell find cext src/refrace -name '*.[ch]' \
	-o -name '*.def' -o -name '*.pyx' -o -name '*.pxd')

$(VENV)/.ready: $(SOURCES)
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and \
	    "refrace needs CPython 3.11 or newer; try make PYTHON=python3.12")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip "setuptools>=77" wheel
	$(BIN)/python -m pip install --quiet --editable '.[test]'
	touch $@

clean:
	rm -rf $(VENV) build dist src/refrace/*.so src/*.egg-info

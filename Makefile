# Everything that is done by hand has one target here.  Only PYTHON is meant to be set.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

EXTENSIONS := $(patsubst src/refrace/_native/%.pyx,refrace._native.%, \
	$(wildcard src/refrace/_native/*.pyx))

.PHONY: demo test bench lint types format gallery modes costs clean \
	sanitizers sanitize-c sanitize-address sanitize-thread sdist other-pythons

demo: $(VENV)/.ready
	$(BIN)/refrace demo

# Each file of tests on one of the cores; what measures has them all to itself, after that.
test: $(VENV)/.ready
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile -m "not measures"
	$(BIN)/python -m pytest -m measures

bench: $(VENV)/.ready
	$(BIN)/python benchmarks/native.py

lint: $(VENV)/.tools
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	PATH="$(CURDIR)/$(BIN):$$PATH" cython-lint src
	$(BIN)/codespell
	$(MAKE) --no-print-directory -C cext lint

# Stubs are written by hand, so they are held against the modules as built.
types: $(VENV)/.tools
	$(BIN)/mypy
	$(BIN)/python -m mypy.stubtest --ignore-disjoint-bases --ignore-unused-allowlist \
	    --allowlist tests/meta/stubtest-allowlist.txt $(EXTENSIONS)

# The pages of docs/gallery and docs/learn.md, from the package's data.
gallery: $(VENV)/.ready
	$(BIN)/python docs/make_gallery.py

# docs/modes.md, with what is proved of every mode as built now, and the same as a record
# in the package; some seconds a mode.
modes: $(VENV)/.ready
	$(BIN)/python docs/make_modes.py

# What every mode costs here, as a record in the package and the README's table; two
# idle cores are needed.
costs: $(VENV)/.ready
	$(BIN)/python docs/make_costs.py

format: $(VENV)/.tools
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

sanitizers: sanitize-c sanitize-address sanitize-thread

sanitize-c:
	$(MAKE) -C cext test SANITIZE=address,undefined
	$(MAKE) -C cext test SANITIZE=thread

# Tests that run no C of ours, or other programs than this Python, or thousands of
# programs through C that tests/explorer/model covers, have no place here;
# under ThreadSanitizer neither have those that start no thread.
sanitize-address: $(VENV)/.ready
	.ci/pytest-sanitized address,undefined -q --ignore tests/native/test_c.py \
	    $(addprefix --ignore tests/,reference meta examples programs gallery display \
	    explorer/prove strategies docs)

sanitize-thread: $(VENV)/.ready
	.ci/pytest-sanitized thread -q --ignore-glob 'tests/lessons/test_explain*' \
	    $(addprefix --ignore tests/,native/test_c.py native/test_interpreters.py \
	    races/test_forks.py) $(addprefix tests/,native races lessons)

sdist: $(VENV)/.tools
	.ci/wheel-from-sdist

other-pythons: $(VENV)/.ready
	.ci/other-pythons

# The editable install builds the extensions in place; it is redone when their sources
# or the metadata change.
SOURCES := pyproject.toml setup.py $(shell find cext src/refrace -path cext/tests -prune \
	-o \( -name '*.[ch]' -o -name '*.def' -o -name '*.pyx' -o -name '*.px[di]' \) -print)

$(VENV)/.ready: $(SOURCES)
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and \
	    "refrace needs CPython 3.11 or newer; try make PYTHON=python3.12")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip "setuptools>=77" wheel
	$(BIN)/python -m pip install --quiet --editable '.[test]'
	touch $@

# Versions are pinned in pyproject.toml, group dev.
$(VENV)/.tools: pyproject.toml | $(VENV)/.ready
	$(BIN)/python -m pip install --quiet --group dev
	touch $@

clean:
	rm -rf $(VENV) build dist src/refrace/_native/*.so src/*.egg-info

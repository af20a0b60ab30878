# Everything that is done by hand has one target here.  Only PYTHON, and SHARE of `soak`,
# are meant to be set.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

# The tests start a thousand interpreters, and each would compile the package again.
unexport PYTHONDONTWRITEBYTECODE

EXTENSIONS := $(subst /,.,$(patsubst src/%.pyx,%,$(shell find src -name '*.pyx')))

.PHONY: demo test soak attack browser build-systems bench lint types format format-c gallery notebooks pictures modes orders costs docs clean \
	sanitizers sanitize-c sanitize-address sanitize-thread sdist wheels other-pythons

demo: $(VENV)/.ready
	$(BIN)/refrace demo

# Workers take tests from each other when they run out of their own; tests that measure
# run afterwards, one at a time.
PYTEST := $(BIN)/python -m pytest
PARALLEL := -n auto --maxprocesses 4 --dist worksteal

test: $(VENV)/.tests
	$(PYTEST) $(PARALLEL) -m "not measures and not soak"
	$(PYTEST) -m "measures and not soak" $$(grep -rlF --include='*.py' mark.measures tests)

# Long searches, which `make test` leaves out, and the properties with four times as many
# examples, unless they set their own number.  With SHARE=N, about one in N of both.
SOAK := $(PYTEST) $(PARALLEL) --durations 20 $(if $(SHARE),--share $(SHARE))
soak: $(VENV)/.tests
	$(SOAK) -m "soak and not attack"
	$(SOAK) --hypothesis-profile thorough -m "hypothesis and not soak"

# Signals at random moments of every verb and every command, and their figures.  Luck
# decides what they hit, so CI leaves them out.
attack: $(VENV)/.tests
	$(PYTEST) -m "soak and attack" -s

# The stepper in a real page: needs Chrome or Chromium, which the tests look for.
browser: $(VENV)/.tests
	$(PIP) --group browser
	$(PYTEST) tests/explorer/test_stepper_page.py

# An extension of each build system besides setuptools, built with hooks.
build-systems: $(VENV)/.tests
	$(PIP) --group build-systems
	$(PYTEST) -q tests/hunting/instrument/test_build_instrumented.py -k meson_and_cmake

bench: $(VENV)/.ready
	$(BIN)/python benchmarks/native.py

lint: $(VENV)/.tools
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	PATH="$(CURDIR)/$(BIN):$$PATH" cython-lint src
	$(BIN)/codespell
	$(MAKE) --no-print-directory -C cext lint PYTHON_INCLUDE="$$($(BIN)/python -c \
	    'import sysconfig; print(sysconfig.get_path("include"))')"

# Stubs are written by hand, so they are held against the modules as built.
types: $(VENV)/.tools
	$(BIN)/mypy
	$(BIN)/python -m mypy.stubtest --ignore-disjoint-bases --ignore-unused-allowlist \
	    --allowlist tests/meta/stubtest-allowlist.txt $(EXTENSIONS)

# The site: every page of docs/, with its cells and its programs run now.  It needs no
# server: open build/docs/index.html.
docs: $(VENV)/.docs
	rm -rf build/docs
	$(BIN)/python -m sphinx -q -E -W --keep-going -b html docs build/docs

# The pages of docs/gallery and docs/learn.md, from the package's data.
gallery: $(VENV)/.ready
	$(BIN)/python docs/make_gallery.py

# The notebooks, with the outputs of a run on this machine.
notebooks: $(VENV)/.tests
	$(BIN)/python docs/run_notebooks.py

# The picture of the README, and the trace of native code there and in docs/how-to.
pictures: $(VENV)/.ready
	$(BIN)/python docs/make_pictures.py
	$(BIN)/python docs/make_native_trace.py

# docs/modes.md, with what is proved of every mode as built now, sequentially consistent
# and under C11, and the same as a record in the package; some seconds a mode in each;
# ten minutes of processor time in all, on all processors.
modes: $(VENV)/.ready
	$(BIN)/python docs/make_modes.py

# Which memory orders of each correct mode are needed, as a record in the package, and
# docs/orders.md with the annotated C source; some seconds a mode.
orders: $(VENV)/.ready
	$(BIN)/python docs/make_orders.py

# What every mode costs here, as a record in the package and a table of docs/modes.md; two
# idle cores are needed.
costs: $(VENV)/.ready
	$(BIN)/python docs/make_costs.py

format: $(VENV)/.tools
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Only the C files that you name: make format-c FILES="cext/base/rr_clock.c".
FILES ?= $(error name the files: make format-c FILES="cext/base/rr_clock.c")
format-c:
	clang-format -i $(FILES)

sanitizers: sanitize-c sanitize-address sanitize-thread

sanitize-c:
	$(MAKE) -C cext test SANITIZE=address,undefined
	$(MAKE) -C cext test SANITIZE=thread

# Tests that run no C of ours, or other programs than this Python, or thousands of
# programs through C that tests/explorer/model covers, or commands of verbs that have
# tests of their own, or bugs on purpose, have no place here; under ThreadSanitizer
# neither have those that start no thread.
sanitize-address: $(VENV)/.tests
	.ci/pytest-sanitized address,undefined -q \
	    $(addprefix --ignore tests/,reference meta examples programs gallery display \
	    explorer/prove strategies docs extensions hunting mode_files notebook \
	    pytest_plugin traces cli \
	    native/test_c.py native/test_planted.py)

# The sanitizer slows threads down so much that it decides which of them meet.
sanitize-thread: $(VENV)/.tests
	.ci/pytest-sanitized thread -q --ignore-glob 'tests/lessons/test_explain*' \
	    --deselect tests/races/test_widened.py::test_every_buggy_program_of_the_gallery_goes_wrong_within_300_widened_rounds \
	    $(addprefix --ignore tests/,native/test_c.py native/test_interpreters.py \
	    native/test_planted.py races/test_forks.py) $(addprefix tests/,native races lessons)

sdist: $(VENV)/.tools
	.ci/wheel-from-sdist

# What cibuildwheel builds is set in pyproject.toml; it needs docker.
wheels: $(VENV)/.ready
	$(PIP) --upgrade pip
	$(PIP) --group wheels
	$(BIN)/cibuildwheel --output-dir dist

# All that are found, or those in VERSIONS: make other-pythons VERSIONS="3.12 3.14t".
other-pythons: $(VENV)/.tests
	.ci/other-pythons $(VERSIONS)

# The editable install builds the extensions in place; it is redone when their sources
# or the metadata change.  It needs nothing that only tests or tools need.
SOURCES := pyproject.toml setup.py $(shell find cext src/refrace -path cext/tests -prune \
	-o \( -name '*.[ch]' -o -name '*.def' -o -name '*.pyx' -o -name '*.px[di]' \
	-o -name list-modes \) -print)
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet install
BUILD_REQUIRES = import tomllib; \
	print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], sep="\n")

$(VENV)/.ready: $(SOURCES)
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and \
	    "refrace needs CPython 3.11 or newer; try make PYTHON=python3.12")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -c '$(BUILD_REQUIRES)' >$(VENV)/build-requires.txt
	$(PIP) --no-compile --requirement $(VENV)/build-requires.txt
	$(PIP) --no-compile --no-build-isolation --editable ".[hunt]"
	touch $@

# pip knows dependency groups since 25.1; one call installs such a pip and a group, which
# it reads from a file.
TEST_REQUIRES = import tomllib; \
	print(*tomllib.load(open("pyproject.toml", "rb"))["dependency-groups"]["test"], sep="\n")

$(VENV)/.tests: pyproject.toml | $(VENV)/.ready
	$(BIN)/python -c '$(TEST_REQUIRES)' >$(VENV)/test-requires.txt
	$(PIP) --no-compile "pip>=25.1" --requirement $(VENV)/test-requires.txt
	touch $@

# Versions are pinned in pyproject.toml, group dev.
$(VENV)/.tools: pyproject.toml | $(VENV)/.tests
	$(PIP) --group dev
	touch $@

$(VENV)/.docs: pyproject.toml | $(VENV)/.tests
	$(PIP) --group docs
	touch $@

clean:
	rm -rf $(VENV) build dist docs/notebooks src/refrace/_native/*.so src/*.egg-info
